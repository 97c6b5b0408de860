"""Memory as a slice or another library may hand it over."""

import numpy as np
from numpy.typing import NDArray


def misaligned(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a copy that begins 4 bytes past a multiple of 64, where no vector of two numbers does."""
    room = np.empty(array.nbytes + 128, np.uint8)
    start = -room.ctypes.data % 64 + 4
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
