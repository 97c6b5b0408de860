import numpy as np
import pytest

from patterngen.browse.contact_sheet import SheetRow, contact_sheet
from patterngen.errors import PatternGenError


def row(n, size, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), np.uint8)
    return SheetRow(f"row {seed}", pixels, [f"{i}: tv 0.123" for i in range(n)])


def contains(sheet, picture):
    """Whether the picture's pixels stand somewhere on the sheet, unscaled."""
    H, W, _ = picture.shape
    starts = np.argwhere((sheet[: -H or None, : -W or None] == picture[0, 0]).all(-1))
    return any((sheet[y : y + H, x : x + W] == picture).all() for y, x in starts)


@pytest.mark.parametrize("counts", [[1], [16], [3, 5], [17, 2]])
def test_every_picture_stands_on_the_sheet_unchanged(counts):
    rows = [row(n, 24, seed) for seed, n in enumerate(counts)]
    sheet = np.asarray(contact_sheet(rows, columns=8))
    assert all(contains(sheet, picture) for r in rows for picture in r.pixels)


def test_titles_and_captions_are_written():
    plain = SheetRow("", np.full((2, 32, 32, 3), 255, np.uint8), ["", ""])
    written = SheetRow("name", plain.pixels, ["1: tv 0.5", "2: tv 0.6"])
    assert np.asarray(contact_sheet([plain])).min() == 255
    assert np.asarray(contact_sheet([written])).min() < 60


def test_a_sheet_of_nothing_or_too_much_is_refused():
    with pytest.raises(PatternGenError, match="at least one picture"):
        contact_sheet([])
    huge = np.broadcast_to(np.uint8(0), (1, 12000, 12000, 3))
    with pytest.raises(PatternGenError, match="too large"):
        contact_sheet([SheetRow("huge", huge, [""])])
