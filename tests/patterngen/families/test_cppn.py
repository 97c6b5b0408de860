import numpy as np
import pytest

from patterngen.families import family
from patterngen.families.cppn import BUMP, FOLD, LINE, SINE, STEP, activate
from patterngen.metrics import total_variation


@pytest.mark.parametrize(
    ("function", "expected", "within"),
    [
        (SINE, lambda x: np.sin(2 * np.pi * x), 0.0012),
        (BUMP, lambda x: (1 + x**2) ** -2, 1e-6),
        (STEP, lambda x: x / (1 + np.abs(x)), 1e-6),
        (FOLD, np.abs, 0),
        (LINE, lambda x: x, 0),
    ],
)
def test_a_unit_does_what_it_says(function, expected, within):
    x = np.linspace(-5, 5, 4001, dtype=np.float32)
    values = x.copy()
    activate(function, values)
    assert np.abs(values - expected(x.astype(float))).max() <= within


def test_more_pixels_show_the_same_picture():
    """A shade is a function of the place: a picture of thrice the size passes through the same points."""
    drawer = family("cppn")
    for coarse, fine in zip(drawer.field(range(12), 30), drawer.field(range(12), 90), strict=True):
        assert fine[1::3, 1::3] == pytest.approx(coarse, abs=2e-3 * float(np.ptp(coarse)))


def test_a_rectangle_is_the_middle_of_its_square():
    drawer = family("cppn")
    square, wide = drawer.field([5], 64), drawer.field([5], (24, 64))
    assert wide == pytest.approx(square[:, 20:44], abs=1e-5)


@pytest.mark.parametrize(("less", "more"), [("gain=0.3", "gain=2"), ("depth=1", "depth=6")])
def test_gain_and_depth_make_it_rougher(less, more):
    calm, wild = (
        total_variation(family(f"cppn?{text}").draw(range(40), 64).pixels).tv for text in (less, more)
    )
    assert np.median(calm) < 0.5 * np.median(wild)


def test_it_is_smoother_than_clouds():
    ours, clouds = (total_variation(family(name).draw(range(60), 128).pixels).tv for name in ("cppn", "fbm"))
    assert np.median(ours) < np.median(clouds)
