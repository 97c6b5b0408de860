"""`one-parameter-fractal`: one fractal, changed a little in a thousand ways; each way is a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.categories import identity_of
from patterngen.drawing.chaos_game import bounded, follow, window
from patterngen.drawing.ifs import fixed_point, sample_system
from patterngen.drawing.stamps import margin_of, stamp
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, stream, uniform

MAPS = 2
FACTOR_SPREAD = 0.1
BASE = (1 << 32) - 1
"""Number of the fractal that all classes vary, after those of the classes."""


@kernel
def base_system(seed: int, factor: float) -> NDArray[np.float64]:
    """Return the two maps [2, 6] that the classes vary; their σ-factor is factor ± 0.1."""
    s = stream(identity_of(seed, BASE))
    return sample_system(s, MAPS, uniform(s, factor - FACTOR_SPREAD, factor + FACTOR_SPREAD))


@kernel
def perturbed(s: State, system: NDArray[np.float64], delta: float) -> NDArray[np.float64]:
    """Return a system with each of its numbers multiplied by one from U(1 − Δ, 1 + Δ)."""
    changed = np.empty(system.shape)
    for i in range(len(system)):
        for number in range(6):
            changed[i, number] = system[i, number] * uniform(s, 1.0 - delta, 1.0 + delta)
    return changed


@kernel
def _draw(
    seeds: NDArray[np.uint64],
    classes: int,
    system_seed: int,
    factor: float,
    delta: float,
    orbits: NDArray[np.float32],
    patches: bool,
    pixels: NDArray[np.uint8],
    class_id: NDArray[np.int64],
) -> None:
    """Fill orbits [F, 2, P], that of seed n in orbits[n % F], and draw the pictures if there are any."""
    system = base_system(system_seed, factor)
    for n in range(len(seeds)):
        class_id[n] = below(stream(seeds[n]), classes)
        s = stream(identity_of(system_seed, class_id[n]))
        points = orbits[n % len(orbits)]
        while True:
            own = perturbed(s, system, delta)
            follow(s, own, fixed_point(own), points)
            if bounded(window(points)):  # a map that hardly contracts may be changed into one that does not
                break
        if len(pixels):
            stamp(s, points, window(points), margin_of(pixels.shape[1]), (False, False), patches, pixels[n])


@register
@dataclass(frozen=True, kw_only=True)
class OneParameterFractal(Family):
    """One gray fractal of two maps in a thousand slight variations, each a class of a single picture."""

    name: ClassVar[str] = "one-parameter-fractal"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Nakamura et al., Scaling Backwards: Minimal Synthetic Pre-training?, ECCV 2024"

    classes: Annotated[int, Range(1, 1_000_000)] = 1000
    """Variations of the fractal."""
    system_seed: Annotated[int, Range(0, 2**31 - 1)] = 4
    """Which fractal, and which variations of it; 4 is a star of seven arms."""
    sigma_factor: Annotated[float, Range(2.6, 4.4)] = 3.5
    """Sum of the maps' singular values, the smaller of each map twice, ± 0.1: the larger, the denser."""
    delta: Annotated[float, Range(0, 0.5)] = 0.1
    """How far, relative to itself, each of the twelve numbers of the maps varies."""
    points: Annotated[int, Range(1000, 10_000_000)] = 100_000
    """Points of the attractor."""
    stamp: Literal["patch", "point"] = "patch"
    """What each point leaves: a random pattern of 3 × 3 pixels, or one pixel."""

    @property
    def num_classes(self) -> int:
        """Number of variations, each a class."""
        return self.classes

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; its class is the variation, and says all."""
        streams, pixels = blank(seeds, size, size)
        class_id = self._fill(streams, np.empty((1, 2, self.points), np.float32), pixels)
        params: list[dict[str, Param]] = [{"maps": MAPS} for _ in seeds]
        return Pictures(pixels, params, class_id)

    def attractor_square(self, seeds: Sequence[int], size: int) -> NDArray[np.float32]:
        """Return the points before they are brought into the picture; see `Family.attractor`."""
        streams, pixels = blank(seeds, size, size)
        orbits = np.empty((len(seeds), 2, self.points), np.float32)
        self._fill(streams, orbits, pixels[:0])
        return orbits.swapaxes(1, 2)

    def _fill(
        self, seeds: NDArray[np.uint64], orbits: NDArray[np.float32], pixels: NDArray[np.uint8]
    ) -> NDArray[np.int64]:
        class_id = np.empty(len(seeds), np.int64)
        patches = self.stamp == "patch"
        factor, delta = float(self.sigma_factor), float(self.delta)
        _draw(seeds, self.classes, self.system_seed, factor, delta, orbits, patches, pixels, class_id)
        return class_id
