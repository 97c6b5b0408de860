"""The synthesis network of StyleGAN2 at the cost of its convolutions.

A picture's style scales the input channels of every convolution, and its outputs are scaled to unit
variance ("demodulation"). Both are done to the activations, not to the weights, so that the weights are
one tensor for all pictures. The factor √2 that keeps the variance behind LeakyReLU goes into the
demodulation: LeakyReLU(a·x) = a·LeakyReLU(x) for a > 0.

Letters in shapes: N pictures, I input and O output channels, H×W pixels.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from patterngen.families.stylegan.network import STYLE, Array, Block, Convolution, Network
from patterngen.families.torch_device import Backend

SLOPE = 0.2
"""Slope of LeakyReLU below 0."""

FILTER = (1.0, 3.0, 3.0, 1.0)
"""The resampling filter along one axis, before it is normalised."""


def resampling_filter() -> Tensor:
    """Return the filter that follows doubling by zeros, [4, 4], of sum 4: it keeps the mean of a picture."""
    taps = torch.tensor(FILTER)
    return torch.outer(taps, taps) * (4 / taps.sum() ** 2)


def upsample(x: Tensor) -> Tensor:
    """Double the height and width of [N, C, H, W] with the resampling filter."""
    channels = x.shape[1]
    kernel = resampling_filter().to(x).expand(channels, 1, 4, 4)
    return functional.conv_transpose2d(x, kernel, stride=2, padding=1, groups=channels)


class Modulated:
    """A modulated convolution, its noise, bias and LeakyReLU, on some processor."""

    def __init__(self, weights: Convolution, backend: Backend) -> None:
        squares = torch.from_numpy(weights.kernel).square().sum((-2, -1))
        if weights.mix is not None:
            squares = torch.from_numpy(weights.mix).square() * squares
        self.affine = torch.from_numpy(weights.affine).to(backend.device)
        self.energy = squares.T.contiguous().to(backend.device)  # [I, O]
        self.bias = None
        if weights.bias.any():
            self.bias = math.sqrt(2) * _to(backend, weights.bias)[:, None, None]
        self.noise = math.sqrt(2) * weights.noise
        self.convolve = (Dense if weights.mix is None else Factored)(weights, backend)

    def __call__(self, x: Tensor, style: Tensor, noise: Tensor | None) -> Tensor:
        """Apply it to x [N, I, H, W] with a style [N, 512] and noise [N, 1, H, W] of unit variance."""
        scale = input_scales(style, self.affine)
        gain = math.sqrt(2) * torch.rsqrt(scale.square() @ self.energy + 1e-8)
        x = self.convolve(x * scale.to(x)[:, :, None, None])
        x.mul_(gain.to(x)[:, :, None, None])
        if noise is not None:
            x.add_((self.noise * noise).to(x))
        if self.bias is not None:
            x.add_(self.bias)
        return functional.leaky_relu_(x, SLOPE)


def input_scales(style: Tensor, affine: Tensor) -> Tensor:
    """Return by what a style [N, 512] scales the channels, [N, I], given the layer's affine map [512, I]."""
    return style @ affine / math.sqrt(STYLE) + 1


class Dense:
    """A convolution whose every pair of channels has a kernel of its own."""

    def __init__(self, weights: Convolution, backend: Backend) -> None:
        kernel = _to(backend, weights.kernel)
        self.up = weights.up
        if self.up:
            # The transposed convolution turns its kernels round and takes inputs first.
            kernel = kernel.flip(2, 3).transpose(0, 1)
        self.kernel = kernel.contiguous(memory_format=torch.channels_last)
        outputs = len(weights.kernel)
        self.blur = resampling_filter().to(self.kernel).expand(outputs, 1, 4, 4).contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        """Take [N, I, H, W] to [N, O, H, W], or to [N, O, 2H, 2W] if it doubles the size."""
        if not self.up:
            return functional.conv2d(x, self.kernel, padding=1)
        x = functional.conv_transpose2d(x, self.kernel, stride=2)
        return functional.conv2d(x, self.blur, padding=1, groups=len(self.blur))


class Factored:
    """A convolution whose kernels are one per input channel, times a number for each pair of channels.

    That is a filter on each input channel by itself and then a matrix at each pixel: a ninth of the work.
    Doubling the size, each of the four places of an output pixel on the grid of the input sees its own 3×3
    part of the kernel and the resampling filter in one, 6×6.
    """

    def __init__(self, weights: Convolution, backend: Backend) -> None:
        assert weights.mix is not None
        kernel = torch.from_numpy(weights.kernel)[:, None]
        if weights.up:
            whole = functional.conv2d(kernel, resampling_filter()[None, None], padding=3)
            parts = [whole[..., 1 - i :: 2, 1 - j :: 2] for i in (0, 1) for j in (0, 1)]
        else:
            parts = [kernel]
        self.parts = [part.contiguous().to(backend.device, backend.dtype) for part in parts]
        self.mix = _to(backend, weights.mix)[:, :, None, None]

    def __call__(self, x: Tensor) -> Tensor:
        """See `Dense`."""
        parts = (self._mixed(x, kernel) for kernel in self.parts)
        if len(self.parts) == 1:
            return next(parts)
        n, _, height, width = x.shape
        whole = torch.empty(
            (n, len(self.mix), 2 * height, 2 * width),
            dtype=x.dtype,
            device=x.device,
            memory_format=torch.channels_last,
        )
        for place, part in enumerate(parts):
            whole[:, :, place // 2 :: 2, place % 2 :: 2] = part
        return whole

    def _mixed(self, x: Tensor, kernel: Tensor) -> Tensor:
        return functional.conv2d(functional.conv2d(x, kernel, padding=1, groups=len(kernel)), self.mix)


class ToRGB:
    """The part of a picture that one resolution gives: modulated, not demodulated, without noise."""

    def __init__(self, block: Block, backend: Backend) -> None:
        self.affine = torch.from_numpy(block.affine).to(backend.device)
        self.weight = torch.from_numpy(block.to_rgb).to(backend.device) / math.sqrt(len(block.to_rgb))

    def __call__(self, x: Tensor, style: Tensor) -> Tensor:
        """Take [N, I, H, W] and a style [N, 512] to float32 [N, 3, H, W]."""
        weight = input_scales(style, self.affine)[:, :, None] * self.weight  # [N, I, 3]
        pixels = x.permute(0, 2, 3, 1).flatten(1, 2) @ weight.to(x)
        return pixels.float().permute(0, 2, 1).reshape(len(x), 3, *x.shape[2:])


class Synthesis:
    """A whole network on some processor."""

    def __init__(self, network: Network, backend: Backend) -> None:
        self.backend = backend
        self.constant = _to(backend, network.constant)
        self.blocks = [
            ([Modulated(convolution, backend) for convolution in block.convolutions], ToRGB(block, backend))
            for block in network.blocks
        ]

    @torch.no_grad()
    def __call__(self, styles: Array, noise: Sequence[Array]) -> Array:
        """Draw N pictures.

        Args:
            styles: float32 [N, L, 512], one for each convolution and, after those of its resolution, for
                each part of the picture.
            noise: float32 [N, H, W] for each convolution; without noise, nothing.

        Returns:
            float32 [N, 3, H, W], of any mean and variance.
        """
        device = self.backend.device
        style = iter(torch.from_numpy(styles).to(device).unbind(1))
        maps = iter(torch.from_numpy(map_).to(device)[:, None] for map_ in noise)
        x = self.constant.expand(len(styles), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        picture = None
        for convolutions, to_rgb in self.blocks:
            for convolution in convolutions:
                x = convolution(x, next(style), next(maps, None))
            part = to_rgb(x, next(style))
            picture = part if picture is None else upsample(picture).add_(part)
        assert picture is not None
        return picture.cpu().numpy()


def _to(backend: Backend, weights: Array) -> Tensor:
    return torch.from_numpy(weights).to(backend.device, backend.dtype)
