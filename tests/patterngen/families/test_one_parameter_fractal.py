"""One fractal and its slight variations."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.families import family
from patterngen.families.one_parameter_fractal import base_system, perturbed
from patterngen.rng import stream


@given(st.integers(0, 2**31 - 1), st.floats(2.6, 4.4))
def test_the_fractal_has_two_contractive_maps_and_the_asked_sigma_factor(seed, factor):
    system = base_system(seed, factor)
    assert system.shape == (2, 6)
    singular = np.linalg.svd(system[:, :4].reshape(2, 2, 2), compute_uv=False)
    assert singular.max() <= 1 + 1e-9
    assert (singular[:, 0] + 2 * singular[:, 1]).sum() == pytest.approx(factor, abs=0.1 + 1e-6)


@given(st.integers(0, 2**63 - 1), st.floats(0, 0.5))
def test_every_number_varies_within_delta(seed, delta):
    system = base_system(1, 3.5)
    ratio = perturbed(stream(np.uint64(seed)), system, delta) / system
    assert np.abs(ratio - 1).max() <= delta * (1 + 1e-9) + 1e-12
    assert delta < 1e-6 or len(np.unique(ratio)) == 12


def test_a_class_is_one_picture():
    pictures = family("one-parameter-fractal?classes=5&points=2000").draw(range(60), 32)
    seen = {}
    for variation, picture in zip(pictures.class_id, pictures.pixels, strict=True):
        seen.setdefault(int(variation), set()).add(picture.tobytes())
    assert set(seen) == set(range(5))
    assert all(len(each) == 1 for each in seen.values())
    assert len(set.union(*seen.values())) == 5


def test_variations_grow_with_delta():
    def unlike(delta):
        drawer = family(f"one-parameter-fractal?classes=40&stamp=point&points=50000&delta={delta}")
        pictures = drawer.draw(range(100), 64)
        shapes = {c: p[..., 0] > 0 for c, p in zip(pictures.class_id.tolist(), pictures.pixels, strict=True)}
        masks = np.array(list(shapes.values()))
        # Pixels that two variations share, of those that either has.
        shared = [(a & b).sum() / (a | b).sum() for a, b in pairwise(masks)]
        return 1 - np.mean(shared)

    assert unlike(0) < unlike(0.02) < unlike(0.1) < unlike(0.3)


def test_another_seed_is_another_fractal():
    one, other = (family(f"one-parameter-fractal?system_seed={seed}").draw([1], 64) for seed in (1, 2))
    assert np.array_equal(one.class_id, other.class_id)
    assert not np.array_equal(one.pixels, other.pixels)
    assert family("one-parameter-fractal").num_classes == 1000
