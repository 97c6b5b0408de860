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

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.simd import EIGHT as WIDTH
from patterngen.drawing.simd import load_eight as load
from patterngen.drawing.simd import store_eight as store
from patterngen.drawing.simd import transpose
from patterngen.drawing.stockham import ROW, Axis, Flat, prepare_axis, transform
from patterngen.kernels.jit import kernel

LINE = 16
"""Numbers in a line of the cache, 64 bytes."""


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
    along_y, along_x = (prepare_axis(side) for side in (height, width))
    return Fourier(height, width, along_y, along_x, work)


@kernel
def _block(height: int, width: int) -> int:
    """Return the room of eight columns or rows; a transposition must fit in, too."""
    return max(height, width, WIDTH // 2) * ROW


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
        z = transform(x, y, axis, work[:0])
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
        z = transform(x, y, along_y, work[:0])
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
        z = transform(x, y, along_y, work[:0])
        for row in range(height):
            store(flat, row * padded + column, load(z, row * ROW + WIDTH))
            store(flat, row * padded + padded // 2 + column, load(z, row * ROW))
