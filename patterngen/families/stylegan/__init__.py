"""Untrained StyleGANs: four families of one generator whose weights follow four laws.

Baradad et al. (2021) skip the mapping network and feed the synthesis network of StyleGAN2 with noise in
place of styles, and set the mean and deviation of each channel afterwards. They draw a new network every
400 pictures. Here the upper half of a picture's seed is its network's, so a picture follows from its seed
alone, and pictures of one network cost no more than their convolutions.

Where their description leaves a choice, this is ours. The bank of wavelets: see `wavelets`. Noise: a
network has one strength for each convolution, a picture one exponent and maps of its own. "A
Laplace-distributed 4×4 envelope, Lanczos-upsampled" multiplies each map of noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures
from patterngen.families.model.settings import Range
from patterngen.families.stylegan.network import STYLE, Network, NetworkKind, draw_network, resolutions
from patterngen.families.stylegan.noise import draw_noise
from patterngen.families.torch_device import backend, batches, repeatable

if TYPE_CHECKING:
    from patterngen.families.stylegan.synthesis import Synthesis

LARGEST = 1024
"""Height and width of the largest picture."""

LAWS = {
    "red": ((0.483, 0.145), (0.219, 0.063)),
    "green": ((0.455, 0.142), (0.213, 0.062)),
    "blue": ((0.401, 0.161), (0.213, 0.069)),
}
"""Normal laws (mean, deviation) from which the mean and the standard deviation of each channel are drawn;
black is 0, white 1."""


@dataclass(frozen=True, kw_only=True)
class _StyleGAN(Family):
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021"
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "per renderer"
    seed_group: ClassVar[int] = 400
    slow: ClassVar[bool] = True
    kind: ClassVar[NetworkKind]

    channels_base: Annotated[int, Range(4096, 131072)] = 32768
    """A resolution of r × r has channels_base/r channels: fewer are faster and coarser."""
    channels_max: Annotated[int, Range(4, 1024)] = 512
    """Most channels of any resolution."""

    @property
    def renderer(self) -> str:
        """Torch's version, the processor and the precision."""
        return backend().name

    def enclosing(self, height: int, width: int) -> int:
        """Return the least power of two that the sides do not exceed: what the networks can draw."""
        return 1 << max(2, (max(height, width) - 1).bit_length()) if height != width else height

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; see `Family.draw`.

        ``network`` in its params is the network's seed, ``seed >> 32``.

        Raises:
            MissingDependencyError: torch is not installed.
            PatternGenError: the size is not a power of two from 4 to 1024.
        """
        _check_size(self.name, size)
        width = backend().batch
        pixels = np.empty((len(seeds), size, size, 3), np.uint8)
        params: list[dict[str, Param]] = [{}] * len(seeds)
        with repeatable():
            for places in batches([seed >> 32 for seed in seeds], width):
                network, synthesis = _network(
                    self.kind, seeds[places[0]] >> 32, size, self.channels_base, self.channels_max
                )
                drawn = [_Inputs(self.kind, network, seeds[place]) for place in places]
                styles = np.stack([inputs.styles for inputs in drawn])
                noise = [np.stack(maps) for maps in zip(*(inputs.noise for inputs in drawn), strict=True)]
                pictures = synthesis(styles, noise)
                for place, inputs, picture in zip(places, drawn, pictures, strict=True):
                    params[place] = inputs.params
                    pixels[place] = inputs.coloured(picture)
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))


class _Inputs:
    """What a picture has of its own: its styles, its noise and its colours.

    Attributes:
        styles: float32 [L, 512]: LeakyReLU of N(0, 1).
        noise: float32 [H, W] for each convolution, or nothing.
        params: how its colours and its noise were drawn.
    """

    def __init__(self, kind: NetworkKind, network: Network, seed: int) -> None:
        rng = np.random.default_rng([seed >> 32, seed & 0xFFFFFFFF])
        self.params: dict[str, Param] = {"network": seed >> 32}
        for channel, (mean, deviation) in LAWS.items():
            self.params[f"mean_{channel}"] = rng.normal(*mean)
            # The law allows a negative one, once in 4000 pictures: that would turn the channel over.
            self.params[f"deviation_{channel}"] = abs(rng.normal(*deviation))
        styles = rng.standard_normal((network.styles, STYLE), np.float32)
        self.styles = np.maximum(styles, np.float32(0.2) * styles)
        self.noise: list[NDArray[np.float32]] = []
        if kind.noise != "none":
            self.params["noise_exponent"] = exponent = rng.uniform(0.5, 1.5)
            self.noise = draw_noise(rng, kind, network, exponent)

    def coloured(self, picture: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Give each channel of [3, H, W] its mean and deviation; return bytes [H, W, 3]."""
        means, deviations = (
            np.array([self.params[f"{what}_{channel}"] for channel in LAWS], np.float32)
            for what in ("mean", "deviation")
        )
        flat = picture.reshape(3, -1)
        centred = flat - flat.mean(1, keepdims=True)
        scale = deviations / np.maximum(centred.std(1), np.finfo(np.float32).tiny)
        levels = centred * scale[:, None] + means[:, None]
        levels = np.rint(255 * np.clip(levels, 0, 1)).astype(np.uint8)
        return np.ascontiguousarray(levels.T).reshape(*picture.shape[1:], 3)


# The pictures of a job meet one network after the other; a second one stays for whoever goes back a step.
@lru_cache(maxsize=2)
def _network(kind: NetworkKind, seed: int, size: int, base: int, most: int) -> tuple[Network, "Synthesis"]:
    from patterngen.families.stylegan.synthesis import Synthesis

    network = draw_network(kind, seed, size, base=base, most=most)
    return network, Synthesis(network, backend())


def _check_size(name: str, size: int) -> None:
    known = list(resolutions(LARGEST))
    if size not in known:
        near = sorted(known, key=lambda other: abs(other - size))[:2]
        raise PatternGenError(
            f"{name}: cannot draw size {size}; give a power of two from {known[0]} to {LARGEST}, "
            f"such as {' or '.join(map(str, sorted(near)))}"
        )


@register
@dataclass(frozen=True, kw_only=True)
class StyleGANRandom(_StyleGAN):
    """Soft blobs and swirls of few colours: an untrained StyleGAN with normal weights."""

    name: ClassVar[str] = "stylegan-random"
    kind: ClassVar[NetworkKind] = NetworkKind("normal")


@register
@dataclass(frozen=True, kw_only=True)
class StyleGANHighFrequency(_StyleGAN):
    """Finely grained fields: an untrained StyleGAN of sign wavelets, with 1/f noise."""

    name: ClassVar[str] = "stylegan-highfreq"
    kind: ClassVar[NetworkKind] = NetworkKind("per input", noise="each")


@register
@dataclass(frozen=True, kw_only=True)
class StyleGANSparse(_StyleGAN):
    """Grain here and there on calmer ground: sign wavelets, and noise that fades in and out."""

    name: ClassVar[str] = "stylegan-sparse"
    kind: ClassVar[NetworkKind] = NetworkKind("per input", noise="each", envelope=True, bias=(0.0, 0.2))


@register
@dataclass(frozen=True, kw_only=True)
class StyleGANOriented(_StyleGAN):
    """Strokes and contours at all scales: an untrained StyleGAN of oriented wavelets, with 1/f noise."""

    name: ClassVar[str] = "stylegan-oriented"
    kind: ClassVar[NetworkKind] = NetworkKind("per pair", noise="one", bias=(-0.2, 0.2))
