"""The Fourier transform of real pictures in float32, fast, and with the same bits on every processor.

Letters: M is the picture's height and N its width; W is N rounded up to a multiple of 16, F is M // 2 + 1
rounded up to a multiple of 8. A picture is float32 [M, W], its columns from N on zero. Its spectrum is
float32 [2, N, F], the real and the imaginary part at (fx, fy): all of fx, but only fy = 0 … M // 2, as the
rest are conjugates; columns beyond M // 2 mean nothing.

How: the left and the right half of the picture become the real and the imaginary part of one complex
picture; its transform along y holds those of both halves. It is turned over while it is still in the
cache, and transformed along x. Both transforms work on eight columns at a time, side by side in vector
registers, with the self-sorting butterflies of Stockham (Cochran et al., "What is the fast Fourier
transform?", Proc. IEEE 55, 1967). Sides with factors 2 are fastest; a prime factor p costs as p.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.simd import EIGHT as WIDTH
from patterngen.drawing.simd import Lanes, transpose
from patterngen.drawing.simd import load_eight as load
from patterngen.drawing.simd import store_eight as store
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin

Flat = NDArray[np.float32]
"""Array of one axis, float32: what `load` and `store` take."""
LINE = 16
"""Numbers in a line of the cache, 64 bytes."""
ROW = 2 * WIDTH
"""Numbers in a row of a block of eight columns: eight real parts, eight imaginary ones."""


class Axis(NamedTuple):
    """What transforms along one axis need."""

    roots: NDArray[np.float32]
    """Cosine and sine of −2πk/N, float32 [N, 2]."""
    factors: NDArray[np.int64]
    """Factors of N, in the order of the passes."""


@dataclass(frozen=True)
class Fourier:
    """What the transforms of one size need: tables and room to work. Not to be shared between threads."""

    height: int
    width: int
    along_y: Axis
    along_x: Axis
    work: NDArray[np.float32]
    """Room for a block of columns twice, and for the transform of two halves of it."""

    @property
    def tables(self) -> tuple[Axis, Axis, NDArray[np.float32]]:
        """What `forward` and `backward` take after picture and spectrum."""
        return self.along_y, self.along_x, self.work

    @property
    def picture(self) -> tuple[int, int]:
        """Shape of a picture."""
        return self.height, -(-self.width // ROW) * ROW

    @property
    def spectrum(self) -> tuple[int, int, int]:
        """Shape of a spectrum."""
        return 2, self.width, columns(self.height)


@kernel
def columns(height: int) -> int:
    """Return F."""
    return (height // 2 // WIDTH + 1) * WIDTH


def blank(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return zeros of a shape that begin a line of the cache: else every other vector lies across two."""
    size = math.prod(shape)
    room = np.zeros(size + LINE, np.float32)
    first = -room.ctypes.data // room.itemsize % LINE
    return room[first : first + size].reshape(shape)


def fourier(height: int, width: int) -> Fourier:
    """Prepare the transforms of pictures of a shape."""
    work = blank((2 * _block(height, width) + 4 * columns(height) * WIDTH,))
    along_y, along_x = (Axis(_roots(side), _factors(side)) for side in (height, width))
    return Fourier(height, width, along_y, along_x, work)


@kernel
def _block(height: int, width: int) -> int:
    """Return the room of eight columns or rows; a transposition must fit in, too."""
    return max(height, width, WIDTH // 2) * ROW


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
def _roots(size: int) -> NDArray[np.float32]:
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
def _transform(x: Flat, y: Flat, axis: Axis) -> Flat:
    """Transform eight columns, [N, 2, 8] in x, and return where they are then: in x or in y."""
    roots = axis.roots
    done = 1
    for factor in axis.factors:
        rest = len(roots) // (done * factor)
        if factor == 4:
            _by_four(x, y, roots, done, rest)
        elif factor == 2:
            _by_two(x, y, roots, done, rest)
        else:
            _by_any(x, y, roots, done, rest, factor)
        x, y = y, x
        done *= factor
    return x


@kernel
def _along_x(spectrum: NDArray[np.float32], axis: Axis, work: Flat, back: int) -> None:
    """Transform a spectrum's columns in place; `back` is 1 for the inverse transform, else 0.

    The inverse is the transform with real and imaginary part exchanged before and after.
    """
    _, size, half = spectrum.shape
    x, y = work[: size * ROW], work[size * ROW : 2 * size * ROW]
    flat = spectrum.reshape(-1)
    real, imaginary = back * size * half, (1 - back) * size * half
    for column in range(0, half, WIDTH):
        for row in range(size):
            at = row * half + column
            store(x, row * ROW, load(flat, real + at))
            store(x, row * ROW + WIDTH, load(flat, imaginary + at))
        z = _transform(x, y, axis)
        for row in range(size):
            at = row * half + column
            store(flat, real + at, load(z, row * ROW))
            store(flat, imaginary + at, load(z, row * ROW + WIDTH))


@kernel
def forward(
    picture: NDArray[np.float32],
    spectrum: NDArray[np.float32],
    along_y: Axis,
    along_x: Axis,
    work: Flat,
) -> None:
    """Overwrite a spectrum, float32 [2, N, F], with the transform of a picture, float32 [M, W]."""
    height, padded = picture.shape
    width, half = spectrum.shape[1:]
    block = _block(height, width)
    x, y, halves = work[:block], work[block : 2 * block], work[2 * block :]
    flat, target = picture.reshape(-1), spectrum.reshape(-1)
    part, plane = half * WIDTH, width * half
    for column in range(0, padded // 2, WIDTH):
        for row in range(height):
            store(x, row * ROW, load(flat, row * padded + column))
            store(x, row * ROW + WIDTH, load(flat, row * padded + padded // 2 + column))
        z = _transform(x, y, along_y)
        for fy in range(height // 2 + 1):
            i, j = ROW * fy, ROW * ((height - fy) % height)
            ar, ai, br, bi = load(z, i), load(z, i + WIDTH), load(z, j), load(z, j + WIDTH)
            at = fy * WIDTH
            store(halves, at, (ar + br) * np.float32(0.5))
            store(halves, part + at, (ai - bi) * np.float32(0.5))
            store(halves, 2 * part + at, (ai + bi) * np.float32(0.5))
            store(halves, 3 * part + at, (br - ar) * np.float32(0.5))
        for side in range(2):
            first = column + side * padded // 2
            for number in range(2):
                for fy in range(0, half, WIDTH):
                    own = (2 * side + number) * part + fy * WIDTH
                    if first + WIDTH <= width:
                        transpose(halves, own, WIDTH, target, number * plane + first * half + fy, half)
                    elif first < width:
                        transpose(halves, own, WIDTH, y, 0, WIDTH)
                        for row in range(first, width):
                            at = (row - first) * WIDTH
                            store(target, number * plane + row * half + fy, load(y, at))
    _along_x(spectrum, along_x, work, 0)


@kernel
def backward(
    spectrum: NDArray[np.float32],
    picture: NDArray[np.float32],
    along_y: Axis,
    along_x: Axis,
    work: Flat,
) -> None:
    """Overwrite a picture with M · N times the inverse transform of a spectrum, which is overwritten too."""
    height, padded = picture.shape
    width, half = spectrum.shape[1:]
    _along_x(spectrum, along_x, work, 1)
    block = _block(height, width)
    x, y, halves = work[:block], work[block : 2 * block], work[2 * block :]
    flat, source = picture.reshape(-1), spectrum.reshape(-1)
    part, plane = half * WIDTH, width * half
    for column in range(0, padded // 2, WIDTH):
        for side in range(2):
            first = column + side * padded // 2
            for number in range(2):
                for fy in range(0, half, WIDTH):
                    own = (2 * side + number) * part + fy * WIDTH
                    if first + WIDTH <= width:
                        transpose(source, number * plane + first * half + fy, half, halves, own, WIDTH)
                    else:
                        y[: WIDTH * WIDTH] = 0
                        for row in range(first, width):
                            store(y, (row - first) * WIDTH, load(source, number * plane + row * half + fy))
                        transpose(y, 0, WIDTH, halves, own, WIDTH)
        # The left half as real part, the right half as imaginary; exchanged, for the inverse.
        for fy in range(height // 2 + 1):
            i, j, at = ROW * fy, ROW * ((height - fy) % height), fy * WIDTH
            ar, ai = load(halves, at), load(halves, part + at)
            br, bi = load(halves, 2 * part + at), load(halves, 3 * part + at)
            store(x, j, br - ai)
            store(x, j + WIDTH, ar + bi)
            store(x, i, ai + br)
            store(x, i + WIDTH, ar - bi)
        z = _transform(x, y, along_y)
        for row in range(height):
            store(flat, row * padded + column, load(z, row * ROW + WIDTH))
            store(flat, row * padded + padded // 2 + column, load(z, row * ROW))
