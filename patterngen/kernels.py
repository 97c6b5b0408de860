"""How our Numba kernels are compiled, and the mathematics and random numbers they share.

Without `fastmath` and without contraction of a·b + c, a kernel gives the same bits on every processor, as
long as it keeps to + − × ÷ and √, which IEEE 754 rounds one way. The C library's exp, log and sine differ
between processors in the last bit; a kernel uses those of this file instead.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.extending import is_jitted
from numpy.typing import NDArray

from patterngen.kernel_cache import KernelCache

State = NDArray[np.uint64]
"""State of one random stream: uint64 [4]."""


F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function for the CPU at its first call, cached on disk; it releases the GIL."""
    # Nobody calls kernels from C: without the wrapper for that they compile sooner.
    options: dict[str, Any] = {"no_cfunc_wrapper": True}
    compiled: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if is_jitted(compiled):  # not under NUMBA_DISABLE_JIT
        cast("Any", compiled)._cache = KernelCache(function)
    return cast("F", compiled)


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


@kernel
def stream(seed: int) -> State:
    """Start the random stream of a seed: xoshiro256++ state filled by SplitMix64.

    Source: Blackman & Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021).
    """
    state = np.empty(4, np.uint64)
    x = np.uint64(seed)
    for i in range(4):
        x += np.uint64(0x9E3779B97F4A7C15)
        z = x
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state[i] = z ^ (z >> np.uint64(31))
    return state


@kernel
def _rotate_left(x: np.uint64, k: int) -> np.uint64:
    return (x << np.uint64(k)) | (x >> np.uint64(64 - k))


@kernel
def bits(s: State) -> np.uint64:
    """Draw 64 random bits and step the stream."""
    result: np.uint64 = _rotate_left(s[0] + s[3], 23) + s[0]
    t = s[1] << np.uint64(17)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = _rotate_left(s[3], 45)
    return result


@kernel
def uniform(s: State, low: float, high: float) -> float:
    """Draw from U[low, high) with 53 random bits."""
    return low + (high - low) * (np.float64(bits(s) >> np.uint64(11)) * (1.0 / 9007199254740992.0))


@kernel
def below(s: State, n: int) -> int:
    """Draw an integer from 0 … n − 1, n < 2³² (bias below n/2³²)."""
    return int(np.int64(((bits(s) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32)))


@kernel
def normal(s: State) -> float:
    """Draw from N(0, 1) by Box and Muller (1958)."""
    u = 1.0 - uniform(s, 0.0, 1.0)
    return math.sqrt(-2.0 * log(u)) * cos_sin(uniform(s, 0.0, 1.0))[0]


@kernel
def log_uniform(s: State, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform between those of low and high, 0 < low ≤ high."""
    return low * power(high / low, uniform(s, 0.0, 1.0))
