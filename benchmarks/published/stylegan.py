"""Untrained StyleGANs as published: float32 in torch, and for every picture weights of its own.

After Karras et al. (2020) and Baradad et al. (2021). A network's weights are drawn by our code, once: they
serve 400 pictures there as here.
"""

import math
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from patterngen.families import known_families
from patterngen.families.stylegan import LAWS
from patterngen.families.stylegan.network import Block, Convolution, Network, draw_network
from patterngen.families.stylegan.noise import draw_noise

if TYPE_CHECKING:
    from torch import Tensor

Picture = NDArray[np.uint8]
Random = np.random.Generator


def stylegan(rng: Random, size: int, name: str) -> Picture:
    """Draw one picture of a network with its channels' means and deviations."""
    import torch

    kind, network = known_families()[name].kind, _network(name, size)
    noise = iter([] if kind.noise == "none" else draw_noise(rng, kind, network, rng.uniform(0.5, 1.5)))
    with torch.no_grad():
        x, picture = torch.from_numpy(network.constant)[None], None
        for block in network.blocks:
            for convolution in block.convolutions:
                x = _convolve(rng, convolution, x, next(noise, None))
            part = _to_rgb(rng, block, x)
            picture = part if picture is None else _resample(picture, 2) + part
        picture = picture[0]
        means, deviations = ([rng.normal(*LAWS[c][k]) for c in LAWS] for k in (0, 1))
        picture = (picture - picture.mean((1, 2), keepdim=True)) / picture.std((1, 2), keepdim=True)
        picture = picture * torch.tensor(deviations)[:, None, None] + torch.tensor(means)[:, None, None]
        return (255 * picture.clamp(0, 1)).round().byte().permute(1, 2, 0).contiguous().numpy()


@cache
def _network(name: str, size: int) -> Network:
    return draw_network(known_families()[name].kind, 0, size, base=32768, most=512)


def _scales(rng: Random, affine: NDArray[np.float32]) -> "Tensor":
    import torch
    from torch.nn import functional

    style = functional.leaky_relu(torch.from_numpy(rng.standard_normal(512, np.float32)), 0.2)
    return style @ torch.from_numpy(affine) / math.sqrt(512) + 1


def _convolve(rng: Random, layer: Convolution, x: "Tensor", noise: NDArray[np.float32] | None) -> "Tensor":
    import torch
    from torch.nn import functional

    kernel = torch.from_numpy(layer.kernel)
    if layer.mix is not None:
        kernel = torch.from_numpy(layer.mix)[:, :, None, None] * kernel
    kernel = kernel * _scales(rng, layer.affine)[:, None, None]
    kernel = kernel * (kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8).rsqrt()
    if layer.up:
        x = functional.conv_transpose2d(x, kernel.flip(2, 3).transpose(0, 1), stride=2)
        x = _resample(x, 1)
    else:
        x = functional.conv2d(x, kernel, padding=1)
    if noise is not None:
        x = x + layer.noise * torch.from_numpy(noise)
    x = x + torch.from_numpy(layer.bias)[:, None, None]
    return functional.leaky_relu(x, 0.2) * math.sqrt(2)


def _to_rgb(rng: Random, block: Block, x: "Tensor") -> "Tensor":
    import torch
    from torch.nn import functional

    kernel = torch.from_numpy(block.to_rgb).T * _scales(rng, block.affine) / math.sqrt(x.shape[1])
    return functional.conv2d(x, kernel[:, :, None, None])


def _resample(x: "Tensor", up: int) -> "Tensor":
    """Filter with [1, 3, 3, 1], after `up` − 1 zeros behind each pixel."""
    import torch
    from torch.nn import functional

    n, channels, height, width = x.shape
    if up > 1:
        x = functional.pad(x.reshape(n, channels, height, 1, width, 1), (0, up - 1, 0, 0, 0, up - 1))
        x = x.reshape(n, channels, up * height, up * width)
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4
    kernel = torch.outer(taps, taps).expand(channels, 1, 4, 4)
    return functional.conv2d(
        functional.pad(x, (2, 1, 2, 1) if up > 1 else (1, 1, 1, 1)), kernel, groups=channels
    )


PUBLISHED = {
    name: partial(stylegan, name=name)
    for name in ("stylegan-random", "stylegan-highfreq", "stylegan-sparse", "stylegan-oriented")
}
