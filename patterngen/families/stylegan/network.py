"""The weights of an untrained StyleGAN, drawn from a seed; nothing here needs torch.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (CVPR 2020), synthesis network
with skips. The laws of the weights are those of Baradad et al. (2021).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.families.stylegan.wavelets import SIZE as BANK_SIZE
from patterngen.families.stylegan.wavelets import bank

Array = NDArray[np.float32]

STYLE = 512
"""Numbers that a layer's style is made of."""

COARSEST = 4
"""Height and width of the constant picture that every picture grows from."""


@dataclass(frozen=True)
class NetworkKind:
    """What sets one kind of network apart.

    Attributes:
        kernels: weights of the convolutions: every one N(0, 1); or one signed wavelet per input channel times
            N(0, 1) per pair of channels; or for every pair a wavelet out of a few.
        noise: 1/f^α noise added after each convolution: none, a map for each, or one map for all of them.
        envelope: whether a smooth random envelope fades each map in and out.
        bias: range of the uniform law of the biases.
    """

    kernels: Literal["normal", "per input", "per pair"]
    noise: Literal["none", "each", "one"] = "none"
    envelope: bool = False
    bias: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Convolution:
    """A modulated 3×3 convolution from I to O channels.

    Attributes:
        size: height and width of what it gives.
        up: whether that is twice the size of what it takes.
        affine: [512, I]: a style w has the input scales w·affine/√512 + 1.
        kernel: [O, I, 3, 3]; or [I, 3, 3] if `mix` is there.
        mix: [O, I], or none: the kernel of a pair (o, i) is mix[o, i]·kernel[i].
        bias: [O].
        noise: strength of the noise that is added to it.
    """

    size: int
    up: bool
    affine: Array
    kernel: Array
    mix: Array | None
    bias: Array
    noise: float


@dataclass(frozen=True)
class Block:
    """One resolution: its convolutions, and how its channels become a part of the picture.

    Attributes:
        convolutions: layers; one for the coarsest resolution, then two, the first of which doubles the size.
        affine: [512, O], as of a convolution.
        to_rgb: [O, 3], to be divided by √O.
    """

    convolutions: tuple[Convolution, ...]
    affine: Array
    to_rgb: Array


@dataclass(frozen=True)
class Network:
    """An untrained network.

    Attributes:
        constant: [I, 4, 4]: what it starts from.
        blocks: parts of the network, for each resolution from the coarsest to the finest.
    """

    constant: Array
    blocks: tuple[Block, ...]

    @property
    def convolutions(self) -> tuple[Convolution, ...]:
        """Convolutions of all blocks, in the order in which they are applied."""
        return tuple(convolution for block in self.blocks for convolution in block.convolutions)

    @property
    def styles(self) -> int:
        """How many styles a picture has: one for each convolution and one for each part of the picture."""
        return len(self.convolutions) + len(self.blocks)


def channels(size: int, base: int, most: int) -> int:
    """Return how many channels a resolution has: base/size, `most` at most."""
    return min(base // size, most)


def resolutions(size: int) -> Iterator[int]:
    """Yield 4, 8, 16 … size."""
    resolution = COARSEST
    while resolution <= size:
        yield resolution
        resolution *= 2


def draw_network(kind: NetworkKind, seed: int, size: int, *, base: int, most: int) -> Network:
    """Draw a network that gives pictures of a size.

    Networks of one seed share what they have in common: the smaller one is the beginning of the larger.

    Args:
        kind: which laws its weights follow.
        seed: of the network, any non-negative integer.
        size: a power of two, 4 at least.
        base: see `channels`.
        most: see `channels`.
    """
    rng = np.random.default_rng([seed])
    width = channels(COARSEST, base, most)
    constant = _normal(rng, width, COARSEST, COARSEST)
    blocks: list[Block] = []
    for resolution in resolutions(size):
        wide = channels(resolution, base, most)
        convolutions = tuple(
            _draw_convolution(rng, kind, resolution, up, inputs, wide)
            for up, inputs in ([(True, width)] if blocks else []) + [(False, wide)]
        )
        blocks.append(Block(convolutions, _normal(rng, STYLE, wide), _normal(rng, wide, 3)))
        width = wide
    return Network(constant, tuple(blocks))


def _draw_convolution(
    rng: np.random.Generator, kind: NetworkKind, size: int, up: bool, inputs: int, outputs: int
) -> Convolution:
    affine = _normal(rng, STYLE, inputs)
    mix = None
    match kind.kernels:
        case "normal":
            kernel = _normal(rng, outputs, inputs, 3, 3)
        case "per input":
            kernel = bank(quantised=True)[rng.integers(BANK_SIZE, size=inputs)]
            mix = _normal(rng, outputs, inputs)
        case "per pair":
            few = rng.permutation(BANK_SIZE)[: rng.integers(5, BANK_SIZE, endpoint=True)]
            kernel = bank(quantised=False)[few[rng.integers(len(few), size=(outputs, inputs))]]
    bias = rng.uniform(*kind.bias, outputs).astype(np.float32)
    return Convolution(size, up, affine, kernel, mix, bias, rng.uniform(0.0, 0.3))


def _normal(rng: np.random.Generator, *shape: int) -> Array:
    return rng.standard_normal(shape, np.float32)
