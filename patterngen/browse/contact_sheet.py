"""Contact sheets: pictures in rows, each with a caption."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from patterngen.errors import PatternGenError
from patterngen.escape import visible

MAX_SHEET_PIXELS = 1 << 27
"""A larger sheet is refused before it is allocated."""

_INK, _GRAY, _PAPER = (20, 20, 20), (110, 110, 110), (255, 255, 255)
_GAP, _MARGIN = 8, 16


@dataclass(frozen=True)
class SheetRow:
    """One row of a contact sheet.

    Attributes:
        title: written once, above the row.
        pixels: uint8 [N, H, W, 3].
        captions: N lines, one under each picture.
    """

    title: str
    pixels: NDArray[np.uint8]
    captions: Sequence[str]


def contact_sheet(rows: Sequence[SheetRow], *, columns: int = 8) -> Image.Image:
    """Lay out pictures with a title over each row and a caption under each picture.

    Args:
        rows: the pictures; a row of more than `columns` pictures goes on below itself.
        columns: pictures side by side.

    Returns:
        An RGB image.

    Raises:
        PatternGenError: there is nothing to show, or the sheet would have more than `MAX_SHEET_PIXELS`.
    """
    rows = [row for row in rows if len(row.pixels)]
    if not rows:
        raise PatternGenError("a contact sheet needs at least one picture")
    cell_height, cell = (max(row.pixels.shape[axis] for row in rows) for axis in (1, 2))
    # Captions of small pictures shrink with them, down to what can still be read.
    caption_font = ImageFont.load_default(size=max(9, min(13, cell // 9)))
    title_font = ImageFont.load_default(size=18)
    caption_height, title_height = _height(caption_font) + 6, _height(title_font) + 12
    longest = max(len(row.pixels) for row in rows)
    wide = -(-longest // -(-longest // columns))  # as few lines as `columns` allows, equally long
    lines = [-(-len(row.pixels) // wide) for row in rows]
    line_height = cell_height + caption_height + _GAP
    width = 2 * _MARGIN + wide * (cell + _GAP) - _GAP
    height = 2 * _MARGIN + sum(title_height + n * line_height for n in lines)
    if width * height > MAX_SHEET_PIXELS:
        raise PatternGenError(
            f"a sheet of {width} × {height} pixels is too large: show fewer or smaller pictures"
        )

    sheet = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    top = _MARGIN
    for row, n in zip(rows, lines, strict=True):
        pen.text((_MARGIN, top), visible(row.title), fill=_INK, font=title_font)
        top += title_height
        for i, (picture, caption) in enumerate(zip(row.pixels, row.captions, strict=True)):
            x, y = _MARGIN + (i % wide) * (cell + _GAP), top + (i // wide) * line_height
            sheet.paste(Image.fromarray(picture), (x, y))
            below = (x + cell / 2, y + cell_height + 3)
            pen.text(below, visible(caption), fill=_GRAY, font=caption_font, anchor="ma")
        top += n * line_height
    return sheet


def _height(font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> int:
    _, top, _, bottom = font.getbbox("Ag")
    return round(bottom - top)
