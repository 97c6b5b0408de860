"""Textures that many pictures share: drawn when first needed, kept while they are in use."""

from collections import OrderedDict
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from patterngen.families.statistical import StatSpectrumColorWmm

LARGEST = 256
"""Pixels across a texture at most. Textures tile without a seam, so larger pictures repeat them."""
SEED = 0x7E87_0000_0000_0000
"""The seed of texture 0; that of texture k is k more. Far from the seeds that people type."""
_BUDGET = 256 << 20


class TextureBank:
    """A numbered set of `stat-spectrum-color-wmm` pictures of one size.

    Args:
        count: how many textures.
        size: pixels along the longer side of the pictures to be filled; beyond 256, textures are of 256.
    """

    def __init__(self, count: int, size: int) -> None:
        across = min(size, LARGEST)
        # Untouched pages of `empty` take no memory: a texture costs its bytes only once it is drawn.
        self.pixels: NDArray[np.uint8] = np.empty((count, across, across, 3), np.uint8)
        self._drawn = np.zeros(count, bool)
        self._lock = Lock()

    def draw(self, numbers: NDArray[np.int64]) -> None:
        """Make sure that the textures of these numbers are in `pixels`."""
        with self._lock:
            missing = np.unique(numbers[~self._drawn[numbers]])
            if len(missing):
                seeds = [SEED + int(number) for number in missing]
                self.pixels[missing] = StatSpectrumColorWmm().draw(seeds, self.pixels.shape[1]).pixels
                self._drawn[missing] = True


_banks: OrderedDict[tuple[int, int], TextureBank] = OrderedDict()
_banks_lock = Lock()


def texture_bank(count: int, size: int) -> TextureBank:
    """Return this process's bank for pictures of a size; it is kept until others take its room.

    Banks of 256 MiB together stay, the one last asked for among them.
    """
    key = count, min(size, LARGEST)
    with _banks_lock:
        bank = _banks.pop(key, None) or TextureBank(*key)
        _banks[key] = bank
        while len(_banks) > 1 and sum(b.pixels.nbytes for b in _banks.values()) > _BUDGET:
            _banks.popitem(last=False)
    return bank
