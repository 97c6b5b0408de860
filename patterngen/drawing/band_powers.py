"""The power of a signal in bands of frequency, frame by frame, as spectrograms show it; float32, on one core.

Eight frames go through window, Fourier transform and bands side by side in vector registers and do not leave
the core's first caches. The transform of N real numbers is that of N / 2 complex ones, whose halves are put
together as in Press et al., "Numerical Recipes", §12.3; an odd N takes one of N.

A frame's powers depend on the frame alone, not on those beside it, and are the same bits on every processor.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.simd import EIGHT as WIDTH
from patterngen.drawing.simd import load_eight as load
from patterngen.drawing.simd import store_eight as store
from patterngen.drawing.simd import transpose
from patterngen.drawing.stockham import ROW, Axis, Flat, prepare_axis, roots_of, transform
from patterngen.kernels.jit import kernel

_LARGEST_FACTOR = 127
"""Prime factors cost as much as they are large: with greater ones, other ways to transform are faster."""


def is_fast(size: int) -> bool:
    """Tell whether a length of the transform has no prime factor by which it would be slow."""
    return max(prepare_axis(size).factors, default=1) <= _LARGEST_FACTOR


class BandPowers:
    """Frames of a signal, and the bands that they are divided into. Threads may share it.

    Args:
        window: float [W], W > 1: each frame is multiplied by it.
        bank: float [M, N // 2 + 1], not negative: how much of each bin of a transform of length N >= W is in
            each band. The fewer bins from a band's first to its last, the less it costs.
        size: N, the length of the transform; frames are followed by zeros up to it. See `is_fast`.
        hop: distance of two frames, at least 1.
        centred: subtract its mean from each frame first.
        pre_emphasis: then subtract so much of the sample before from each; the first takes itself for it.

    Examples:
        >>> import numpy as np
        >>> from patterngen.drawing.band_powers import BandPowers
        >>> all_bins = BandPowers(np.ones(4), np.eye(3), size=4, hop=2)
        >>> powers = np.empty((3, 3), np.float32)
        >>> all_bins(np.array([1, 0, 0, 0, 1, -1, 1, -1], np.float32), powers)
        >>> powers
        array([[ 1.,  0.,  0.],
               [ 1.,  2.,  0.],
               [ 1.,  4., 16.]], dtype=float32)
    """

    def __init__(
        self,
        window: NDArray[np.float64],
        bank: NDArray[np.float64],
        *,
        size: int,
        hop: int,
        centred: bool = False,
        pre_emphasis: float = 0.0,
    ) -> None:
        even = size % 2 == 0
        # The two halves of a transform are added without being halved.
        self._window = ((0.5 if even else 1.0) * window).astype(np.float32)
        self._size, self._hop = size, hop
        self._centred, self._pre_emphasis = centred, np.float32(pre_emphasis)
        self._axis, self._turns = prepare_axis(size // 2 if even else size), roots_of(size)
        found = bank > 0
        # A band without a bin takes nothing of the first one.
        first = found.argmax(axis=1)
        after = np.where(found.any(axis=1), found.shape[1] - found[:, ::-1].argmax(axis=1), 1)
        self._bins = np.stack([first, after], axis=1)
        weights = [row[start:stop] for row, start, stop in zip(bank, first, after, strict=True)]
        self._weights = np.concatenate(weights).astype(np.float32)

    def __call__(self, signal: NDArray[np.float32], powers: NDArray[np.float32], before: int = 0) -> None:
        """Overwrite the powers of a signal's first frames, float32 [M, F].

        Args:
            signal: [T], anyhow in memory; what frames reach beyond its end is taken for zero.
            powers: of so many frames, contiguous.
            before: zeros in front of the signal; the first frame begins with them.
        """
        _band_powers(
            np.require(signal, np.float32, ["C", "W"]),  # of one kind, for which the kernel is compiled once
            before,
            self._hop,
            self._window,
            self._size,
            self._centred,
            self._pre_emphasis,
            self._axis,
            self._turns,
            self._bins,
            self._weights,
            powers,
        )


@kernel
def _load_frames(
    signal: Flat, at: int, hop: int, count: int, frames: Flat, step: int, edge: NDArray[np.float32]
) -> None:
    """Load the samples of eight frames that begin at a sample, [W, 8] at every `step` entries.

    Samples are loaded eight at a time, so that a few more may come behind the frames.
    """
    width = edge.shape[1]
    if at >= 0 and at + (WIDTH - 1) * hop + width <= len(signal):
        for i in range(0, count, WIDTH):
            transpose(signal, at + i, hop, frames, i * step, step)
        return
    for lane in range(WIDTH):
        begin = at + lane * hop
        for i in range(width):
            edge[lane, i] = signal[begin + i] if 0 <= begin + i < len(signal) else 0
    flat = edge.reshape(-1)
    for i in range(0, count, WIDTH):
        transpose(flat, i, width, frames, i * step, step)


@kernel
def _centre(frames: Flat, count: int, step: int) -> None:
    """Subtract its mean from each of eight frames, [W, 8] at every `step` entries."""
    a, b = load(frames, 0), load(frames, step)  # two sums: each addition waits for the one before it
    for i in range(2, count - 1, 2):
        a, b = a + load(frames, i * step), b + load(frames, (i + 1) * step)
    if count % 2:
        a = a + load(frames, (count - 1) * step)
    mean = (a + b) * np.float32(1 / count)
    for i in range(count):
        store(frames, i * step, load(frames, i * step) - mean)


@kernel
def _shape(frames: Flat, window: Flat, step: int, pre_emphasis: np.float32) -> None:
    """Pre-emphasise eight frames, [W, 8] at every `step` entries, and multiply them by the window."""
    before = load(frames, 0)
    for i in range(len(window)):
        here = load(frames, i * step)
        store(frames, i * step, (here - before * pre_emphasis) * window[i])
        before = here


@kernel
def _power_of_halves(z: Flat, turns: NDArray[np.float32], power: Flat, half: int) -> None:
    """Write the power [N // 2 + 1, 8] of real frames, of whose even and odd samples z is the transform."""
    for k in range(half // 2 + 1):
        i, j = ROW * k, ROW * ((half - k) % half)
        ar, ai, br, bi = load(z, i), load(z, i + WIDTH), load(z, j), load(z, j + WIDTH)
        even_r, even_i, odd_r, odd_i = ar + br, ai - bi, ai + bi, br - ar
        c, s = turns[k, 0], turns[k, 1]
        odd_r, odd_i = odd_r * c - odd_i * s, odd_r * s + odd_i * c
        xr, xi, yr, yi = even_r + odd_r, even_i + odd_i, even_r - odd_r, even_i - odd_i
        store(power, WIDTH * k, xr * xr + xi * xi)
        store(power, WIDTH * (half - k), yr * yr + yi * yi)


@kernel
def _power(z: Flat, power: Flat, bins: int) -> None:
    for k in range(bins):
        real, imaginary = load(z, ROW * k), load(z, ROW * k + WIDTH)
        store(power, WIDTH * k, real * real + imaginary * imaginary)


@kernel
def _band_powers(
    signal: Flat,
    before: int,
    hop: int,
    window: Flat,
    size: int,
    centred: bool,
    pre_emphasis: np.float32,
    axis: Axis,
    turns: NDArray[np.float32],
    bins: NDArray[np.int64],
    weights: Flat,
    powers: NDArray[np.float32],
) -> None:
    """Overwrite powers [M, F] with those of the frames that begin at −before, hop − before, …."""
    count, odd, half = len(window), size % 2 == 1, size // 2
    step = ROW if odd else WIDTH  # even and odd samples are real and imaginary parts; or all parts are real
    x = np.zeros((size + WIDTH) * step, np.float32)
    y, power = np.empty(len(x), np.float32), np.zeros((half + 1) * WIDTH, np.float32)
    pairs = np.empty((len(axis.roots) // 2 + 1) * 2 * ROW, np.float32)
    edge = np.empty((WIDTH, (count + WIDTH - 1) // WIDTH * WIDTH), np.float32)
    last, frames = np.empty(WIDTH, np.float32), powers.shape[1]
    flat = powers.reshape(-1)
    for first in range(0, frames, WIDTH):
        if odd:
            x[:] = 0
        _load_frames(signal, first * hop - before, hop, count, x, step, edge)
        x[count * step : size * step] = 0
        if centred:
            _centre(x, count, step)
        _shape(x, window, step, pre_emphasis)
        z = transform(x, y, axis, pairs)
        if odd:
            _power(z, power, half + 1)
        else:
            _power_of_halves(z, turns, power, half)
        w = 0
        for band in range(len(bins)):
            begin, end = bins[band, 0], bins[band, 1]
            total = load(power, begin * WIDTH) * weights[w]
            for k in range(begin + 1, end):
                w += 1
                total = total + load(power, k * WIDTH) * weights[w]
            w += 1
            if first + WIDTH <= frames:
                store(flat, band * frames + first, total)
            else:
                store(last, 0, total)
                for lane in range(frames - first):
                    powers[band, first + lane] = last[lane]
