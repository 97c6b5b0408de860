"""`perlin` and `fbm`: gradient noise at one frequency, and summed over octaves.

A picture is one field of noise, looked up in a smooth palette of a few random colours and stretched over
all of it. So hue and lightness change together, as they do across a surface; three independent channels
would look like three pictures at once.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.gradient_noise import PERIOD, add_moved_noise, add_noise, lattice, pack
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, log_uniform, uniform


@kernel
def fractal_noise(
    s: State,
    field: NDArray[np.float32],
    moved: NDArray[np.float32],
    frequency: float,
    octaves: int,
    gain: float,
) -> int:
    """Fill a field [H, W] with Σ gain^k · noise(2^k · frequency · p), k = 0, 1, … octaves − 1.

    A rectangle holds the middle of the square around it. Every octave lies at a random place of the same
    lattice. Octaves with fewer than two pixels a cell are left out: they would alias to white noise.

    Args:
        s: the random stream.
        field: overwritten.
        moved: float32 [2, H, W], how many widths of the picture every point's x and y are moved
            before the noise is looked up, or [0, …] if they are not.
        frequency: cells across the picture of the first octave.
        octaves: how many to sum at most.
        gain: ratio of the amplitudes of neighbouring octaves, 2^−H: the spectrum's power falls as f^(−2H − 2)
            (Musgrave, in Ebert et al., "Texturing and Modeling", 1994).

    Returns:
        How many octaves were summed.
    """
    height, width = field.shape
    side = max(height, width)
    permutation, gradients = lattice(s)
    packed = pack(permutation, gradients) if len(moved) else np.empty(0, np.uint32)
    field[:] = 0.0
    amplitude = 1.0
    for octave in range(octaves):
        if octave and 2.0 * frequency > side:
            return octave
        step = frequency / side
        x0 = uniform(s, 0.0, PERIOD) + step * ((side - width) // 2)
        y0 = uniform(s, 0.0, PERIOD) + step * ((side - height) // 2)
        if len(moved):
            add_moved_noise(field, amplitude, frequency, x0, y0, moved, packed)
        else:
            add_noise(field, amplitude, step, x0, y0, permutation, gradients)
        frequency *= 2.0
        amplitude *= gain
    return octaves


@painter
@kernel
def _draw(
    s: State,
    field: Field,
    drawn: Numbers,
    frequencies: tuple[float, float],
    octaves: int,
    gains: tuple[float, float],
    warp: float,
) -> None:
    moved = np.empty((2 if warp > 0.0 else 0, *field.shape), np.float32)
    frequency = log_uniform(s, frequencies[0], frequencies[1])
    gain = uniform(s, gains[0], gains[1])
    for axis in range(len(moved)):
        fractal_noise(s, moved[axis], moved[:0], frequency, octaves, gain)
        for row in range(field.shape[0]):
            for column in range(field.shape[1]):
                moved[axis, row, column] *= np.float32(warp)
    drawn[0] = frequency
    drawn[1] = gain
    drawn[2] = fractal_noise(s, field, moved, frequency, octaves, gain)


@register
@dataclass(frozen=True, kw_only=True)
class Perlin(PaintedField):
    """Soft blobs of one size, in a smooth palette of a few colours."""

    name: ClassVar[str] = "perlin"
    version: ClassVar[int] = 2
    source: ClassVar[str] = "Perlin, Improving Noise, SIGGRAPH 2002"
    numbers: ClassVar[tuple[str, ...]] = ("frequency",)

    frequency_low: Annotated[float, Range(0.1, 1024)] = 2.0
    """Fewest cells across the picture; drawn log-uniformly for each picture."""
    frequency_high: Annotated[float, Range(0.1, 1024)] = 32.0
    """Most cells across the picture."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with noise in [−√½, √½]; ``frequency`` is in cells across the picture."""
        drawn = np.empty((len(seeds), 3))
        frequencies = (float(self.frequency_low), float(self.frequency_high))
        _draw(seeds, self.colours, fields, pixels, drawn, frequencies, 1, (1.0, 1.0), 0.0)
        return drawn[:, :1]


@register
@dataclass(frozen=True, kw_only=True)
class Fbm(PaintedField):
    """Clouds and terrain: gradient noise summed over octaves, from smooth to rough, warped if asked."""

    name: ClassVar[str] = "fbm"
    version: ClassVar[int] = 2
    source: ClassVar[str] = "Musgrave, in Ebert et al., Texturing and Modeling, 1994; Perlin, SIGGRAPH 2002"
    numbers: ClassVar[tuple[str, ...]] = ("frequency", "gain", "octaves")

    frequency_low: Annotated[float, Range(0.1, 1024)] = 1.0
    """Fewest cells of the first octave across the picture; drawn log-uniformly per picture."""
    frequency_high: Annotated[float, Range(0.1, 1024)] = 8.0
    """Most cells of the first octave across the picture."""
    octaves: Annotated[int, Range(1, 16)] = 8
    """Octaves summed, each of twice the frequency; those too fine for the picture are left out."""
    gain_low: Annotated[float, Range(0, 1)] = 0.3
    """Smallest amplitude of an octave relative to the one before: smooth; drawn for each picture."""
    gain_high: Annotated[float, Range(0, 1)] = 0.7
    """Largest amplitude of an octave relative to the one before: rough."""
    warp: Annotated[float, Range(0, 10)] = 0.0
    """How far other such noise moves each point, in widths of the picture per unit of noise."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with noise summed over octaves; ``octaves`` counts those that were summed."""
        drawn = np.empty((len(seeds), 3))
        frequencies = (float(self.frequency_low), float(self.frequency_high))
        gains = (float(self.gain_low), float(self.gain_high))
        octaves, warp = self.octaves, float(self.warp)
        _draw(seeds, self.colours, fields, pixels, drawn, frequencies, octaves, gains, warp)
        return drawn

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return ``frequency`` in cells across the picture, ``gain`` and ``octaves`` as summed."""
        return super().describe(drawn) | {"octaves": int(drawn[2])}
