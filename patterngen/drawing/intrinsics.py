"""Single machine instructions that Numba has no name for."""

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_EIGHT = ir.VectorType(ir.IntType(32), 8)


def _address(context: Any, builder: Any, kind: Any, array: Any, at: Any, pointee: Any) -> Any:
    """Return the address of something that begins at an entry of a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), pointee.as_pointer())


def _count_ones(typing: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _store_four(typing: Any, array: Any, at: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, at, value = arguments
        place = _address(context, builder, signature.args[0], array, at, value.type)
        builder.store(value, place, align=1)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint32), generate


def _mark_eight(typing: Any, array: Any, at: Any, chosen: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, at, chosen, value = arguments
        place = _address(context, builder, signature.args[0], array, at, _EIGHT)
        mask = builder.bitcast(builder.trunc(chosen, ir.IntType(8)), ir.VectorType(ir.IntType(1), 8))
        first = builder.insert_element(ir.Constant(_EIGHT, ir.Undefined), value, ir.IntType(32)(0))
        all_eight = builder.shuffle_vector(first, first, ir.Constant(_EIGHT, [0] * 8))
        builder.store(builder.select(mask, all_eight, builder.load(place, align=4)), place, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint64, types.int32), generate


count_ones: Any = intrinsic(_count_ones)
"""``count_ones(word)`` returns how many bits of a uint64 are 1."""
store_four: Any = intrinsic(_store_four)
"""``store_four(array, at, value)`` overwrites bytes at … at + 3 of a flat uint8 array with a uint32's.

The lowest byte comes first, as on every processor that Numba compiles for; nothing checks the bounds.
"""
mark_eight: Any = intrinsic(_mark_eight)
"""``mark_eight(array, at, chosen, value)`` overwrites some of entries at … at + 7 of a flat int32 array.

Which, the lowest eight bits of ``chosen`` say, the lowest for the first. All eight are read and written
back, unchecked.
"""
