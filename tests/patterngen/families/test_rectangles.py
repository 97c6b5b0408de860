"""Pictures that are higher than wide, or wider than high."""

import numpy as np
import pytest

from patterngen import Family, PatternGenError, Pictures, family, known_families, total_variation
from tests.patterngen.families.strategies import ready

SHAPES = ((40, 101), (101, 33), (101, 1))
CPU = [name for name, cls in known_families().items() if cls.repeats == "everywhere"]


@pytest.mark.parametrize("name", CPU)
def test_a_rectangle_depends_on_its_seed_alone_and_says_if_it_was_cut(name):
    drawer = ready(name)
    for shape in ((16, 41), (41, 16), (1, 7)):
        pictures = drawer.draw([3, 4], shape)
        assert pictures.pixels.shape == (2, *shape, 3)
        assert np.array_equal(drawer.draw([4], shape).pixels[0], pictures.pixels[1])
        cut = [params.get("cut_from") for params in pictures.params]
        assert cut == [None if drawer.draws_rectangles or name in ("mixup", "smooth") else max(shape)] * 2


@pytest.mark.parametrize("text", ["perlin", "fbm", "fbm?warp=0.3", "simplex", "worley"])
def test_a_rectangle_of_noise_is_the_middle_of_a_square(text):
    noise = family(text)
    square = noise.field(range(4), 101)
    for height, width in SHAPES:
        top, left = (101 - height) // 2, (101 - width) // 2
        middle = square[:, top : top + height, left : left + width]
        assert np.abs(noise.field(range(4), (height, width)) - middle).max() < 1e-4 * np.abs(middle).max()


@pytest.mark.parametrize("name", ["shaders", "shader-grammar", "mandelbulb"])
def test_a_rectangle_of_a_program_is_the_middle_of_a_square(name):
    pytest.importorskip("moderngl")
    drawer = family(name)
    for height, width in ((20, 48), (48, 20)):
        square, wide = (drawer.draw([3, 4], size).pixels for size in (48, (height, width)))
        top, left = (48 - height) // 2, (48 - width) // 2
        assert np.array_equal(wide, square[:, top : top + height, left : left + width])


def test_a_rectangle_of_terrain_is_the_corner_of_a_square():
    terrain = family("diamond-square")
    square = terrain.field(range(4), 101)
    for height, width in SHAPES:
        assert np.array_equal(terrain.field(range(4), (height, width)), square[:, :height, :width])


@pytest.mark.parametrize("name", ["fractaldb", "ofdb", "visual-atom", "fractal-color"])
def test_a_family_of_squares_gives_their_middles(name):
    drawer = ready(name)
    square, wide = drawer.draw([5], 48), drawer.draw([5], (20, 48))
    assert np.array_equal(wide.pixels, square.pixels[:, 14:34])
    assert wide.params == [{**square.params[0], "cut_from": 48}]


def test_reaction_and_diffusion_is_as_coarse_along_both_sides():
    """Features are as wide as they are high: the spectra along rows and columns have one mean frequency."""
    levels = family("reaction-diffusion?regime=kappa&lattice=96").field(range(6), (64, 192))
    steps = [np.abs(np.diff(levels, axis=axis)).mean() for axis in (1, 2)]
    assert steps[0] == pytest.approx(steps[1], rel=0.15)


def test_leaves_of_a_rectangle_follow_the_law_of_the_middle_of_a_square():
    """The share of neighbours of one leaf, along rows and along columns, is that of squares."""
    leaves = family("dead-leaves-mixed")
    wide = leaves.label_map(range(300), (24, 64))
    square = leaves.label_map(range(300, 600), 64)[:, 20:44]
    for axis in (1, 2):
        ours, theirs = ((np.diff(labels, axis=axis) == 0).mean((1, 2)) for labels in (wide, square))
        error = np.sqrt(ours.var() / len(ours) + theirs.var() / len(theirs))
        assert abs(ours.mean() - theirs.mean()) < 4 * error
    for labels in wide[:20]:
        assert np.array_equal(np.unique(labels), np.arange(labels.max() + 1))


def test_levels_lie_as_the_picture_does():
    for text, flip in (("spectro", slice(None)), ("spectro?lowest_row=bottom", slice(None, None, -1))):
        drawer = family(text)
        levels, drawn = drawer.field([7], (20, 90))[0], drawer.draw([7], (20, 90))
        assert levels.shape == (20, 90)
        floor = levels.max() - drawn.params[0]["range_db"]
        shade = np.clip((levels - floor) / (levels.max() - floor), 0, 1)
        assert np.abs(255 * shade - drawn.pixels[0, :, :, 0]).max() < 1
        assert np.array_equal(family("spectro").field([7], (20, 90))[0][flip], levels)


def test_the_shape_of_a_spectrogram_changes_neither_its_axes_nor_what_sounds():
    shapes = ((80, 208), (40, 104), (208, 80), 64)
    params = [family("spectro").draw([11], shape).params[0] for shape in shapes]
    for name in ("scene", "hop_ms", "f_max", "range_db"):
        assert len({other[name] for other in params}) == 1


def test_a_family_says_how_it_draws_or_is_refused_when_it_is_defined():
    with pytest.raises(PatternGenError, match=r"Nothing is no family.* draw_rectangle\(.*or draw_square"):
        type("Nothing", (Family,), {"name": "nothing"})
    with pytest.raises(PatternGenError, match=r"Old\.draw would hide a final method.*draw_square"):
        type("Old", (Family,), {"name": "old", "draw": lambda self, seeds, size: None})


def test_wrappers_pass_the_shape_on_and_draw_as_their_parts_do():
    assert family("mixup:perlin,fbm").draws_rectangles
    assert not family("mixup:perlin,ofdb").draws_rectangles
    assert family("mixup:perlin,ofdb?k=2").draw([1], (8, 20)).pixels.shape == (1, 8, 20, 3)


def test_pictures_are_those_of_a_class_that_draws_squares():
    drawn: list[int] = []

    class Gray(Family):
        name = "gray-of-this-test"

        def draw_square(self, seeds, size):
            drawn.append(size)
            pixels = np.zeros((len(seeds), size, size, 3), np.uint8)
            return Pictures(pixels, [{} for _ in seeds], np.zeros(len(seeds), np.int64))

    assert Family.draw(object.__new__(Gray), [1], (3, 9)).pixels.shape == (1, 3, 9, 3)
    assert drawn == [9]


@pytest.mark.parametrize("tv", [0.01, 0.08])
def test_a_rectangle_is_brought_to_its_total_variation(tv):
    pictures = family(f"smooth:dead-leaves-mixed?tv={tv}").draw(range(8), (30, 78))
    assert total_variation(pictures.pixels).tv == pytest.approx([tv] * 8, rel=0.02)
    assert all(params["smooth_reached"] for params in pictures.params)


@pytest.mark.parametrize("exponent", [0.7, 1.5, 2.5])
def test_the_spectrum_of_a_rectangle_falls_with_the_asked_exponent_along_both_axes(exponent):
    fields = family(f"stat-spectrum?exponent={exponent}").field(range(6), (64, 192))
    for axis in (2, 3):
        power = np.abs(np.fft.fft2(fields)) ** 2
        line = np.take(power, 0, axis=5 - axis).mean((0, 1))
        kept = np.arange(2, len(line) // 2)
        slope = np.polyfit(np.log(kept), np.log(line[kept]), 1)[0]
        assert slope == pytest.approx(-2 * exponent, abs=0.25)
