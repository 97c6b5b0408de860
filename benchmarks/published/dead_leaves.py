"""Dead leaves, back to front, with Pillow's shapes."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from published.statistics import statistics

Picture = NDArray[np.uint8]
Random = np.random.Generator


ALL_SHAPES = ("circle", "square", "oriented", "rectangle", "triangle", "quadrilateral")


@cache
def _textures(size: int) -> list[Image.Image]:
    """Draw what stands for the data set that textured leaves are cut from; kept, as the data set is."""
    rng = np.random.default_rng(0)
    return [Image.fromarray(statistics(rng, size, "spectrum-wmm-color")) for _ in range(4)]


def dead_leaves(rng: Random, size: int, shapes: tuple[str, ...], *, textured: bool = False) -> Picture:
    """New leaves over old ones until no pixel is uncovered, 5000 at most (Baradad et al., 2021)."""
    radii = np.linspace(0.03, 1, 200)
    law = radii**-3.0 - 1
    law /= law.sum()
    picture = Image.new("RGB", (size, size))
    pen = ImageDraw.Draw(picture)
    covered = Image.new("1", (size, size))
    cover = ImageDraw.Draw(covered)
    textures = _textures(size) if textured else []
    for leaf in range(5000):
        rho = max(int(rng.choice(radii, p=law) * size), 1)
        x, y = rng.uniform(0, size, 2)
        colour = tuple(rng.integers(0, 256, 3).tolist())
        shape = rng.choice(shapes)
        outline = [(x + rho * math.cos(a), y + rho * math.sin(a)) for a in _angles(rng, shape)]
        if textured:
            mask = Image.new("1", (size, size))
            _stamp(ImageDraw.Draw(mask), shape, outline, (x, y, rho), 1)
            picture.paste(textures[rng.integers(len(textures))], mask=mask)
            covered.paste(1, mask=mask)
        else:
            _stamp(pen, shape, outline, (x, y, rho), colour)
            _stamp(cover, shape, outline, (x, y, rho), 1)
        if leaf % 50 == 49 and np.asarray(covered).all():
            break
    return np.asarray(picture)


def _stamp(
    pen: ImageDraw.ImageDraw,
    shape: str,
    outline: list[tuple[float, float]],
    circle: tuple[float, float, int],
    ink: int | tuple[int, ...],
) -> None:
    if shape == "circle":
        pen.circle(circle[:2], circle[2], ink)
    else:
        pen.polygon(outline, ink)


def _angles(rng: Random, shape: str) -> list[float]:
    square = math.pi / 4 + math.pi / 2 * np.arange(4)
    match shape:
        case "square":
            angles = square
        case "oriented":
            angles = square + rng.uniform(0, 2 * math.pi)
        case "rectangle":
            a = rng.uniform(0, math.pi / 2)
            angles = np.array([a, math.pi - a, math.pi + a, -a])
        case _:
            angles = np.sort(rng.uniform(0, 2 * math.pi, 3 if shape == "triangle" else 4))
    return list(angles)


PUBLISHED = {
    "dead-leaves-squares": lambda rng, size: dead_leaves(rng, size, ("square",)),
    "dead-leaves-oriented": lambda rng, size: dead_leaves(rng, size, ("oriented",)),
    "dead-leaves-mixed": lambda rng, size: dead_leaves(rng, size, ALL_SHAPES),
    "dead-leaves-textures": lambda rng, size: dead_leaves(rng, size, ALL_SHAPES, textured=True),
}
"""Family names to functions of (random generator, size)."""
