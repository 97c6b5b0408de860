"""Gradient, simplex and cellular noise and reaction–diffusion, a whole picture per array operation."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Random = np.random.Generator


def _gradient_noise(rng: Random, size: int, frequency: float) -> NDArray[np.float64]:
    turn = rng.uniform(0, 2 * np.pi, (int(frequency) + 3,) * 2)
    gradients = np.stack([np.cos(turn), np.sin(turn)])
    start = rng.uniform(0, 1, 2)
    x = (start[0] + np.arange(size) * frequency / size)[None, :].repeat(size, 0)
    y = (start[1] + np.arange(size) * frequency / size)[:, None].repeat(size, 1)
    i, j = x.astype(int), y.astype(int)
    x, y = x - i, y - j
    u, v = (t**3 * (t * (6 * t - 15) + 10) for t in (x, y))

    def plane(right: int, down: int) -> NDArray[np.float64]:
        g = gradients[:, j + down, i + right]
        value: NDArray[np.float64] = g[0] * (x - right) + g[1] * (y - down)
        return value

    above = plane(0, 0) + u * (plane(1, 0) - plane(0, 0))
    under = plane(0, 1) + u * (plane(1, 1) - plane(0, 1))
    return above + v * (under - above)


def _palette(rng: Random, field: NDArray[np.float64]) -> Picture:
    place = 2 * (field - field.min()) / np.ptp(field)
    stops = rng.integers(0, 256, (3, 3))
    k = np.minimum(place.astype(int), 1)
    t = (place - k)[..., None]
    return np.uint8(stops[k] + t * t * (3 - 2 * t) * (stops[k + 1] - stops[k]))


def perlin(rng: Random, size: int) -> Picture:
    """Gradient noise, 2 … 32 cells across (Perlin, 2002)."""
    return _palette(rng, _gradient_noise(rng, size, 2 * 16 ** rng.uniform()))


def fbm(rng: Random, size: int) -> Picture:
    """Up to eight octaves of gradient noise (Musgrave, 1994)."""
    frequency = 8 ** rng.uniform()
    gain = rng.uniform(0.3, 0.7)
    field = np.zeros((size, size))
    for octave in range(8):
        if 2 * frequency * 2**octave <= size or octave == 0:
            field += gain**octave * _gradient_noise(rng, size, frequency * 2**octave)
    return _palette(rng, field)


def simplex(rng: Random, size: int) -> Picture:
    """Noise on triangles, 2 … 32 sides across (Perlin, 2001; Gustavson, 2005)."""
    step = np.sqrt(2 / 3) * 2 * 16 ** rng.uniform() / size
    y, x = rng.uniform(0, 256, 2)[:, None, None] + step * np.mgrid[:size, :size]
    turn = rng.uniform(0, 2 * np.pi, (256, 256))
    gradients = np.stack([np.cos(turn), np.sin(turn)])
    skew, unskew = (np.sqrt(3) - 1) / 2, (3 - np.sqrt(3)) / 6
    i, j = np.floor(x + skew * (x + y)).astype(int), np.floor(y + skew * (x + y)).astype(int)
    x, y = x - i + unskew * (i + j), y - j + unskew * (i + j)
    right = (x > y).astype(int)
    field = np.zeros((size, size))
    for a, b in ((0, 0), (right, 1 - right), (1, 1)):
        u, v = x - a + unskew * (a + b), y - b + unskew * (a + b)
        g = gradients[:, (j + b) % 256, (i + a) % 256]
        field += np.maximum(0.5 - u * u - v * v, 0) ** 4 * (g[0] * u + g[1] * v)
    return _palette(rng, field)


def worley(rng: Random, size: int) -> Picture:
    """Distances to the nearest two of 16 … 1024 points, one point after the other (Worley, 1996)."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    metric, feature = rng.integers(0, 3, 2)
    first = second = np.full((size, size), np.inf)
    for px, py in rng.uniform(0, 1, (round(16 * 64 ** rng.uniform()), 2)):
        dx, dy = np.abs(x - px), np.abs(y - py)
        dx, dy = np.minimum(dx, 1 - dx), np.minimum(dy, 1 - dy)
        d = (np.hypot(dx, dy), dx + dy, np.maximum(dx, dy))[metric]
        second = np.minimum(second, np.maximum(first, d))
        first = np.minimum(first, d)
    return _palette(rng, (first, second, second - first)[feature])


def reaction_diffusion(rng: Random, size: int) -> Picture:
    """Gray and Scott's model by explicit steps (Pearson, 1993), on lattices as coarse as our own."""
    feed, kill = 0.034, 0.063
    sites = round(48 * (112 / 48) ** rng.uniform())
    u, v = np.ones((sites, sites), np.float32), np.zeros((sites, sites), np.float32)
    for y, x in rng.integers(0, sites - 5, (sites * sites // 300, 2)):
        u[y : y + 5, x : x + 5], v[y : y + 5, x : x + 5] = 0.5, 0.25

    def laplacian(z: NDArray[np.float32]) -> NDArray[np.float32]:
        lines = np.roll(z, 1, 0) + np.roll(z, -1, 0)
        edges = lines + np.roll(z, 1, 1) + np.roll(z, -1, 1)
        corners = np.roll(lines, 1, 1) + np.roll(lines, -1, 1)
        return (4 * edges + corners - 20 * z) / 6

    for _ in range(rng.integers(600, 1501)):
        reaction = u * v * v
        u += 0.088 * laplacian(u) - reaction + feed * (1 - u)
        v += 0.044 * laplacian(v) + reaction - (feed + kill) * v
    return _palette(rng, np.asarray(Image.fromarray(u).resize((size, size), Image.Resampling.BICUBIC)))


PUBLISHED = {
    "perlin": perlin,
    "fbm": fbm,
    "simplex": simplex,
    "worley": worley,
    "reaction-diffusion": reaction_diffusion,
}
"""`spectro` is missing: nothing like it has been published."""
