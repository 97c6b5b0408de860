"""Noise that obeys the statistics of natural pictures: their spectrum, wavelet marginals, colours.

Baradad et al. (2021) start from uniform noise in three channels and go round ten times: force a power-law
spectrum, force the distribution of each band of a steerable pyramid, force the distribution of each
channel. A step undoes a little of those before it; over the rounds they settle. The channels are
coordinates along the principal axes of a random palette; at the end, whichever steps were taken, they are
turned into RGB and stretched to bytes.

With the spectrum alone the first round is all ten: the second finds its amplitudes already there and keeps
the phases.

What holds in the end: the statistic forced last holds exactly, spectrum alone or colours. With colours the
spectrum holds while it is rough, s ≤ 1; steeper ones are flattened, to about 1/f² at most, as the colours
make edges. The bands' mean distance from their laws (Kolmogorov's and Smirnov's) falls from 0.10 after one
round to 0.03 after ten, or to 0.08 if the rest is forced too. Coefficients are bounded, as published, which
keeps the coarsest bands from drowning all else: their σ is thousands of times that of the finest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.colour_model import colour_model
from patterngen.drawing.fourier import blank as blank_channels
from patterngen.drawing.marginals import NODES, generalised_gaussian
from patterngen.drawing.power_spectrum import amplitudes
from patterngen.drawing.steerable import Pyramid, pyramid
from patterngen.drawing.synthesis import Channel, Demands, fill_with_noise, to_bytes
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, normal, stream, uniform

LIMIT = 200.0
"""Largest coefficient of a band, where a channel of the noise has 256 values."""


@kernel
def _exponents(s: State, low: float, high: float) -> tuple[float, float]:
    """Draw the exponent of 1/f^s, and how much greater it is along x and smaller along y."""
    return uniform(s, low, high), 0.05 * normal(s)


@kernel
def _band_laws(
    s: State, scales: NDArray[np.float64], low: float, high: float
) -> tuple[float, NDArray[np.float64]]:
    """Draw the shapes of bands; return their mean and the laws, [bands, 2, K]; `scales` are 1/σ of each."""
    laws = np.empty((len(scales), 2, 2 * NODES + 1))
    total = 0.0
    for band in range(len(scales)):
        shape = uniform(s, low, high)
        total += shape
        laws[band] = generalised_gaussian(scales[band], shape, LIMIT)
    return total / len(scales), laws


@dataclass(frozen=True, kw_only=True)
class _Statistics(Family):
    """A family forces what its bases say: each adds its settings and overrides what draws its demands."""

    source: ClassVar[str] = "Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021"
    forces_bands: ClassVar[bool] = False
    forces_colours: ClassVar[bool] = False

    colours_low: Annotated[int, Range(1, 64)] = 3
    """Fewest colours of a picture's palette."""
    colours_high: Annotated[int, Range(1, 64)] = 22
    """Most colours of a picture's palette."""

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; its params are the exponents, mean shape and palette that were drawn."""
        streams, pixels = blank(seeds, height, width)
        params = []
        made = self._channels(streams, height, width)
        for (channels, mean, axes, drawn), picture in zip(made, pixels, strict=True):
            to_bytes(channels, mean, axes, picture)
            params.append(drawn)
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))

    def field_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.float32]:
        """Return three fields per picture, float32 [N, 3, H, W], before they are turned into colours.

        They are coordinates along the principal axes of the picture's palette, the longest first, where the
        noise begins with 0 … 256.
        """
        streams, _ = blank(seeds, height, width)
        fields = np.empty((len(seeds), 3, height, width), np.float32)
        for (channels, *_), field in zip(self._channels(streams, height, width), fields, strict=True):
            field[:] = channels[:, :, :width]
        return fields

    def _channels(
        self, seeds: NDArray[np.uint64], height: int, width: int
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64], dict[str, Param]]]:
        """Yield the channels of each picture, their mean colour, the axes, and the params."""
        room = Channel(height, width, pyramid(height, width) if self.forces_bands else None)
        for seed in seeds:
            yield self._make(stream(seed), room)

    def _make(
        self, s: State, room: Channel
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64], dict[str, Param]]:
        height, width = room.fourier.height, room.fourier.width
        count, blur, mean, axes, values = colour_model(
            s, self.colours_low, self.colours_high, max(height, width)
        )
        spectrum, amplitude = self._draw_amplitude(s, height, width)
        wavelets, bands = self._draw_bands(s, room.pyramid)
        channels = blank_channels((3, *room.fourier.picture))
        for k, field in enumerate(channels):
            fill_with_noise(s, width, field)
            law = values[k] if self.forces_colours else None
            room.force(field, Demands(amplitude, bands if bands is None else bands[k], law), self._rounds)
        return channels, mean, axes, {"colours": count, "blur": blur, **spectrum, **wavelets}

    @property
    def _rounds(self) -> int:
        return 1

    def _draw_amplitude(
        self, s: State, height: int, width: int
    ) -> tuple[dict[str, Param], NDArray[np.float32] | None]:
        """Draw the spectrum to be forced."""
        return {}, None

    def _draw_bands(
        self, s: State, pyramid: Pyramid | None
    ) -> tuple[dict[str, Param], NDArray[np.float64] | None]:
        """Draw the laws to be forced on the bands of three channels, [3, bands, 2, K]."""
        return {}, None


@dataclass(frozen=True, kw_only=True)
class _Spectrum(_Statistics):
    exponent_low: Annotated[float, Range(0, 8)] = 0.5
    """Smallest exponent s of the amplitude 1/f^s: rough; drawn uniformly for each picture."""
    exponent_high: Annotated[float, Range(0, 8)] = 3.5
    """Largest exponent s of the amplitude 1/f^s: smooth."""

    def _draw_amplitude(
        self, s: State, height: int, width: int
    ) -> tuple[dict[str, Param], NDArray[np.float32] | None]:
        exponent, spread = _exponents(s, self.exponent_low, self.exponent_high)
        a, b = exponent + spread, exponent - spread
        return {"exponent": exponent, "exponent_x": a, "exponent_y": b}, amplitudes(a, b, height, width)


@dataclass(frozen=True, kw_only=True)
class _Rounds(_Statistics):
    rounds: Annotated[int, Range(1, 100)] = 10
    """How often the steps are taken in turn."""

    @property
    def _rounds(self) -> int:
        return self.rounds


@dataclass(frozen=True, kw_only=True)
class _Wavelets(_Rounds):
    forces_bands: ClassVar[bool] = True

    shape_low: Annotated[float, Range(0.2, 4)] = 0.4
    """Smallest exponent ρ of a band's density exp(−|x/σ|^ρ), drawn for each: long tails, rough pictures."""
    shape_high: Annotated[float, Range(0.2, 4)] = 0.8
    """Largest exponent ρ of a band's density: short tails, smooth pictures; 2 is Gaussian."""

    def _draw_bands(
        self, s: State, pyramid: Pyramid | None
    ) -> tuple[dict[str, Param], NDArray[np.float64] | None]:
        assert pyramid is not None
        # σ is 4 to the power of how much smaller the band is than the picture, as published.
        scales = np.array([0.25**level.ratio for level in pyramid.levels for _ in level.responses])
        shape, laws = _band_laws(s, np.tile(scales, 3), self.shape_low, self.shape_high)
        return {"shape": shape}, laws.reshape(3, len(scales), *laws.shape[1:])


@register
@dataclass(frozen=True, kw_only=True)
class StatSpectrum(_Spectrum):
    """Coloured clouds whose spectrum falls off as a power of frequency, from rough to smooth."""

    name: ClassVar[str] = "stat-spectrum"
    version: ClassVar[int] = 2


@register
@dataclass(frozen=True, kw_only=True)
class StatWmm(_Wavelets):
    """Scattered edges and blots: noise whose wavelet coefficients are few and strong, as in photographs."""

    name: ClassVar[str] = "stat-wmm"
    version: ClassVar[int] = 1


@register
@dataclass(frozen=True, kw_only=True)
class StatSpectrumColor(_Spectrum, _Rounds):
    """Clouds with a power-law spectrum in the colours of a random palette."""

    name: ClassVar[str] = "stat-spectrum-color"
    version: ClassVar[int] = 1
    forces_colours: ClassVar[bool] = True


@register
@dataclass(frozen=True, kw_only=True)
class StatSpectrumColorWmm(_Spectrum, _Wavelets):
    """Clouds, edges and blots in the colours of a random palette: all three statistics at once."""

    name: ClassVar[str] = "stat-spectrum-color-wmm"
    version: ClassVar[int] = 1
    forces_colours: ClassVar[bool] = True
