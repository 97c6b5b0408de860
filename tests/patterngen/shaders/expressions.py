"""Expressions of the shader library, computed at every point of a small picture."""

import numpy as np
from numpy.typing import NDArray

from patterngen.shaders.language.program import Program
from patterngen.shaders.render.renderer import Canvas, renderer

Numbers = NDArray[np.float64]
SIZE = 48
R = np.array([0.2, 0.4, 0.6, 0.8], np.float32)

AXIS = (np.arange(SIZE) + 0.5) * 2 / SIZE - 1
X, Y = np.meshgrid(AXIS, -AXIS)  # the picture's points: row 0 on top
P = np.stack([X, Y], -1)


def compute(expression: str, *includes: str, before: str = "", reach: float = 1.0) -> Numbers:
    """Compute a vec3 expression of p, t = 1 and r = R that lies in [-reach, reach].

    The host clips colours to [0, 1].
    """
    head = "".join(f'#include "lib/{name}.glsl"\n' for name in includes)
    colour = f"0.5 + (vec3({expression})) / {2.0 * reach}"
    text = f"{head}{before}\nvec3 pattern(vec2 p, float t, vec4 r) {{ return {colour}; }}\n"
    program = Program.of_text("expression", text)
    colours = renderer().draw([program], np.ones(1, np.float32), R[None], Canvas(SIZE, dtype="f4"))
    return (colours[0].astype(np.float64) - 0.5) * 2 * reach


def pcg(*numbers: NDArray[np.int64]) -> list[NDArray[np.uint32]]:
    """Compute the hashes of Jarzynski & Olano (2020) of two, three or four numbers, wrapping at 32 bits."""
    a, c, half = np.uint32(1664525), np.uint32(1013904223), np.uint32(16)
    v = [np.asarray(number).astype(np.uint32) for number in numbers]

    def stir() -> None:
        if len(v) == 2:
            v[0] = v[0] + v[1] * a
            v[1] = v[1] + v[0] * a
            return
        partners = {3: ((1, 2), (2, 0), (0, 1)), 4: ((1, 3), (2, 0), (0, 1), (1, 2))}[len(v)]
        for i, (j, k) in enumerate(partners):
            v[i] = v[i] + v[j] * v[k]

    with np.errstate(over="ignore"):  # NumPy warns of single numbers only
        v[:] = [x * a + c for x in v]
        stir()
        v[:] = [x ^ (x >> half) for x in v]
        stir()
    return [x ^ (x >> half) for x in v] if len(v) == 2 else v


def unit(*numbers: NDArray[np.int64]) -> Numbers:
    """Return the hash as numbers of [0, 1) with 24 bits, the last axis over its components."""
    return np.stack([x >> np.uint32(8) for x in pcg(*numbers)], -1) / 2.0**24


def fade(x: Numbers) -> Numbers:
    return np.asarray(x**3 * (x * (x * 6 - 15) + 10))


def noise(*place: Numbers) -> Numbers:
    """Compute gradient noise after Perlin (1985, 2002) in any number of dimensions, not scaled."""
    cells = [np.floor(x).astype(np.int64) for x in place]
    total = np.zeros_like(place[0])
    for corner in np.ndindex(*(2,) * len(place)):
        gradient = unit(*(cell + c for cell, c in zip(cells, corner, strict=True))) * 2 - 1
        offsets = [x - cell - c for x, cell, c in zip(place, cells, corner, strict=True)]
        height = sum(gradient[..., i] * offset for i, offset in enumerate(offsets))
        weights = [fade(1 - np.abs(offset)) for offset in offsets]
        total = total + height * np.prod(weights, axis=0)
    return np.asarray(total)
