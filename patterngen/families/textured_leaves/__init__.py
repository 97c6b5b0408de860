"""`dead-leaves-textures`: leaves cut from textures instead of paper of one colour.

Baradad et al. (2021) fill each leaf from a random picture of a `stat-spectrum-color-wmm` data set, at the
leaf's own coordinates. Drawing a picture per leaf would take seconds, and a data set on disk would make
pictures depend on more than their seed; so leaves are cut from a bank of a few textures, which follow from
their numbers alone.

So that leaves from one texture look like leaves from many, each moves its texture: by a shift around the
edges, one of the eight symmetries of the square, and a permutation of the three channels. None of these
changes the law of a texture, whose noise, filters and palette single out no place, direction or channel
(but for the random difference between x and y, which either may have). A leaf therefore looks as if it
came from a picture of its own; only leaves of one texture are not independent. With ``moved=false`` the
texture lies at the leaf's own coordinates, as published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.leaves import cover, leaf_map, radius_law
from patterngen.families import register
from patterngen.families.dead_leaves import DeadLeavesMixed
from patterngen.families.model.pictures import Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.families.textured_leaves.bank import texture_bank
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, stream

SYMMETRIES = 8
"""Symmetries of the square: bit 0 flips rows, bit 1 flips columns, bit 2 exchanges them first."""
ORDERS = np.array([(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
"""Permutations of the channels."""


@kernel
def draw_poses(s: State, textures: int, across: int, moved: bool, poses: NDArray[np.int64]) -> None:
    """Draw what each leaf is cut from: texture, shift down and right, symmetry, order of channels."""
    for i in range(len(poses)):
        poses[i, 0] = below(s, textures)
        for k, choices in enumerate((across, across, SYMMETRIES, len(ORDERS))):
            poses[i, 1 + k] = below(s, choices) if moved else 0


@kernel
def cut(
    leaf: NDArray[np.int32],
    poses: NDArray[np.int64],
    textures: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
) -> None:
    """Fill a picture, uint8 [H, W, 3], from textures, uint8 [K, T, T, 3], as its leaves' poses say."""
    height, width = pixels.shape[:2]
    across = textures.shape[1]
    for row in range(height):
        end = 0
        while end < width:
            begin = end
            number = leaf[row, begin]
            while end < width and leaf[row, end] == number:  # a run of one leaf's pixels
                end += 1
            k, down, right, symmetry, order = poses[number]
            y, x, dy, dx = row, begin, 0, 1
            if symmetry & 4:
                y, x, dy, dx = x, y, dx, dy
            if symmetry & 1:
                y, dy = -y, -dy
            if symmetry & 2:
                x, dx = -x, -dx
            y, x = (y + down) % across, (x + right) % across
            first, second, third = ORDERS[order]
            for column in range(begin, end):
                pixels[row, column, 0] = textures[k, y, x, first]
                pixels[row, column, 1] = textures[k, y, x, second]
                pixels[row, column, 2] = textures[k, y, x, third]
                y += dy
                x += dx
                y += across if y < 0 else -across if y == across else 0
                x += across if x < 0 else -across if x == across else 0


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesTextures(DeadLeavesMixed):
    """Leaves of all shapes cut from natural-looking textures, over one another."""

    name: ClassVar[str] = "dead-leaves-textures"
    version: ClassVar[int] = 1  # to be raised, too, when stat-spectrum-color-wmm draws other pixels

    textures: Annotated[int, Range(1, 1024)] = 32
    """Textures that leaves are cut from; a worker draws each once, at first need."""
    moved: bool = True
    """Whether each leaf shifts, turns, mirrors and recolours its texture; if not, it lies as published."""

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; ``leaves`` in its params is how many leaves are seen."""
        streams, pixels = blank(seeds, height, width)
        bank = texture_bank(self.textures, max(height, width))
        law = radius_law(self.radius_min, self.radius_max, self.exponent)
        shapes = np.array(self.shapes)
        leaf = leaf_map(height, width)
        seen = []
        for seed, picture in zip(streams, pixels, strict=True):
            s = stream(seed)
            poses = np.empty((cover(s, *law, shapes, width, leaf), 5), np.int64)
            draw_poses(s, self.textures, bank.pixels.shape[1], self.moved, poses)
            bank.draw(poses[:, 0])
            cut(leaf, poses, bank.pixels, picture)
            seen.append(len(poses))
        return Pictures(pixels, [{"leaves": count} for count in seen], np.zeros(len(seeds), np.int64))
