"""Sizes of pictures as users write them, 128 or 80x208 (height x width), and the height of a piano roll."""

from patterngen.errors import PatternGenError
from patterngen.limits import MAX_SIZE, check_range

Size = int | str | tuple[int, int]
"""Pixels: the side of a square, or height and width, as (80, 208) or ``"80x208"``."""

CUT_FROM = "cut_from"
"""Param of a picture that is the middle of a square: the square's side in pixels."""

PITCHES = 96
"""Semitones of a piano roll, C1 to B8: notes 24 to 119 of MIDI."""


def parse_pair(
    size: Size, name: str = "size", advice: str = "give pixels as 128 (a square) or 80x208 (height x width)"
) -> tuple[int, int]:
    """Read ``128`` as twice the same number, and ``80x208`` as two.

    Args:
        size: the text, one number, or two already.
        name: of the setting, for the error.
        advice: what the error says to do.

    Raises:
        PatternGenError: anything else, or a number below 1.

    Examples:
        >>> from patterngen.sizes import parse_pair
        >>> parse_pair(128), parse_pair("80x208"), parse_pair((80, 208))
        ((128, 128), (80, 208), (80, 208))
    """
    text = spelled(size)
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) > 2 or not all(map(_is_count, parts)):
        raise PatternGenError(f"{name} = {text}: {advice}")
    return int(parts[0]), int(parts[-1])


def picture_shape(size: Size, name: str = "size") -> tuple[int, int]:
    """Return the height and width of pictures that can be drawn.

    Raises:
        PatternGenError: as `parse_pair`, or a side of more than `MAX_SIZE` pixels.
    """
    shape = parse_pair(size, name)
    for side in shape:
        check_range(name, side, 1, MAX_SIZE)
    return shape


def normal(size: Size, name: str = "size") -> int | str:
    """Write a size in its one normal form: 128 for a square, else ``"80x208"``; raises as `picture_shape`."""
    height, width = picture_shape(size, name)
    return height if height == width else f"{height}x{width}"


def spelled(size: Size) -> str:
    """Write a size as a user may, whether or not it is one."""
    if not isinstance(size, tuple):
        return str(size)
    return str(size[0]) if len(set(size)) == 1 == len(size) - 1 else "x".join(map(str, size))


def shown(height: int, width: int) -> str:
    """Write a shape for people: ``128²`` or ``80 × 208``."""
    return f"{height}²" if height == width else f"{height} × {width}"


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
