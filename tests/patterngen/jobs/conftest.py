"""A family that fails when a test wants it to."""

import dataclasses

import numpy as np
import pytest

from patterngen import families
from patterngen.families import Family, Pictures, register
from patterngen.jobs.mixture import mixture


@pytest.fixture
def faulty(monkeypatch):
    """A family that raises what the test puts into it."""
    monkeypatch.setattr(families._registry, "_classes", families.known_families())
    mixture.cache_clear()

    @register
    @dataclasses.dataclass(frozen=True)
    class Faulty(Family):
        """Gray pictures, or trouble."""

        name = "faulty"
        version = 1
        source = "this test"
        num_classes = 5
        trouble = None

        def draw_square(self, seeds, size):
            if Faulty.trouble:
                raise Faulty.trouble
            pixels = np.stack([np.full((size, size, 3), seed % 256, np.uint8) for seed in seeds])
            return Pictures(
                pixels, [{"gray": seed % 256} for seed in seeds], np.array([s % 5 for s in seeds])
            )

    return Faulty
