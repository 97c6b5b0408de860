"""Dataclasses to YAML and back, with every value checked against its field's type."""

import types
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, fields, is_dataclass
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from patterngen.common.yaml_text import SWITCHES, NotYamlError, dump_yaml, parse_yaml
from patterngen.errors import PatternGenError, unknown_name
from patterngen.storage.files import write_atomic
from patterngen.storage.texts import read_text

MAX_BYTES = 1 << 20
"""Nobody writes a larger config by hand; a larger file is some other file."""


class Dataclass(Protocol):
    """Any dataclass: what a config is."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


C = TypeVar("C", bound=Dataclass)


def load_config(path: str | Path, cls: type[C]) -> C:
    """Read a config from a YAML file.

    Args:
        path: the file, or its URL; a mapping of field names to values.
        cls: the dataclass to make. Fields may be str, int, float, bool, Literal, None, tuples and lists of
            those, and dataclasses.

    Raises:
        PatternGenError: no such file, no YAML, an unknown key (the closest ones are offered), a value of
            another type than its field's, or a required field that is absent.
    """
    values = load_values(path, cls)
    missing = [name for name in required_fields(cls) if name not in values]
    if missing:
        raise PatternGenError(f"{path}: {', '.join(missing)} must be given")
    return cls(**values)


def load_values(path: str | Path, cls: type[Dataclass]) -> dict[str, Any]:
    """Read a YAML file that gives some of a dataclass's fields; raises as `load_config` does.

    A dataclass may have a class method ``adapted(values, path)``: told what a file of it says, it returns
    what that means today.
    """
    try:
        text = read_text(str(path), MAX_BYTES)
    except OSError as error:
        raise PatternGenError(f"config {str(path)!r}: {error.strerror}") from None
    except ValueError as error:
        raise PatternGenError(f"config {str(path)!r} is not a YAML file of settings: {error}") from None
    values = parse_yaml(text, f"config {str(path)!r}")
    if values is None:
        return {}
    adapted = getattr(cls, "adapted", None)
    if adapted is not None and isinstance(values, Mapping):
        values = adapted(values, path)
    return _fit_fields(values, cls, where=f"{path}: ")


def fit_values(values: Mapping[str, Any], cls: type[Dataclass], where: str) -> dict[str, Any]:
    """Bring some of a dataclass's fields to their types.

    Args:
        values: by name.
        cls: the dataclass.
        where: they come from, for messages.

    Raises:
        PatternGenError: an unknown name (the closest ones are offered), or a value of another type.
    """
    return _fit_fields(values, cls, f"{where}: ")


def read_typed(name: str, text: str, cls: type[Dataclass], where: str) -> Any:
    """Read what was typed for one field of a dataclass: as YAML where that fits it, else as the text itself.

    Raises:
        PatternGenError: as `fit_values` does, or a number that versions of YAML read in two ways.
    """
    value: Any = text
    with suppress(NotYamlError):
        value = parse_yaml(text, where)
    with suppress(PatternGenError):
        return fit_values({name: value}, cls, where)[name]
    return fit_values({name: text}, cls, where)[name]


def save_config(config: Dataclass, path: str | Path) -> None:
    """Write a config as YAML that `load_config` reads back to an equal one.

    The file appears whole or not at all.
    """
    write_atomic(Path(path), to_yaml(config).encode())


def to_yaml(config: Dataclass, without: Collection[str] = ()) -> str:
    """Return a config as YAML, fields in the order of their definition, but for those left out."""
    values = {name: value for name, value in asdict(config).items() if name not in without}
    return dump_yaml(_plain(values))


def required_fields(cls: type[Dataclass]) -> list[str]:
    """Return the names of the fields that have no default."""
    return [
        field.name
        for field in fields(cls)
        if field.init and field.default is MISSING and field.default_factory is MISSING
    ]


def _plain(value: Any) -> Any:
    """Turn tuples into lists, which is all that YAML knows."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _fit_fields(values: Any, cls: type[Dataclass], where: str) -> dict[str, Any]:
    """Check a mapping of field names to values and bring each value to its field's type."""
    if not isinstance(values, Mapping):
        raise PatternGenError(f"{where}expected `field: value` lines, got {_short(values)}")
    kinds = get_type_hints(cls)
    known = [field.name for field in fields(cls) if field.init]
    for key in values:
        if key not in known:
            error = unknown_name("key", str(key), known, "--help")
            raise PatternGenError(f"{where}{error}")
    return {key: _fit(value, kinds[key], f"{where}{key}") for key, value in values.items()}


def _fit(value: Any, kind: Any, where: str) -> Any:
    """Return the value as the kind that an annotation asks for, or say where it does not fit."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _fit(value, arguments[0], where)
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**_fit_fields(value, kind, f"{where}."))
    if origin in (Union, types.UnionType):
        return _fit_any(value, arguments, kind, where)
    if origin in (tuple, list) and isinstance(value, list | tuple):
        return _fit_items(list(value), origin, arguments, kind, where)
    if origin is Literal and any(value == choice and type(value) is type(choice) for choice in arguments):
        return value
    if kind is float and not isinstance(value, bool):
        try:
            return float(value)  # also from text: YAML 1.1 reads 1e-3 as a string
        except (TypeError, ValueError):
            pass
    elif kind is bool and isinstance(value, str) and value.lower() in SWITCHES:
        return SWITCHES[value.lower()]
    elif kind is type(None) and value is None:
        return None
    elif isinstance(kind, type) and type(value) is kind:  # not isinstance: true is no int
        return value
    raise PatternGenError(f"{where} must be {_name(kind)}, got {_short(value)}")


def _fit_any(value: Any, choices: tuple[Any, ...], kind: Any, where: str) -> Any:
    for choice in choices:
        if is_dataclass(choice) and isinstance(value, Mapping):  # whose fields say what is wrong
            return _fit(value, choice, where)
        try:
            return _fit(value, choice, where)
        except PatternGenError:
            continue
    raise PatternGenError(f"{where} must be {_name(kind)}, got {_short(value)}")


def _fit_items(items: list[Any], origin: Any, arguments: tuple[Any, ...], kind: Any, where: str) -> Any:
    if origin is list or arguments[1:] == (Ellipsis,):
        kinds: tuple[Any, ...] = (arguments[0],) * len(items)
    else:
        kinds = arguments
    if len(items) != len(kinds):
        raise PatternGenError(f"{where} must be {_name(kind)}, got {len(items)} values")
    fitted = (
        _fit(item, item_kind, f"{where}[{i}]")
        for i, (item, item_kind) in enumerate(zip(items, kinds, strict=True))
    )
    return origin(fitted)


def _name(kind: Any) -> str:
    """Name a type as a user would write it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(repr(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_name(choice) for choice in arguments)
    if origin in (tuple, list):
        inner = " and ".join(dict.fromkeys(_name(item) for item in arguments if item is not Ellipsis))
        return f"a list of {inner}"
    return "nothing" if kind is type(None) else str(getattr(kind, "__name__", kind))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
