"""Eight float32 numbers that go through a kernel side by side, as a vector register holds them.

The compiler turns most loops into vector code by itself. It gives up where a loop reads and writes more
places than it is willing to prove distinct, as the butterflies of a Fourier transform do; there a kernel
says `load`, computes with whole vectors, and says `store`. On a processor with shorter registers the
compiler splits each vector; the numbers, and their rounding, are the same.
"""

import operator
from typing import Any, Protocol

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.extending import intrinsic, lower_builtin, register_model, type_callable
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel

WIDTH = 8
"""Numbers in a vector: 256 bits, the widest that most of today's processors add at full rate."""

_VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
_ORDER = ir.VectorType(ir.IntType(32), WIDTH)


class Lanes(Protocol):
    """What `load` returns: it can be added, subtracted, and multiplied by a float32."""

    def __add__(self, other: "Lanes") -> "Lanes": ...
    def __sub__(self, other: "Lanes") -> "Lanes": ...
    def __mul__(self, factor: np.float32) -> "Lanes": ...


class _LanesType(types.Type):
    """What Numba calls such a vector."""


_lanes = _LanesType("Lanes")


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    """Return the address of a vector that begins at an entry of a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer())


def _load(typing: Any, array: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, signature.args[0], *arguments), align=4)

    return _lanes(array, types.intp), generate


def _store(typing: Any, array: Any, at: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, at, value = arguments
        builder.store(value, _place(context, builder, signature.args[0], array, at), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), generate


load: Any = intrinsic(_load)
"""``load(array, at)`` returns entries at … at + 7 of a flat float32 array, unchecked."""
store: Any = intrinsic(_store)
"""``store(array, at, value)`` overwrites entries at … at + 7 of a flat float32 array, unchecked too."""


@type_callable(operator.add)
@type_callable(operator.sub)
def _type_sum(context: Any) -> Any:
    return lambda a, b: _lanes if a == b == _lanes else None


@type_callable(operator.mul)
def _type_product(context: Any) -> Any:
    return lambda a, b: _lanes if (a, b) == (_lanes, types.float32) else None


def _add(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fadd(*arguments)


def _subtract(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fsub(*arguments)


def _multiply(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    vector, factor = arguments
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), factor, ir.IntType(32)(0))
    return builder.fmul(vector, builder.shuffle_vector(first, first, ir.Constant(_ORDER, [0] * WIDTH)))


lower: Any = lower_builtin
lower(operator.add, _lanes, _lanes)(_add)
lower(operator.sub, _lanes, _lanes)(_subtract)
lower(operator.mul, _lanes, types.float32)(_multiply)


def _shuffle(order: list[int]) -> Any:
    """Return a function of two vectors that picks eight of their sixteen entries."""

    def pick(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.shuffle_vector(*arguments, ir.Constant(_ORDER, order))

        return _lanes(_lanes, _lanes), generate

    return intrinsic(pick)


_low_halves = _shuffle([0, 8, 1, 9, 2, 10, 3, 11])
_high_halves = _shuffle([4, 12, 5, 13, 6, 14, 7, 15])


@kernel
def transpose(
    source: NDArray[np.float32], at: int, step: int, target: NDArray[np.float32], to: int, stride: int
) -> None:
    """Copy a block of 8 × 8 entries of one flat array into another, its rows becoming columns.

    Args:
        source: the block's rows begin at entries at, at + step, …
        at: see `source`.
        step: see `source`.
        target: its rows begin at entries to, to + stride, …
        to: see `target`.
        stride: see `target`.
    """
    a, b = load(source, at), load(source, at + step)
    c, d = load(source, at + 2 * step), load(source, at + 3 * step)
    e, f = load(source, at + 4 * step), load(source, at + 5 * step)
    g, h = load(source, at + 6 * step), load(source, at + 7 * step)
    for _ in range(3):  # each round moves one bit of an entry's column number into its row number
        a, b, c, d, e, f, g, h = (
            _low_halves(a, e),
            _high_halves(a, e),
            _low_halves(b, f),
            _high_halves(b, f),
            _low_halves(c, g),
            _high_halves(c, g),
            _low_halves(d, h),
            _high_halves(d, h),
        )
    store(target, to, a)
    store(target, to + stride, b)
    store(target, to + 2 * stride, c)
    store(target, to + 3 * stride, d)
    store(target, to + 4 * stride, e)
    store(target, to + 5 * stride, f)
    store(target, to + 6 * stride, g)
    store(target, to + 7 * stride, h)
