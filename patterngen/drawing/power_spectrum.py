"""Giving a picture the power spectrum that was asked for, as natural pictures have it: 1/f^s.

Source: Baradad et al., "Learning to See by Looking at Noise", NeurIPS 2021. Spectra are laid out as in
`fourier`: float32 [2, N, F], rows are fx, columns fy ≥ 0.
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.fourier import columns
from patterngen.kernels.jit import kernel
from patterngen.numba_math import power

EPSILON = 2.0**-52
"""Keeps the amplitude finite where a frequency is 0."""
_TINY = np.float32(1e-30)


@kernel
def amplitudes(a: float, b: float, height: int, width: int) -> NDArray[np.float32]:
    """Return the amplitude 1/(ε + |fx/N|^a + |fy/M|^b), float32 [N, F], relative to its largest value.

    The zero frequency has amplitude 0, and so have the columns beyond fy = M // 2.
    """
    half = height // 2 + 1
    along_x, along_y = np.zeros(width // 2 + 1), np.zeros(half)
    least = np.inf
    for f in range(1, len(along_x)):
        along_x[f] = power(f / width, a)
        least = min(least, along_x[f])
    for f in range(1, half):
        along_y[f] = power(f / height, b)
        least = min(least, along_y[f])
    amplitude = np.zeros((width, columns(height)), np.float32)
    highest = 1.0 / (EPSILON + least) if least < np.inf else 1.0
    for fx in range(width):
        for fy in range(half):
            value = 1.0 / (EPSILON + along_x[min(fx, width - fx)] + along_y[fy])
            amplitude[fx, fy] = np.float32(value / highest)
    amplitude[0, 0] = 0.0
    return amplitude


@kernel
def energy(real: NDArray[np.float32], imaginary: NDArray[np.float32], height: int) -> float:
    """Return the sum of squares over a whole spectrum, given its half with fy ≥ 0, but for frequency 0."""
    half = height // 2 + 1
    sums = np.zeros(half)
    for fx in range(len(real)):
        for fy in range(half):  # a sum per column: these fill vector registers
            sums[fy] += real[fx, fy] * real[fx, fy] + imaginary[fx, fy] * imaginary[fx, fy]
    sums[0] -= real[0, 0] ** 2 + imaginary[0, 0] ** 2
    total = 0.0
    for fy in range(half):  # a column stands for two, fy and −fy, unless these are one
        total += sums[fy] * (1.0 if fy == 0 or 2 * fy == height else 2.0)
    return total


@kernel
def impose(spectrum: NDArray[np.float32], amplitude: NDArray[np.float32], height: int) -> None:
    """Give the spectrum of a picture of a height these amplitudes; phases, mean and deviation stay.

    The picture's variance is the energy of its spectrum (Parseval), so no transform is needed to restore it.
    """
    total = energy(amplitude, np.zeros_like(amplitude), height)
    if not total > 0.0:
        return
    mean = spectrum[0, 0, 0]
    factor = np.float32(math.sqrt(energy(spectrum[0], spectrum[1], height) / total))
    for fx in range(spectrum.shape[1]):
        for fy in range(spectrum.shape[2]):
            real, imaginary = spectrum[0, fx, fy], spectrum[1, fx, fy]
            square = real * real + imaginary * imaginary
            # A frequency that is missing has no phase, and stays so.
            gain = factor * amplitude[fx, fy] / np.float32(math.sqrt(square if square > _TINY else _TINY))
            spectrum[0, fx, fy] = gain * real
            spectrum[1, fx, fy] = gain * imaginary
    spectrum[0, 0, 0] = mean
