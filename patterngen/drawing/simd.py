"""Float32 numbers that go through a kernel side by side, as a vector register holds them.

The compiler turns most loops into vector code by itself. It gives up where a loop reads and writes more
places than it is willing to prove distinct, as the butterflies of a Fourier transform do, and takes the last
few numbers of each row one at a time; there a kernel says `load`, computes with whole vectors, and says
`store`. On a processor with shorter registers the compiler splits each vector; the numbers, and their
rounding, are the same.
"""

import operator
from itertools import product
from typing import Any, Protocol

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.extending import intrinsic, lower_builtin, register_model, type_callable
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel

WIDTH = 16
"""Numbers in a vector: 512 bits, a whole line of the cache."""
EIGHT = 8
"""Numbers in half of one, for what needs many at once, as Fourier transforms do, or shuffles them."""


class Lanes(Protocol):
    """What `load` returns: it can be added, subtracted, multiplied and divided by another or a float32."""

    def __add__(self, other: "Lanes | np.float32") -> "Lanes": ...
    def __sub__(self, other: "Lanes | np.float32") -> "Lanes": ...
    def __mul__(self, other: "Lanes | np.float32") -> "Lanes": ...
    def __truediv__(self, other: "Lanes | np.float32") -> "Lanes": ...


class _LanesType(types.Type):
    """What Numba calls a vector of some width."""

    def __init__(self, width: int) -> None:
        super().__init__(f"Lanes of {width}")
        self.vector = ir.VectorType(ir.FloatType(), width)


_lanes, _eight = _LanesType(WIDTH), _LanesType(EIGHT)


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.vector)  # type: ignore[no-untyped-call]


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any, vector: Any) -> Any:
    """Return the address of a vector that begins at an entry of a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())


def _loader(kind: _LanesType) -> Any:
    def load(typing: Any, array: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array, at = arguments
            place = _place(context, builder, signature.args[0], array, at, kind.vector)
            return builder.load(place, align=4)

        return kind(array, types.intp), generate

    return intrinsic(load)


def _storer(kind: _LanesType) -> Any:
    def store(typing: Any, array: Any, at: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array, at, value = arguments
            place = _place(context, builder, signature.args[0], array, at, kind.vector)
            builder.store(value, place, align=4)
            return context.get_dummy_value()

        return types.void(array, types.intp, kind), generate

    return intrinsic(store)


load: Any = _loader(_lanes)
"""``load(array, at)`` returns entries at … at + 15 of a flat float32 array, unchecked."""
store: Any = _storer(_lanes)
"""``store(array, at, value)`` overwrites entries at … at + 15 of a flat float32 array, unchecked too."""
load_eight: Any = _loader(_eight)
"""``load_eight(array, at)`` returns eight entries of a flat float32 array, unchecked."""
store_eight: Any = _storer(_eight)
"""``store_eight(array, at, value)`` overwrites eight entries of a flat float32 array, unchecked too."""


def _spread(builder: Any, vector: Any, value: Any) -> Any:
    """Return a number as a vector of which every entry is that number; a vector as it is."""
    if value.type == vector:
        return value
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    order = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(first, first, order)


def _operate(symbol: Any, instruction: str) -> None:
    """Let an operator take vectors, and vectors and numbers."""

    @type_callable(symbol)
    def type_result(context: Any) -> Any:
        return _common

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = signature.return_type.vector
        return getattr(builder, instruction)(*(_spread(builder, vector, value) for value in arguments))

    lower: Any = lower_builtin
    for one, other in product((_lanes, _eight, types.float32), repeat=2):
        if _common(one, other) is not None:
            lower(symbol, one, other)(generate)


def _common(one: Any, other: Any) -> Any:
    """Return what two vectors, or a vector and a number, make; None of what cannot be computed with."""
    kinds = {one, other} - {types.float32}
    return kinds.pop() if len(kinds) == 1 and kinds <= {_lanes, _eight} else None


_operate(operator.add, "fadd")
_operate(operator.sub, "fsub")
_operate(operator.mul, "fmul")
_operate(operator.truediv, "fdiv")


def _every(typing: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _spread(builder, _lanes.vector, *arguments)

    return _lanes(types.float32), generate


def _chooser(relation: str) -> Any:
    def choose(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            one, other = (_spread(builder, _lanes.vector, value) for value in arguments)
            return builder.select(builder.fcmp_ordered(relation, one, other), one, other)

        return _lanes(a, b), generate

    return intrinsic(choose)


def _where_more(typing: Any, a: Any, b: Any, one: Any, other: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b, one, other = (_spread(builder, _lanes.vector, value) for value in arguments)
        return builder.select(builder.fcmp_ordered(">", a, b), one, other)

    return _lanes(a, b, one, other), generate


def _all_more(typing: Any, a: Any, b: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b = (_spread(builder, _lanes.vector, value) for value in arguments)
        bits = builder.bitcast(builder.fcmp_ordered(">", a, b), ir.IntType(WIDTH))
        return builder.icmp_unsigned("==", bits, ir.Constant(ir.IntType(WIDTH), 2**WIDTH - 1))

    return types.boolean(a, b), generate


def _function(name: str) -> Any:
    """Return a function of a vector that LLVM knows by a name, and computes exactly."""

    def apply(typing: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = ir.FunctionType(_lanes.vector, [_lanes.vector])
            function = builder.module.declare_intrinsic(f"{name}.v{WIDTH}f32", (), kind)
            return builder.call(function, arguments)

        return _lanes(value), generate

    return intrinsic(apply)


every: Any = intrinsic(_every)
"""``every(number)`` returns a vector of which every entry is a float32."""
smaller: Any = _chooser("<")
"""``smaller(a, b)`` returns, entry by entry, a where it is less than b, else b; either may be a float32."""
larger: Any = _chooser(">")
"""``larger(a, b)`` returns, entry by entry, a where it is more than b, else b; either may be a float32."""
magnitude: Any = _function("llvm.fabs")
"""``magnitude(a)`` returns the absolute value of each entry."""
root: Any = _function("llvm.sqrt")
"""``root(a)`` returns the square root of each entry."""
where_more: Any = intrinsic(_where_more)
"""``where_more(a, b, x, y)`` returns entries of x where those of a are more than those of b, else of y."""
all_more: Any = intrinsic(_all_more)
"""``all_more(a, b)`` tells whether each entry of a is more than that of b."""


def _shuffle(order: list[int]) -> Any:
    """Return a function of two vectors of eight that picks eight of their entries."""

    def pick(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.shuffle_vector(
                *arguments, ir.Constant(ir.VectorType(ir.IntType(32), EIGHT), order)
            )

        return _eight(_eight, _eight), generate

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
    a, b = load_eight(source, at), load_eight(source, at + step)
    c, d = load_eight(source, at + 2 * step), load_eight(source, at + 3 * step)
    e, f = load_eight(source, at + 4 * step), load_eight(source, at + 5 * step)
    g, h = load_eight(source, at + 6 * step), load_eight(source, at + 7 * step)
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
    store_eight(target, to, a)
    store_eight(target, to + stride, b)
    store_eight(target, to + 2 * stride, c)
    store_eight(target, to + 3 * stride, d)
    store_eight(target, to + 4 * stride, e)
    store_eight(target, to + 5 * stride, f)
    store_eight(target, to + 6 * stride, g)
    store_eight(target, to + 7 * stride, h)
