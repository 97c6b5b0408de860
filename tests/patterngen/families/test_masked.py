import numpy as np
import pytest

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.families.masked import cut_regions


@pytest.mark.parametrize("count", [2, 3, 4])
def test_regions_are_those_of_the_colours(count):
    """Stripes of colours far apart, with noise: each stripe is a region."""
    rng = np.random.default_rng(count)
    stripes = np.arange(96) * count // 96
    colours = rng.permutation([[20, 30, 40], [220, 40, 60], [50, 210, 220], [230, 230, 30]])[:count]
    picture = (colours[stripes][None] + rng.normal(0, 8, (60, 96, 3))).clip(0, 255).astype(np.uint8)
    regions = cut_regions(7, picture, count)
    names = [set(regions[:, stripes == k].ravel()) for k in range(count)]
    assert all(len(name) == 1 for name in names)
    assert len(set.union(*names)) == count


def test_specks_are_outvoted_by_their_neighbours():
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, 20:] = 255
    picture[10, 5], picture[30, 33] = 255, 0
    regions = cut_regions(0, picture, 2)
    assert np.array_equal(regions, np.repeat([regions[0, :1], regions[0, -1:]], 20)[None].repeat(40, 0))


def test_a_region_is_a_part_of_the_picture_that_fills_it():
    cut, fill = family("dead-leaves-mixed"), family("fbm")
    pictures = family("masked:dead-leaves-mixed,fbm").draw(range(8), (40, 56))
    for seed, picture, params in zip(range(8), pictures.pixels, pictures.params, strict=True):
        count = params["regions"]
        assert 2 <= count <= 4
        regions = cut_regions(seed, cut.draw([seed], (40, 56)).pixels[0], count)
        fills = fill.draw([params[f"seed_{k}"] for k in range(count)], (40, 56)).pixels
        for k in range(count):
            assert np.array_equal(picture[regions == k], fills[k][regions == k])


def test_its_class_is_that_of_what_was_cut():
    masked, cut = family("masked:ofdb,perlin"), family("ofdb")
    assert masked.num_classes == cut.num_classes
    assert np.array_equal(masked.draw(range(5), 16).class_id, cut.draw(range(5), 16).class_id)


@pytest.mark.parametrize("parts", ["perlin", "perlin,fbm,worley"])
def test_it_takes_two_families(parts):
    with pytest.raises(PatternGenError, match=f"^masked:{parts}: give two families"):
        family(f"masked:{parts}")
