"""Which pixels are still open, a bit each: whole rows are tested and claimed by the word."""

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.intrinsics import count_ones, mark_eight
from patterngen.kernels.jit import kernel

GROUP = 8
"""Rows that are summed up in one, so that most tests look at an eighth of the rows."""
_ALL = ~np.uint64(0)
_LOW = np.uint64(0xFF)


@kernel
def all_open(height: int, width: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the open pixels of an empty picture, uint64 [rows, words], and the same by groups of rows."""
    words = (width + 63) // 64
    return np.full((height, words), _ALL), np.full(((height + GROUP - 1) // GROUP, words), _ALL)


@kernel
def span(word: int, begin: int, end: int) -> np.uint64:
    """Return the bits of 64-pixel word number `word` that lie in columns begin … end − 1."""
    mask = _ALL
    if begin > 64 * word:
        mask <<= np.uint64(begin - 64 * word)
    if end < 64 * word + 64:
        mask &= _ALL >> np.uint64(64 * word + 64 - end)
    return mask


@kernel
def first_open(groups: NDArray[np.uint64], top: int, bottom: int, begin: int, end: int) -> int:
    """Return from which of the rows top … bottom − 1 on pixels in columns begin … end − 1 may be open.

    It is `bottom` if none is.
    """
    for group in range(top // GROUP, (bottom + GROUP - 1) // GROUP):
        for word in range(begin >> 6, (end + 63) >> 6):
            if groups[group, word] & span(word, begin, end):
                return max(top, group * GROUP)
    return bottom


@kernel
def claim(
    rows: NDArray[np.uint64], row: int, begin: int, end: int, owners: NDArray[np.int32], owner: int
) -> int:
    """Close the open pixels in columns begin … end − 1 of a row and note their owner; return how many.

    Args:
        rows: see `all_open`.
        row: number of the row.
        begin: first column.
        end: one more than the last column.
        owners: flat, a row after another, each padded to a multiple of 8 columns.
        owner: what to note.
    """
    width = len(owners) // len(rows)
    claimed = 0
    for word in range(begin >> 6, (end + 63) >> 6):
        found = rows[row, word] & span(word, begin, end)
        rows[row, word] ^= found
        claimed += int(count_ones(found))
        at = row * width + 64 * word
        while found:
            if found & _LOW:
                mark_eight(owners, at, found, np.int32(owner))
            found >>= np.uint64(8)
            at += 8
    return claimed


@kernel
def regroup(rows: NDArray[np.uint64], groups: NDArray[np.uint64], top: int, bottom: int) -> None:
    """Bring the groups up to date after pixels of rows top … bottom − 1 were closed."""
    for group in range(top // GROUP, (bottom + GROUP - 1) // GROUP):
        for word in range(rows.shape[1]):
            together = np.uint64(0)
            for row in range(group * GROUP, min((group + 1) * GROUP, len(rows))):
                together |= rows[row, word]
            groups[group, word] = together
