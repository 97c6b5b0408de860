"""The mel scale, and the triangles that gather the bins of a Fourier transform into bands of it."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MelScale = Literal["slaney", "htk"]
Floats = NDArray[np.float64]


def mel(hertz: Floats, scale: MelScale) -> Floats:
    """Map frequency to mel: HTK's formula, or Slaney's of his Auditory Toolbox (1998)."""
    if scale == "htk":
        return np.asarray(2595 * np.log10(1 + hertz / 700))
    # 15 mel at 1 kHz; 27 mel for each factor of 6.4 above it.
    above = 15 + np.log(np.maximum(hertz, 1000) / 1000) * 27 / math.log(6.4)
    return np.where(hertz < 1000, hertz * 3 / 200, above)


def hertz(mel: Floats, scale: MelScale) -> Floats:
    """Invert `mel`."""
    if scale == "htk":
        return np.asarray(700 * (10 ** (mel / 2595) - 1))
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((np.maximum(mel, 15) - 15) * math.log(6.4) / 27))


def triangles(
    bands: int,
    *,
    bins: int,
    sample_rate: int,
    f_min: float,
    f_max: float,
    scale: MelScale,
    linear_in: Literal["mel", "hertz"],
) -> Floats:
    """Build a mel filter bank, [bands, bins]: band m rises over edges m … m+1 and falls over m+1 … m+2.

    Args:
        bands: how many.
        bins: of the Fourier transform, from 0 to half the sample rate.
        sample_rate: hertz.
        f_min: lower edge of the lowest band, hertz.
        f_max: upper edge of the highest band, hertz.
        scale: on which the edges lie evenly.
        linear_in: sides that are straight over ``mel``, of equal height, as Kaldi's; or over ``hertz``, of
            equal area, as librosa's.
    """
    position = np.linspace(0, sample_rate / 2, bins)
    low, high = mel(np.array([f_min, f_max]), scale)
    edges = np.linspace(low, high, bands + 2)
    if linear_in == "mel":
        position = mel(position, scale)
    else:
        edges = hertz(edges, scale)
    left, centre, right = (edges[i : i + bands, None] for i in range(3))
    rise, fall = (position - left) / (centre - left), (right - position) / (right - centre)
    bank: Floats = np.minimum(rise, fall).clip(min=0)
    if linear_in == "hertz":
        bank *= 2 / (right - left)  # equal area: white noise comes out flat, not tilted
    return bank
