"""Arrays to the bytes of a ``.npy`` file and back; read without trust, as they may come from a stranger.

Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays".
"""

import io
import math
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from patterngen.errors import PatternGenError


def npy_bytes(array: NDArray[Any]) -> bytes:
    """Write an array as ``np.save`` does, format 1.0: equal arrays have equal bytes on every machine."""
    buffer = io.BytesIO()
    npy.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def read_npy(data: bytes, name: str) -> NDArray[Any]:
    """Read an array of numbers; nothing is unpickled, and no memory is taken but for what is there.

    Args:
        data: the bytes of the file.
        name: of the file, for messages.

    Raises:
        PatternGenError: they are no such array.
    """
    buffer = io.BytesIO(data)
    try:
        if npy.read_magic(buffer) != (1, 0):
            raise ValueError("its format is not 1.0")
        shape, fortran, kind = npy.read_array_header_1_0(buffer)
        rest = data[buffer.tell() :]
        if kind.hasobject or fortran or math.prod(shape) * kind.itemsize != len(rest):
            raise ValueError(f"{kind} {shape} are not {len(rest)} bytes")
        return np.frombuffer(rest, kind).reshape(shape).copy()
    except (ValueError, TypeError, OverflowError, MemoryError, RecursionError) as error:
        raise PatternGenError(f"{name} is no array of numbers ({error})") from None
