"""Iterated function systems, point by point, and diamond–square, level by level."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from patterngen.families import exfractal as space
from patterngen.families import fractaldb as plane
from patterngen.families.fractal_categories import find_category

Picture = NDArray[np.uint8]
Random = np.random.Generator
Floats = NDArray[np.float64]


def fractal_color(rng: Random, size: int) -> Picture:
    """One orbit of a random system in hues, on a diamond–square ground (Anderson & Farrell, 2022)."""
    picture = _hues(rng, _stretched(_diamond_square(rng, size)))
    _overlay(rng, picture)
    return picture


def fractal_multi(rng: Random, size: int) -> Picture:
    """One to five such fractals of random widths on one ground (Anderson & Farrell, 2022)."""
    picture = _hues(rng, _stretched(_diamond_square(rng, size)))
    for _ in range(rng.integers(1, 6)):
        width = max(int(size * rng.uniform(0.15, 0.6)), 1)
        left, top = rng.integers(0, size - width + 1, 2)
        _overlay(rng, picture[top : top + width, left : left + width])
    return picture


def diamond_square(rng: Random, size: int) -> Picture:
    """A random terrain in hues (Fournier et al., 1982)."""
    return _hues(rng, _stretched(_diamond_square(rng, size)))


def fractaldb(rng: Random, size: int) -> Picture:
    """A weighted, stamped and flipped fractal of a category found before (Kataoka et al., 2022)."""
    system = find_category(plane.search, 0, int(rng.integers(1000))).copy()
    system[:, rng.integers(6)] *= rng.choice([0.2, 0.6, 1.0, 1.4, 1.8])
    picture = _stamped(rng, _orbit(rng, system, _areas(system), 200_000), size)
    return picture[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]


def ofdb(rng: Random, size: int) -> Picture:
    """The unweighted fractal of such a category (Nakamura et al., 2023)."""
    system = find_category(plane.search, 0, int(rng.integers(1000)))
    return _stamped(rng, _orbit(rng, system, _areas(system), 200_000), size)


def one_parameter_fractal(rng: Random, size: int) -> Picture:
    """A fractal of two maps whose numbers vary by a tenth (Nakamura et al., 2024)."""
    system, chance = _system(rng, maps=2)
    system *= rng.uniform(0.9, 1.1, system.shape)
    return _stamped(rng, _orbit(rng, system, chance, 100_000), size)


def exfractal(rng: Random, size: int) -> Picture:
    """A fractal of space of a category found before, seen from one of twelve sides (Kataoka et al., 2022)."""
    system = find_category(space.search, 0, int(rng.integers(1000)))
    volumes = np.abs(np.linalg.det(system[:, :9].reshape(-1, 3, 3)))
    choices = rng.choice(len(system), 10_000, p=volumes / volumes.sum()).tolist()
    rows = system.tolist()
    x = y = z = 0.0
    orbit = np.empty((10_000, 3))
    for i, k in enumerate(choices):
        a, b, c, d, e, f, g, h, j, u, v, w = rows[k]
        x, y, z = a * x + b * y + c * z + u, d * x + e * y + f * z + v, g * x + h * y + j * z + w
        orbit[i] = x, y, z
    orbit = 2 * _stretched(orbit, axis=0) - 1
    angle = rng.integers(12) * np.pi / 6
    turned = orbit[:, 0] * np.cos(angle) + orbit[:, 2] * np.sin(angle)
    depth = 1 + 2 * np.sqrt(2) - orbit[:, 2] * np.cos(angle) + orbit[:, 0] * np.sin(angle)
    return _stamped(rng, np.stack([turned, -orbit[:, 1]], 1) / depth[:, None], size)


def _overlay(rng: Random, picture: Picture) -> None:
    size = len(picture)
    system, chance = _system(rng, maps=int(rng.integers(2, 5)))
    orbit = _orbit(rng, system, chance, 100_000)
    cells = np.minimum(_stretched(orbit, axis=0) * size, size - 1).astype(int)
    counts = np.zeros((size, size))
    np.add.at(counts, (cells[:, 1], cells[:, 0]), 1)
    hit = counts > 0
    picture[hit] = _hues(rng, counts / counts.max())[hit]


def _orbit(rng: Random, system: Floats, chance: Floats, points: int) -> Floats:
    choices = rng.choice(len(system), points, p=chance).tolist()
    rows = system.tolist()
    x = y = 0.0
    orbit = np.empty((points, 2))
    for i, k in enumerate(choices):
        a, b, c, d, e, f = rows[k]
        x, y = a * x + b * y + e, c * x + d * y + f
        orbit[i] = x, y
    return orbit[np.isfinite(orbit).all(1)]


def _stamped(rng: Random, orbit: Floats, size: int) -> Picture:
    """Paste a random 3 × 3 pattern at every point."""
    bits = np.arange(1, 512)[:, None] >> np.arange(9) & 1
    patterns = [Image.fromarray(np.uint8(127 * pattern)) for pattern in bits.reshape(-1, 3, 3)]
    places = (_stretched(orbit, axis=0) * (size - 12)).astype(int) + 6
    canvas = Image.new("L", (size, size))
    for (x, y), pattern in zip(places.tolist(), rng.integers(0, 511, len(places)).tolist(), strict=True):
        canvas.paste(patterns[pattern], (x - 1, y - 1))
    return np.asarray(canvas.convert("RGB"))


def _stretched(values: Floats, axis: int | None = None) -> Floats:
    low = values.min(axis)
    stretched: Floats = (values - low) / (values.max(axis) - low)
    return stretched


def _areas(system: Floats) -> Floats:
    areas = np.abs(np.linalg.det(system[:, :4].reshape(-1, 2, 2)))
    shares: Floats = areas / areas.sum()
    return shares


def _system(rng: Random, maps: int) -> tuple[Floats, Floats]:
    p = rng.uniform(5 + maps, 6 + maps) / 2
    q = p - 3 * maps + 3
    singular = []
    for _ in range(maps - 1):
        first = rng.uniform(max(0, q / 3), min(1, p))
        q, p = q - first, p - first
        second = rng.uniform(max(0, q / 2), min(first, p / 2))
        q, p = q + 3 - 2 * second, p - 2 * second
        singular.append((first, second))
    second = rng.uniform(max(0, (p - 1) / 2), p / 3)
    singular.append((p - 2 * second, second))
    system = []
    for sigmas in singular:
        matrix = np.diag(sigmas)
        for _ in range(2):
            c, s = np.cos(angle := rng.uniform(-np.pi, np.pi)), np.sin(angle)
            matrix = np.array([[c, -s], [s, c]]) @ np.diag(rng.choice([-1, 1], 2)) @ matrix.T
        system.append([*matrix.T.ravel(), *rng.uniform(-1, 1, 2)])
    areas = np.array([a * b for a, b in singular])
    return np.array(system), areas / areas.sum()


def _diamond_square(rng: Random, size: int) -> Floats:
    decay = rng.uniform(0.4, 0.8)
    grid = rng.uniform(-1, 1, (2, 2))
    amplitude = 1.0
    while len(grid) < size:
        finer = np.zeros((2 * len(grid) - 1,) * 2)
        finer[::2, ::2] = grid
        middle = (grid[1:, 1:] + grid[1:, :-1] + grid[:-1, 1:] + grid[:-1, :-1]) / 4
        finer[1::2, 1::2] = middle + amplitude * rng.uniform(-1, 1, middle.shape)
        padded = np.pad(finer, 1)
        total = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        neighbours = np.pad(np.ones_like(finer), 1)
        neighbours = (
            neighbours[:-2, 1:-1] + neighbours[2:, 1:-1] + neighbours[1:-1, :-2] + neighbours[1:-1, 2:]
        )
        for sides in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
            mean = total[sides] / neighbours[sides]
            finer[sides] = mean + amplitude * rng.uniform(-1, 1, mean.shape)
        grid = finer
        amplitude *= decay
    return grid[:size, :size]


def _hues(rng: Random, field: Floats) -> Picture:
    hue = np.uint8(255 * ((field + rng.uniform()) % 1))
    saturation = np.full_like(hue, int(255 * rng.uniform(0.3, 1)))
    value = np.full_like(hue, int(255 * rng.uniform(0.5, 1)))
    return np.array(Image.fromarray(np.dstack([hue, saturation, value]), "HSV").convert("RGB"))


PUBLISHED = {
    "fractal-color": fractal_color,
    "fractal-multi": fractal_multi,
    "diamond-square": diamond_square,
    "fractaldb": fractaldb,
    "ofdb": ofdb,
    "one-parameter-fractal": one_parameter_fractal,
    "exfractal": exfractal,
}
