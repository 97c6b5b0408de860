import numpy as np
import pytest

from patterngen.drawing.simd import WIDTH
from patterngen.families import family
from patterngen.families.neural_fractal import HALF, SHIP, SQUARE, TRICORN, _escape

ITERATIONS = 40


def escape(weights, units, c, far):
    places = np.stack([c.real.ravel(), c.imag.ravel()]).astype(np.float32)
    places = np.pad(places, [(0, 0), (0, -c.size % WIDTH)])
    times, farthest = np.empty_like(places)
    _escape(
        np.asarray(weights, np.float32),
        np.asarray(units),
        places,
        ITERATIONS,
        np.float32(far),
        times,
        farthest,
    )
    return times[: c.size].reshape(c.shape), farthest[: c.size].reshape(c.shape)


def followed(unit, c, far):
    """Whole steps until |z| > far under z ← unit(z) + c, in numpy's complex numbers."""
    z, steps = np.zeros_like(c), np.full(c.shape, ITERATIONS)
    for k in range(ITERATIONS):
        inside = steps == ITERATIONS
        z = np.where(inside, unit(z) + c, z)
        steps[inside & (abs(z) > far)] = k
    return steps


@pytest.mark.parametrize(
    ("unit", "same"),
    [
        (SQUARE, lambda z: z**2),
        (TRICORN, lambda z: z.conj() ** 2),
        (SHIP, lambda z: (abs(z.real) + 1j * abs(z.imag)) ** 2),
        (HALF, lambda z: np.maximum(z.real, 0) + 1j * np.maximum(z.imag, 0)),
    ],
)
def test_a_single_unit_draws_the_set_that_it_is_known_for(unit, same):
    c = np.linspace(-2, 1, 61)[None, :] + 1j * np.linspace(-1.3, 1.3, 53)[:, None]
    times, _ = escape([[1, 0, 0, 0, 1, 0]], [unit], c, 2)
    expected = followed(same, c, 2)
    assert np.mean(np.floor(times) == expected) > 0.99  # float32 rounds along the shore
    if unit == SQUARE:
        assert 0.15 < np.mean(times == ITERATIONS) < 0.3  # the Mandelbrot set's area is 1.5066 of 7.8
        assert np.mean(times == ITERATIONS) == pytest.approx(1.5066 / 7.8, abs=0.03)


def test_weights_are_those_of_a_network_of_complex_numbers():
    rng = np.random.default_rng(0)
    a, b, v = rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2))
    weights = np.stack([a.real, a.imag, b.real, b.imag, v.real, v.imag], axis=1)
    c = rng.normal(size=500) + 1j * rng.normal(size=500)
    times, farthest = escape(weights, [SQUARE, TRICORN], c, 5)
    expected = followed(lambda z: v[0] * (a[0] * z + b[0]) ** 2 + v[1] * (a[1] * z + b[1]).conj() ** 2, c, 5)
    assert np.mean(np.floor(times) == expected) > 0.99
    assert np.all((farthest > 5) == (times < ITERATIONS))


def test_half_of_the_points_leave_or_more():
    fields = family("neural-fractal").field(range(60), 48)
    assert (fields < 24).mean((1, 2)).min() > 0.4  # of 256 probes half do, give or take 3 %
    assert fields.min() >= 0
    assert fields.max() == 24
