import numpy as np
import pytest
from PIL import Image

from patterngen.commands.preview import PreviewConfig, preview
from patterngen.errors import PatternGenError
from patterngen.families import family
from tests.patterngen.browse.test_contact_sheet import contains


def test_preview_shows_the_pictures_of_consecutive_seeds(tmp_path):
    path = tmp_path / "sheet.png"
    result = preview(PreviewConfig(family=("perlin", "fbm"), out=str(path), count=3, size=32, seed=5))
    assert result.families == ("perlin", "fbm")
    sheet = np.asarray(Image.open(path))
    for name in result.families:
        assert all(contains(sheet, picture) for picture in family(name).draw([5, 6, 7], 32).pixels)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"size": 0}, "size = 0"),
        ({"count": 0}, "count 0"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**63 - 1}, "seed"),
        ({"out": "sheet.jpg"}, "sheet.jpg"),
        ({"out": "nowhere/sheet.png"}, "no folder nowhere"),
    ],
)
def test_a_preview_that_cannot_be_drawn(settings, said):
    with pytest.raises(PatternGenError, match=said):
        PreviewConfig(**{"family": ("perlin",), "out": "sheet.png", **settings})
