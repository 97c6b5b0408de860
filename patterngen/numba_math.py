"""Exponential, logarithm, cosine and sine for kernels: the same bits on every processor."""

import math

import numpy as np

from patterngen.kernels.jit import kernel


@kernel
def cos_sin(turns: float) -> tuple[float, float]:
    """Return cos 2πt and sin 2πt, |t| < 2⁵⁰, within 2 units in the last place."""
    quarter = math.floor(4.0 * turns + 0.5)
    # The rest is at most an eighth of a turn, found without rounding; there the Taylor series are short.
    angle = (turns - 0.25 * quarter) * (2.0 * math.pi)
    square = angle * angle
    c = 1.0
    s = 1.0
    for n in range(16, 0, -2):
        c = 1.0 - square * c * (1.0 / (n * (n - 1)))
        s = 1.0 - square * s * (1.0 / (n * (n + 1)))
    s *= angle
    side = np.int64(quarter) & 3
    across = side & 1
    x = s if across else c
    y = c if across else s
    return (-x if side == 1 or side == 2 else x), (-y if side >= 2 else y)


@kernel
def log(x: float) -> float:
    """Return the natural logarithm of a positive, finite x, within 2 units in the last place."""
    m, e = math.frexp(x)
    if m < math.sqrt(0.5):
        m *= 2.0
        e -= 1
    s = (m - 1.0) / (m + 1.0)  # log m = 2 artanh s, |s| < 0.172
    p = 0.0
    for n in range(21, 0, -2):
        p = 1.0 / n + s * s * p
    return 2.0 * s * p + e * math.log(2.0)


@kernel
def exp(x: float) -> float:
    """Return eˣ, |x| < 700, within 4 units in the last place (relative error grows with |x|)."""
    k = math.floor(x / math.log(2.0) + 0.5)
    r = x - k * math.log(2.0)
    p = 1.0
    for n in range(14, 0, -1):
        p = 1.0 + r * p * (1.0 / n)
    return math.ldexp(p, int(k))


@kernel
def power(x: float, a: float) -> float:
    """Return xᵃ for x > 0 and |a log x| < 700."""
    return exp(a * log(x))
