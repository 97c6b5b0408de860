"""How our Numba kernels are compiled.

Without `fastmath` and without contraction of a·b + c, a kernel gives the same bits on every processor, as
long as it keeps to + − × ÷ and √, which IEEE 754 rounds one way. The C library's exp, log and sine differ
between processors in the last bit; a kernel uses those of `patterngen.numba_math` instead.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.extending import is_jitted

from patterngen.kernels.cache import KernelCache

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function for the CPU at its first call, cached on disk; it releases the GIL."""
    # Nobody calls kernels from C: without the wrapper for that they compile sooner.
    options: dict[str, Any] = {"no_cfunc_wrapper": True}
    compiled: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if is_jitted(compiled):  # not under NUMBA_DISABLE_JIT
        cast("Any", compiled)._cache = KernelCache(function)
    return cast("F", compiled)
