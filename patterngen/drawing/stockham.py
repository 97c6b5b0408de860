"""The Fourier transform of eight columns of complex numbers side by side, in float32, for any length.

Self-sorting passes after Stockham (Cochran et al., "What is the fast Fourier transform?", Proc. IEEE 55,
1967), one for each factor of the length. Factors 2 are fastest; a prime factor p costs as p. The numbers are
the same bits on every processor.

Eight columns of N complex numbers lie in a flat float32 array [N, 2, 8]: eight real parts, eight imaginary
ones, and so on.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.simd import EIGHT as WIDTH
from patterngen.drawing.simd import Lanes
from patterngen.drawing.simd import load_eight as load
from patterngen.drawing.simd import store_eight as store
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin

Flat = NDArray[np.float32]
"""Array of one axis, float32: what `load` and `store` take."""
ROW = 2 * WIDTH
"""Numbers in a row of a block of eight columns: eight real parts, eight imaginary ones."""


class Axis(NamedTuple):
    """What transforms along one axis need."""

    roots: NDArray[np.float32]
    """Cosine and sine of −2πk/N, float32 [N, 2]."""
    factors: NDArray[np.int64]
    """Factors of N, in the order of the passes."""


def prepare_axis(size: int) -> Axis:
    """Prepare the transforms of a length, at least 1."""
    return Axis(roots_of(size), _factors(size))


def _factors(size: int) -> NDArray[np.int64]:
    factors = []
    for factor in (4, 2):
        while size % factor == 0:
            factors.append(factor)
            size //= factor
    factor = 3
    while size > 1:
        if size % factor == 0:
            factors.append(factor)
            size //= factor
        else:
            factor += 2
    return np.array(factors, np.int64)


@kernel
def roots_of(size: int) -> NDArray[np.float32]:
    """Return cosine and sine of −2πk/N for k = 0 … N − 1, float32 [N, 2]."""
    roots = np.empty((size, 2), np.float32)
    for k in range(size):
        c, s = cos_sin(k / size)
        roots[k, 0] = c
        roots[k, 1] = -s
    return roots


@kernel
def _store_turned(
    y: Flat, at: int, real: Lanes, imaginary: Lanes, roots: NDArray[np.float32], k: int
) -> None:
    """Store eight complex numbers times root number k."""
    c, s = roots[k, 0], roots[k, 1]
    store(y, at, real * c - imaginary * s)
    store(y, at + WIDTH, real * s + imaginary * c)


@kernel
def _by_two(x: Flat, y: Flat, roots: NDArray[np.float32], done: int, rest: int) -> None:
    for p in range(rest):
        for q in range(done):
            i, o = ROW * (q + done * p), ROW * (q + done * 2 * p)
            j = i + ROW * done * rest
            ar, ai, br, bi = load(x, i), load(x, i + WIDTH), load(x, j), load(x, j + WIDTH)
            store(y, o, ar + br)
            store(y, o + WIDTH, ai + bi)
            _store_turned(y, o + ROW * done, ar - br, ai - bi, roots, done * p)


@kernel
def _by_four(x: Flat, y: Flat, roots: NDArray[np.float32], done: int, rest: int) -> None:
    step, out = ROW * done * rest, ROW * done
    for p in range(rest):
        for q in range(done):
            i, o = ROW * (q + done * p), ROW * (q + done * 4 * p)
            ar, ai = load(x, i), load(x, i + WIDTH)
            br, bi = load(x, i + step), load(x, i + step + WIDTH)
            cr, ci = load(x, i + 2 * step), load(x, i + 2 * step + WIDTH)
            dr, di = load(x, i + 3 * step), load(x, i + 3 * step + WIDTH)
            er, ei, fr, fi = ar + cr, ai + ci, ar - cr, ai - ci
            gr, gi, hr, hi = br + dr, bi + di, br - dr, bi - di
            store(y, o, er + gr)
            store(y, o + WIDTH, ei + gi)
            _store_turned(y, o + out, fr + hi, fi - hr, roots, done * p)
            _store_turned(y, o + 2 * out, er - gr, ei - gi, roots, 2 * done * p)
            _store_turned(y, o + 3 * out, fr - hi, fi + hr, roots, 3 * done * p)


@kernel
def _by_any(x: Flat, y: Flat, roots: NDArray[np.float32], done: int, rest: int, factor: int) -> None:
    size = len(roots)
    step = done * rest
    for p in range(rest):
        for q in range(done):
            for k in range(factor):
                i = ROW * (q + done * p)
                real, imaginary = load(x, i), load(x, i + WIDTH)
                c, s = roots[done * p * k, 0], roots[done * p * k, 1]
                real, imaginary = real * c - imaginary * s, real * s + imaginary * c
                for j in range(1, factor):
                    at = i + ROW * step * j
                    c, s = (
                        roots[k * (step * j + done * p) % size, 0],
                        roots[k * (step * j + done * p) % size, 1],
                    )
                    re, im = load(x, at), load(x, at + WIDTH)
                    real = real + (re * c - im * s)
                    imaginary = imaginary + (re * s + im * c)
                o = ROW * (q + done * (factor * p + k))
                store(y, o, real)
                store(y, o + WIDTH, imaginary)


@kernel
def _by_pairs(
    x: Flat, y: Flat, roots: NDArray[np.float32], done: int, rest: int, factor: int, pairs: Flat
) -> None:
    """Do what `_by_any` does for an odd factor p, with a quarter of its products.

    Inputs j and p − j are multiplied by the same cosine, and by opposite sines: their sums and differences
    come first.
    """
    step, out, half = ROW * done * rest, ROW * done, factor // 2
    for p in range(rest):
        for q in range(done):
            i, o = ROW * (q + done * p), ROW * (q + done * factor * p)
            real, imaginary = load(x, i), load(x, i + WIDTH)
            zr, zi = real, imaginary
            for j in range(1, half + 1):
                at, mirrored, to = i + step * j, i + step * (factor - j), 2 * ROW * (j - 1)
                ar, ai = load(x, at), load(x, at + WIDTH)
                br, bi = load(x, mirrored), load(x, mirrored + WIDTH)
                store(pairs, to, ar + br)
                store(pairs, to + WIDTH, ai + bi)
                store(pairs, to + ROW, ar - br)
                store(pairs, to + ROW + WIDTH, ai - bi)
                zr, zi = zr + (ar + br), zi + (ai + bi)
            store(y, o, zr)
            store(y, o + WIDTH, zi)
            for k in range(1, half + 1):
                c, s = roots[k * done * rest, 0], roots[k * done * rest, 1]
                er, ei = real + load(pairs, 0) * c, imaginary + load(pairs, WIDTH) * c
                fr, fi = load(pairs, ROW) * s, load(pairs, ROW + WIDTH) * s
                angle = k  # k · j modulo the factor
                for j in range(2, half + 1):
                    angle += k - factor if angle + k >= factor else k
                    c, s = roots[angle * done * rest, 0], roots[angle * done * rest, 1]
                    at = 2 * ROW * (j - 1)
                    er, ei = er + load(pairs, at) * c, ei + load(pairs, at + WIDTH) * c
                    fr, fi = fr + load(pairs, at + ROW) * s, fi + load(pairs, at + ROW + WIDTH) * s
                _store_turned(y, o + out * k, er - fi, ei + fr, roots, done * p * k)
                last = factor - k
                _store_turned(y, o + out * last, er + fi, ei - fr, roots, done * p * last)


@kernel
def transform(x: Flat, y: Flat, axis: Axis, pairs: Flat) -> Flat:
    """Transform eight columns, [N, 2, 8] in x, and return where they are then: in x or in y.

    Args:
        x: the columns; overwritten.
        y: room for as many.
        axis: of `prepare_axis`.
        pairs: room for ``16 · p`` numbers, p the largest odd prime factor of N, by which odd factors take a
            quarter of the products; or empty, as pictures have always been transformed: they round otherwise.
    """
    roots = axis.roots
    done = 1
    for factor in axis.factors:
        rest = len(roots) // (done * factor)
        if factor == 4:
            _by_four(x, y, roots, done, rest)
        elif factor == 2:
            _by_two(x, y, roots, done, rest)
        elif len(pairs) > 0:
            _by_pairs(x, y, roots, done, rest, factor, pairs)
        else:
            _by_any(x, y, roots, done, rest, factor)
        x, y = y, x
        done *= factor
    return x
