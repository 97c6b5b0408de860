"""Views: several pictures of one scene."""

import numpy as np
import pytest

from patterngen import PatternGenError, family

TEXTS = ["perlin", "dead-leaves-mixed", "spectro", "ofdb?points=2000", "mixup:perlin,fbm?k=2"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_view_depends_on_its_seed_and_its_number_alone(text):
    drawer = family(text)
    first, second = drawer.draw_views([3, 4, 5], (20, 41))
    assert first.pixels.shape == second.pixels.shape == (3, 20, 41, 3)
    assert not np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.class_id, second.class_id)
    alone = drawer.draw_views([4], (20, 41), views=3)
    for several, one, number in zip((first, second), alone, (0, 1), strict=False):
        assert np.array_equal(several.pixels[1], one.pixels[0])
        assert several.params[1] == one.params[0]
        assert one.params[0]["view"] == number


@pytest.mark.parametrize("text", ["perlin", "dead-leaves-mixed"])
def test_views_are_parts_of_one_picture(text):
    drawer = family(text)
    whole = drawer.draw([6, 7], (25, 50)).pixels
    for view in drawer.draw_views([6, 7], (20, 40), views=4):
        for picture, large, params in zip(view.pixels, whole, view.params, strict=True):
            top, left = params["view_top"], params["view_left"]
            assert np.array_equal(picture, large[top : top + 20, left : left + 40])


def test_views_of_spectro_are_recordings_of_one_sound():
    """What sounds is the same, what a recording adds is not; pictures are alike where they overlap."""
    first, second = family("spectro").draw_views(range(60), (24, 60))
    same = ("scene", "second", "hop_ms", "f_max")
    for one, other in zip(first.params, second.params, strict=True):
        assert [one[name] for name in same] == [other[name] for name in same]
        assert one["background_db"] != other["background_db"]

    def likeness(n, m):
        left, right = first.params[n]["view_left"], second.params[m]["view_left"]
        begin, end = max(left, right), min(left, right) + 60
        a = first.pixels[n, :, begin - left : end - left, 0].ravel()
        b = second.pixels[m, :, begin - right : end - right, 0].ravel()
        return np.corrcoef(a, b)[0, 1] if a.std() > 0 < b.std() else 0.0

    own = np.mean([likeness(n, n) for n in range(60)])
    others = np.mean([likeness(n, (n + 7) % 60) for n in range(60)])
    assert own > others + 0.25


def test_views_that_cannot_be_are_refused():
    with pytest.raises(PatternGenError, match="perlin: 0 views; give 1 or more"):
        family("perlin").draw_views([1], 16, views=0)
    with pytest.raises(PatternGenError, match=r"perlin: size = 0: give pixels"):
        family("perlin").draw_views([1], 0)
