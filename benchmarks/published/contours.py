"""Radial contours, line by line: NumPy moves the vertices, Pillow draws."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.uint8]
Random = np.random.Generator

UNITS = 512
"""Units of length across a picture."""


def _perlin(rng: Random, count: int) -> NDArray[np.float64]:
    """Noise of one dimension at uniform places (Gustavson, 2005)."""
    slopes = rng.permutation(np.repeat([-1, 1], 128) * np.tile(np.arange(1, 9), 32)) / 4
    place = rng.uniform(0, 10_000, count)
    cell = place.astype(int)
    t = place - cell
    near, far = slopes[cell % 256] * t, slopes[(cell + 1) % 256] * (t - 1)
    return near + t**3 * (t * (6 * t - 15) + 10) * (far - near)


def _contours(
    rng: Random, size: int, vertices: int, radius: int, waves: tuple[int, int], ground: int
) -> Picture:
    lines = rng.integers(1, 201)
    noise, offset = rng.uniform(0, 4), rng.uniform(0, 0.1)
    angle = 2 * np.pi * np.arange(vertices) / vertices
    direction = np.exp(1j * angle)
    outward = noise + offset + 0.5 * np.sin(waves[0] * angle) + 0.5 * np.sin(waves[1] * angle)
    x, y = (
        radius * rng.uniform(1, 2) * part + (UNITS + rng.integers(-UNITS, UNITS + 1)) / 2
        for part in (direction.real, direction.imag)
    )
    picture = Image.new("L", (size, size), ground)
    pen = ImageDraw.Draw(picture)
    for _ in range(lines):
        shade = int(rng.integers(0, 256))
        x = x + direction.real * (outward - noise * _perlin(rng, vertices))
        y = y + direction.imag * (outward - noise * _perlin(rng, vertices))
        points = np.column_stack([x, y]) * (size / UNITS)
        pen.line([*map(tuple, points.tolist()), tuple(points[0].tolist())], shade)
    return np.asarray(picture.convert("RGB"))


def visual_atom(rng: Random, size: int) -> Picture:
    """200 … 1000 vertices, two waves, on black (Takashima et al., 2023)."""
    waves = rng.choice(21, 2, replace=False)
    radius = int(rng.integers(10, 61))
    return _contours(rng, size, int(rng.integers(200, 1001)), radius, (waves[0], waves[1]), 0)


def rcdb(rng: Random, size: int) -> Picture:
    """3 … 200 vertices, no waves, on white (Kataoka et al., 2022)."""
    vertices = 0
    while not 3 <= vertices <= 200:
        vertices = int(rng.exponential(100))
    return _contours(rng, size, vertices, int(rng.integers(0, 101)), (0, 0), 255)


PUBLISHED = {"visual-atom": visual_atom, "rcdb": rcdb}
