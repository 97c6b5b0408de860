"""How a picture is made smoother or rougher: filters of its cosine transform, and back to bytes."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.cosine import Channels, place
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin, exp, log

_MOST_STRETCHES = 8


@kernel
def low_pass(sigma: float, response: NDArray[np.float32]) -> None:
    """Fill in exp(−2π²σ²f²), f = k/2N cycles a pixel: a Gaussian of width σ pixels."""
    width, height = response.shape
    across, down = _passed(sigma, width), _passed(sigma, height)
    for kx in range(width):
        response[kx] = across[kx] * down


@kernel
def _passed(sigma: float, size: int) -> NDArray[np.float32]:
    line = np.empty(size, np.float32)
    for k in range(size):
        phase = math.pi * sigma * k / size
        line[k] = exp(-0.5 * min(phase * phase, 160.0))
    return line


@kernel
def radii(height: int, width: int) -> NDArray[np.float32]:
    """Return the frequency of each coefficient, [width, height], 1 for half a wave along the longer side.

    Of a square, that is √(kx² + ky²).
    """
    size = max(height, width)
    out = np.empty((width, height), np.float32)
    for kx in range(width):
        x = kx * (size / width)
        for ky in range(height):
            y = ky * (size / height)
            out[kx, ky] = math.sqrt(x * x + y * y)
    return out


@kernel
def spectral_tilt(beta: float, radius: NDArray[np.float32], response: NDArray[np.float32]) -> None:
    """Fill in |f|^β, 1 at the highest frequency of an axis; the mean stays.

    The power is taken eight times for each step of the radius, and read between on a straight line.
    """
    width, height = response.shape
    size = max(width, height)
    powers = np.ones(12 * size + 9, np.float32)
    for i in range(1, len(powers)):
        powers[i] = exp(beta * log(i / (8.0 * size)))
    for kx in range(width):
        for ky in range(height):
            at = np.float32(8.0) * radius[kx, ky]
            left = np.int32(at)
            response[kx, ky] = powers[left] + (at - np.float32(left)) * (powers[left + 1] - powers[left])


@kernel
def respond(
    coefficients: Channels, response: NDArray[np.float32], stretch: float, out: Channels
) -> NDArray[np.float64]:
    """Multiply coefficients by a response, and each channel by what restores its variance, at most `stretch`.

    Returns:
        Mean and standard deviation that each channel has then, float64 [3, 2].
    """
    width, height = response.shape
    root = math.sqrt(width * height)
    targets = np.empty((3, 2))
    for channel in range(3):
        mean = coefficients[channel, 0, 0]
        # One sum per column lets the compiler add columns side by side without reordering any sum.
        before = np.zeros(height)
        after = np.zeros(height)
        for kx in range(width):
            line, passed, left_over = coefficients[channel, kx], response[kx], out[channel, kx]
            for ky in range(height):
                left_over[ky] = line[ky] * passed[ky]
            if kx == 0:
                left_over[0] = 0.0
            for ky in range(height):
                before[ky] += np.float64(line[ky]) * np.float64(line[ky])
            for ky in range(height):
                after[ky] += np.float64(left_over[ky]) * np.float64(left_over[ky])
        energy = max(0.0, before.sum() - np.float64(mean) * np.float64(mean))
        left = after.sum()
        gain = min(stretch, math.sqrt(energy / left)) if left > 0.0 else 1.0
        out[channel] *= np.float32(gain)
        out[channel, 0, 0] = mean
        targets[channel, 0] = mean / root
        targets[channel, 1] = gain * math.sqrt(left) / root
    return targets


@kernel
def moments(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return mean and standard deviation of each channel of a picture, float64 [3, 2]."""
    height, width = picture.shape[:2]
    out = np.empty((3, 2))
    for channel in range(3):
        total = 0
        squares = 0
        for row in range(height):
            for column in range(width):
                value = int(picture[row, column, channel])
                total += value
                squares += value * value
        out[channel] = _spread(total, squares, height * width)
    return out


@kernel
def to_bytes(channels: Channels, targets: NDArray[np.float64], out: NDArray[np.uint8]) -> None:
    """Round channels, as the inverse cosine transform leaves them, to bytes [height, width, 3].

    Clipping costs contrast. A channel that is clipped is stretched further, until its bytes have the mean
    and standard deviation of `targets`, or nearly.
    """
    height, width = out.shape[:2]
    gains = np.ones(3, np.float32)
    offsets = np.full(3, np.float32(0.5))
    for channel in range(3):
        mean, deviation = targets[channel]
        gain = 1.0
        aim = mean
        for _ in range(_MOST_STRETCHES):
            now, spread = _clipped_moments(channels[channel], gains[channel], offsets[channel])
            if abs(spread - deviation) <= 0.005 * deviation + 0.05 and abs(now - mean) <= 0.5:
                break
            missing = min(2.0, deviation / spread) if spread > 0.0 else 1.0
            gain *= missing * math.sqrt(missing)  # more than is missing: of what is clipped nothing comes
            aim += mean - now
            gains[channel] = gain
            offsets[channel] = aim - gain * mean + 0.5
    half = (width + 1) // 2
    line = np.empty((3, width), np.uint8)
    for row in range(height):
        y, target = place(row, height), out[row]
        for channel in range(3):
            source, shades = channels[channel, y], line[channel]
            factor, shift = gains[channel], offsets[channel]
            for x in range(width):
                shades[x] = np.uint8(_clipped(factor * source[x] + shift))
        for i in range(width):  # even columns, then odd ones backwards: see `place`
            column = 2 * i if i < half else 2 * (width - i) - 1
            for channel in range(3):
                target[column, channel] = line[channel, i]


@kernel
def _clipped(value: np.float32) -> np.int32:
    return np.int32(min(np.float32(255.0), max(np.float32(0.0), value)))


@kernel
def _clipped_moments(
    channel: NDArray[np.float32], gain: np.float32, offset: np.float32
) -> tuple[float, float]:
    """Return mean and standard deviation of gain · channel + offset once it is bytes."""
    total = 0
    squares = 0
    for row in range(len(channel)):
        line = channel[row]
        line_total = np.int32(0)
        line_squares = np.int32(0)  # holds 255² 33 000 times
        for x in range(len(line)):  # in 32 bits at each step, as vector registers add them
            byte = _clipped(gain * line[x] + offset)
            line_total = np.int32(line_total + byte)
            line_squares = np.int32(line_squares + np.int32(byte * byte))
        total += int(line_total)
        squares += int(line_squares)
    return _spread(total, squares, channel.size)


@kernel
def _spread(total: int, squares: int, count: int) -> tuple[float, float]:
    mean = total / count
    return mean, math.sqrt(max(0.0, squares / count - mean * mean))


@kernel
def _steepness(size: int) -> NDArray[np.float64]:
    steepness = np.empty(size)
    for k in range(size):
        steepness[k] = 2.0 - 2.0 * cos_sin(k / (2.0 * size))[0]
    return steepness


@kernel
def radial_energies(coefficients: Channels, radius: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """Add up the squares of the coefficients, and of those of the gradient, by the radius.

    A difference of neighbours multiplies the square of coefficient k by 2 − 2 cos(πk/N).

    Args:
        coefficients: float32 [3, width, height].
        radius: as `radii` gives it.
        out: float64 [2, 3, R], R > √2 times the longer side: of the picture and of its gradient, for each
            channel; the mean is left out.
    """
    width, height = coefficients.shape[1:]
    across, down = _steepness(width), _steepness(height)
    out[:] = 0.0
    for kx in range(width):
        for ky in range(height):
            r = np.int32(radius[kx, ky] + np.float32(0.5))
            for channel in range(3):
                energy = np.float64(coefficients[channel, kx, ky])
                energy *= energy
                out[0, channel, r] += energy
                out[1, channel, r] += energy * (across[kx] + down[ky])
    out[:, :, 0] = 0.0
