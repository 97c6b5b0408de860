"""Seeds of the pictures that a family of families makes its own of."""

import numpy as np

from patterngen.kernels.jit import kernel
from patterngen.rng import State, bits, stream


@kernel
def part_seed(s: State, seed: np.uint64, place: int, grouped: bool) -> np.uint64:
    """Draw the seed of a picture's part, 63 bits.

    Args:
        s: the picture's stream.
        seed: the picture's own.
        place: of the part among the picture's, 0 … 63.
        grouped: whether the part's family has a `seed_group`. A group shares the upper half of its seeds: so
            do, place by place, the parts of its pictures.
    """
    drawn = bits(s) >> np.uint64(1)
    if grouped:
        upper = bits(stream((seed >> np.uint64(32)) * np.uint64(64) + np.uint64(place)))
        drawn = (upper >> np.uint64(33) << np.uint64(32)) | (drawn & np.uint64(0xFFFFFFFF))
    return drawn
