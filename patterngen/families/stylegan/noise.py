"""The noise that some of the networks add after each of their convolutions."""

import numpy as np
from PIL import Image

from patterngen.families.stylegan.network import Array, Network, NetworkKind

ENVELOPE = 4
"""Height and width of an envelope before it is made as large as the map it fades in and out."""


def power_noise(rng: np.random.Generator, exponent: float, size: int) -> Array:
    """Draw Gaussian noise of amplitude 1/f^exponent, float32 [size, size], of expected mean 0 and variance 1.

    Its spectrum is that of white noise times f^−exponent, and 0 at frequency 0.
    """
    # Size is a power of two here, so numbers in frequencies are exact whatever their unit.
    y, x = np.fft.fftfreq(size, 1 / size), np.fft.rfftfreq(size, 1 / size)
    f = np.hypot(y[:, None], x)
    f[0, 0] = np.inf
    amplitude = f**-exponent
    # A column stands for two, fx and −fx, unless these are one.
    twice = np.where((x == 0) | (2 * x == size), 1.0, 2.0)
    amplitude *= size / np.sqrt((twice * amplitude**2).sum())
    white = rng.standard_normal((size, size), np.float32)
    return np.fft.irfft2(np.fft.rfft2(white) * amplitude.astype(np.float32)).astype(np.float32)


def envelope(rng: np.random.Generator, size: int) -> Array:
    """Draw 4×4 numbers by Laplace's law of variance 1 and enlarge them with Lanczos' kernel.

    Most are near 0 and a few are large, so that what is multiplied by them shows in a few places only.
    """
    coarse = rng.laplace(0.0, np.sqrt(0.5), (ENVELOPE, ENVELOPE)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((size, size), Image.Resampling.LANCZOS))


def draw_noise(rng: np.random.Generator, kind: NetworkKind, network: Network, exponent: float) -> list[Array]:
    """Draw a picture's noise: a map [H, W] for each convolution."""
    sizes = [convolution.size for convolution in network.convolutions]
    if kind.noise == "one":
        finest = power_noise(rng, exponent, sizes[-1])
        return [_shrink(finest, size) for size in sizes]
    maps = [power_noise(rng, exponent, size) for size in sizes]
    return [map_ * envelope(rng, len(map_)) for map_ in maps] if kind.envelope else maps


def _shrink(map_: Array, size: int) -> Array:
    """Average a map over squares, so that `size` of them lie side by side."""
    step = len(map_) // size
    shrunk: Array = map_.reshape(size, step, size, step).mean((1, 3), dtype=np.float32)
    return shrunk
