"""How large things may be that are drawn, stored or read, and how a number beyond is refused."""

from patterngen.errors import PatternGenError

MAX_SIZE = 1 << 14
"""Pixels across the largest picture; beyond it one batch no longer fits a small machine."""
MAX_PIXELS = MAX_SIZE**2
"""Pixels of the largest picture that is decoded: a header of a few bytes must not claim gigabytes."""
MAX_PICTURE_BYTES = 1 << 28
"""Bytes of the largest encoded picture that is read; a manifest may come from a stranger."""
MAX_SEED = 2**63 - 1
"""The largest seed: a manifest holds seeds as int64."""
MAX_COUNT = 10**9
"""Pictures of the largest dataset."""
MAX_SHARDS = 10**6
"""Shards of the largest dataset: as many as its names have digits for."""
MAX_SHEET = 4096
"""Pictures of a family on a contact sheet."""
MAX_PAGE = 5_000
"""Pictures that a browser shows on one page without effort."""
MAX_FRAMES = 600
"""Frames that lead to the picture of a shader program that reads its own last one."""
MAX_NEW_SHADERS = 1_000_000
"""Shader programs that are written by one command."""


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside low … high, both included.

    Raises:
        PatternGenError: it lies outside; the message names the setting, the value and the range.
    """
    if not low <= value <= high:
        raise PatternGenError(f"{name} {value}: give a number from {low} to {high}")
