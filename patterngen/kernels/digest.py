"""What a kernel is: a digest of its code and of everything that it refers to, down to the last constant."""

import hashlib
import inspect
import types
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba.extending import is_jitted


@cache
def digest_of(function: Callable[..., Any]) -> str:
    """Return a SHA-256 of a function's bytecode, and of the functions and values that its code names.

    It is equal in every process of one Python version, and changes when the function, a kernel that it
    calls, or a constant that either reads does. Comments and line numbers do not count.

    Raises:
        TypeError: the function names a value that cannot be described, like an open file.
    """
    return hashlib.sha256("\n".join(_describe_function(function, set())).encode()).hexdigest()


def _describe_function(function: Any, seen: set[int]) -> Iterator[str]:
    if id(function) in seen:
        yield f"again {function.__qualname__}"
        return
    seen.add(id(function))
    yield f"function {function.__module__}.{function.__qualname__}"
    yield repr(function.__defaults__)
    cells = function.__closure__ or ()
    values = dict(zip(function.__code__.co_freevars, (cell.cell_contents for cell in cells), strict=True))
    names: set[str] = set()
    yield from _describe_code(function.__code__, names)
    for name in sorted(names):
        if name in function.__globals__:
            values[name] = function.__globals__[name]
    for name, value in sorted(values.items()):
        yield f"{name} ="
        yield from _describe(value, seen)


def _describe_code(code: types.CodeType, names: set[str]) -> Iterator[str]:
    """Describe bytecode, and collect the names that it looks up."""
    names.update(code.co_names)
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames, code.co_freevars))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _describe_code(constant, names)
        else:
            yield repr(constant)


def _describe(value: Any, seen: set[int]) -> Iterator[str]:
    if is_jitted(value):
        yield from _describe_function(value.py_func, seen)
        yield repr(sorted((key, repr(option)) for key, option in value.targetoptions.items()))
    elif isinstance(value, types.ModuleType):
        yield f"module {value.__name__}"
    elif isinstance(value, type):
        yield f"class {value.__module__}.{value.__qualname__} {getattr(value, '_fields', '')}"
    elif isinstance(value, np.ndarray):
        yield f"array {value.dtype.str} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _describe(item, seen)
    elif inspect.isfunction(value):
        yield from _describe_function(value, seen)
    elif inspect.isfunction(inner := getattr(value, "_defn", None)):
        # An intrinsic writes machine code itself, by whatever its file says: other functions, types, tables.
        yield f"intrinsic {inner.__qualname__} {_file_digest(inner.__code__.co_filename)}"
    else:
        text = f"{type(value).__qualname__} {value!r}"
        if " at 0x" in text:
            raise TypeError(f"a kernel refers to {text}, whose value cannot be told from one run to the next")
        yield text


@cache
def _file_digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
