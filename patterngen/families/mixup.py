"""`mixup`: convex combinations of other families' pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.families import register
from patterngen.families.model.part_seeds import part_seed
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.families.model.wrapper import Wrapper, spec_text
from patterngen.kernels.jit import kernel
from patterngen.numba_math import log
from patterngen.rng import below, stream, uniform

_WINDOW_BYTES = 64 << 20
"""Bytes of parts that are drawn together."""


@register
@dataclass(frozen=True, kw_only=True)
class Mixup(Wrapper):
    """Several families' pictures laid over one another, each with its share of the light.

    A mixture has no natural category: all are of one class.
    """

    name: ClassVar[str] = "mixup"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "Baradad et al., Procedural Image Programs for Representation Learning, NeurIPS 2022; Zhang et al., "
        "mixup, ICLR 2018"
    )
    many: ClassVar[bool] = True

    of: str = "dead-leaves-mixed,perlin,fbm,stat-spectrum,fractal-color,diamond-square"
    """The families that are mixed, behind a colon: `mixup:perlin,fbm`; one with settings in parentheses."""
    k: Annotated[int, Range(1, 64)] = 6
    """Pictures in a mixture, of different families while there are any left; weights from Dirichlet(1)."""

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed.

        Its params are ``family_0``, ``seed_0``, ``weight_0`` and so on, by which each part can be drawn
        alone; the weights add up to 1. (Seeds of parts have 63 bits: manifests give them as texts.)
        """
        streams, pixels = blank(seeds, height, width)
        families = np.empty((len(seeds), self.k), np.int64)
        part_seeds = np.empty((len(seeds), self.k), np.uint64)
        weights = np.empty((len(seeds), self.k))
        grouped = np.array([part.seed_group > 1 for part in self.parts])
        _choose(streams, grouped, families, part_seeds, weights)
        drawn: list[Pictures] = []
        window = max(1, _WINDOW_BYTES // (3 * self.enclosing(height, width) ** 2 * self.k))
        for start in range(0, len(seeds), window):
            some = slice(start, start + window)
            drawn += self._mix(families[some], part_seeds[some], weights[some], pixels[some])
        labels = [spec_text(part) for part in self.parts]
        params: list[dict[str, Param]] = [
            {
                key: value
                for i, (family, seed, weight) in enumerate(zip(*row, strict=True))
                for key, value in (
                    (f"family_{i}", labels[family]),
                    (f"seed_{i}", seed),
                    (f"weight_{i}", weight),
                )
            }
            for row in zip(families.tolist(), part_seeds.tolist(), weights.tolist(), strict=True)
        ]
        failed = [program for some in drawn for program in some.failed]
        noted = [note for some in drawn for note in some.noted]
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64), failed=failed, noted=noted)

    def _mix(
        self,
        families: NDArray[np.int64],
        part_seeds: NDArray[np.uint64],
        weights: NDArray[np.float64],
        pixels: NDArray[np.uint8],
    ) -> list[Pictures]:
        """Fill some pictures, by arguments of [N, k]; return what of their parts is not pixels."""
        others: list[Pictures] = []
        light = np.zeros(pixels.shape, np.float32)
        # In the order of the families: sums of floats depend on it, and no picture may on its batch.
        for number, family in enumerate(self.parts):
            where = np.argwhere(families == number)
            if len(where):
                drawn = family.draw([int(part_seeds[n, i]) for n, i in where], pixels.shape[1:3])
                _lay(np.ascontiguousarray(drawn.pixels), where, weights, light)
                others.append(replace(drawn, pixels=drawn.pixels[:0], params=()))
        _round(light, pixels)
        return others


@kernel
def _choose(
    seeds: NDArray[np.uint64],
    grouped: NDArray[np.bool_],
    families: NDArray[np.int64],
    part_seeds: NDArray[np.uint64],
    weights: NDArray[np.float64],
) -> None:
    """Choose families, seeds and weights of each picture's parts; grouped says who has seed groups."""
    k = weights.shape[1]
    for n in range(len(seeds)):
        s = stream(seeds[n])
        deck = np.arange(len(grouped))
        total = 0.0
        for i in range(k):
            left = len(deck) - i % len(deck)  # the deck of families is dealt to its end, then again
            other = below(s, left)
            deck[left - 1], deck[other] = deck[other], deck[left - 1]
            families[n, i] = deck[left - 1]
            part_seeds[n, i] = part_seed(s, seeds[n], i, grouped[families[n, i]])
            # Exponential variables over their sum are Dirichlet(1).
            weights[n, i] = 1e-12 - log(1.0 - uniform(s, 0.0, 1.0))
            total += weights[n, i]
        for i in range(k):
            weights[n, i] /= total


@kernel
def _lay(
    drawn: NDArray[np.uint8],
    where: NDArray[np.int64],
    weights: NDArray[np.float64],
    light: NDArray[np.float32],
) -> None:
    """Add pictures to those they are parts of; where has the picture and the place of each, [M, 2]."""
    for m in range(len(where)):
        n, i = where[m]
        weight = np.float32(weights[n, i])
        source = drawn[m].reshape(-1)
        target = light[n].reshape(-1)
        for p in range(len(source)):
            target[p] += weight * np.float32(source[p])


@kernel
def _round(light: NDArray[np.float32], pixels: NDArray[np.uint8]) -> None:
    source = light.reshape(-1)
    target = pixels.reshape(-1)
    for p in range(len(source)):
        target[p] = np.int32(min(source[p], np.float32(255.0)) + np.float32(0.5))
