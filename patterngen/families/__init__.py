"""The registry: families by name, found by themselves.

A module of this package registers a family by decorating its class with `register`; nothing else has
to know of it. Modules are imported at the first look-up, not when ``patterngen`` is imported.
"""

from dataclasses import fields
from urllib.parse import parse_qsl

from patterngen.errors import PatternGenError, unknown_name
from patterngen.families.contract import Family, Param, Pictures
from patterngen.registry import Registry

__all__ = ["Family", "Param", "Pictures", "families", "family", "register"]

_registry: Registry[Family] = Registry("family", package=__name__, hint="patterngen list")
register = _registry.register
families = _registry.classes


def family(text: str) -> Family:
    """Make a family from ``name`` or ``name?setting=value&setting=value``.

    Raises:
        PatternGenError: an unknown name or setting (the closest ones are offered), or a value that the
            setting's type does not accept.
    """
    name, _, query = text.partition("?")
    cls = _registry.find(name)
    types = {field.name: field.type for field in fields(cls)}  # type: ignore[arg-type]
    settings: dict[str, Param] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in types:
            raise unknown_name(f"setting of {name}", key, types, f"patterngen list {name}")
        settings[key] = _parse(name, key, value, str(getattr(types[key], "__name__", types[key])))
    return cls(**settings)


def _parse(name: str, key: str, value: str, kind: str) -> Param:
    try:
        match kind:
            case "int":
                return int(value)
            case "float":
                return float(value)
            case "bool":
                return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
            case _:
                return value
    except (KeyError, ValueError):
        raise PatternGenError(f"{name}?{key}={value}: {key} is {kind}; give a value of that kind") from None
