"""Which family draws a picture of a dataset, and from which seed: both follow from its number alone."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from patterngen.dataset.format_version import FIRST

if TYPE_CHECKING:
    from patterngen.jobs.spec import DatasetSpec

SEED_BITS = {1: 63, 2: 53}
"""Bits of a picture's seed, by the version of the format."""
LOWER_BITS = 32
"""Lower bits of a seed: the only ones in which the seeds of a group differ."""


def group_seed(master: int, group: int, format_version: int) -> int:
    """Return the upper bits, above `LOWER_BITS`, that the seeds of one group share."""
    sequence = partial(np.random.SeedSequence, master)
    if format_version == FIRST:
        return int(sequence(spawn_key=(group, 0)).generate_state(1, np.uint32)[0]) >> 1
    # 21 bits drawn for each group would be drawn twice after some 2000 of them; steps of an odd number come
    # back only when all 2²¹ have been there.
    start, step = map(int, sequence(spawn_key=(0, 0)).generate_state(2, np.uint32))
    return (start + group * (step | 1)) % (1 << SEED_BITS[format_version] - LOWER_BITS)


def image_draw(master: int, index: int, format_version: int) -> tuple[int, float]:
    """Return a picture's seed and a number from U[0, 1) that chooses its family.

    Both follow from the job's seed and the picture's index alone. The seed is of `SEED_BITS`; a family
    that has a `seed_group` gets it with the upper bits of `group_seed`.
    """
    state = np.random.SeedSequence(master, spawn_key=(index,)).generate_state(2, np.uint64)
    return int(state[0]) >> 64 - SEED_BITS[format_version], (int(state[1]) >> 11) / (1 << 53)


def portion_and_seed(spec: "DatasetSpec", index: int) -> tuple[int, int]:
    """Return which portion of a dataset's mixture draws a picture, and from which seed."""
    seed, u = image_draw(spec.seed, index, spec.version)
    choice = spec.mixture.pick(u)
    portion = spec.mixture.portions[choice]
    if portion.family.seed_group > 1:
        # A family with a part of the pictures has its groups spread over as many more of them.
        group = int(index * portion.share) // portion.family.seed_group
        seed = group_seed(spec.seed, group, spec.version) << LOWER_BITS | seed % (1 << LOWER_BITS)
    return choice, seed
