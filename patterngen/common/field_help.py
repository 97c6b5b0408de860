"""What the strings below a dataclass's fields say of them, and how a command's help shows it."""

import ast
import inspect
import sys
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

if TYPE_CHECKING:
    from tyro.constructors import ConstructorRegistry, StructConstructorSpec, StructTypeInfo


def field_docs(cls: type[Any]) -> dict[str, str]:
    """Return the strings below the fields of a dataclass and of the classes it derives from, by field."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ not in ("builtins", "typing"):
            docs |= _own_docs(base)
    return docs


def _own_docs(cls: type[Any]) -> dict[str, str]:
    docs = {}
    for field, below in pairwise(_class_bodies(cls.__module__).get(cls.__qualname__, ())):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    docs[field.target.id] = " ".join(text.split())
    return docs


@cache
def _class_bodies(module: str) -> dict[str, list[ast.stmt]]:
    """Return the statements of a module's classes by name; none of what was made at run time."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def help_registry() -> "ConstructorRegistry":
    """Return what makes tyro show fields as we write them.

    Each string is one paragraph, where tyro would keep the ends of its lines. No flag says ``default: None``
    and no switch ``default: False``; one that may be given again names what it replaces. The default that
    tyro is given must have a value, or tyro's mark of a missing one, for every field.
    """
    from tyro.constructors import ConstructorRegistry

    registry = ConstructorRegistry()
    registry.struct_rule(_described)
    return registry


def _described(info: "StructTypeInfo") -> "StructConstructorSpec | None":
    from tyro.conf import arg
    from tyro.constructors import StructConstructorSpec, StructFieldSpec

    if not is_dataclass(info.type):
        return None
    hints, docs = get_type_hints(info.type, include_extras=True), field_docs(info.type)
    described = []
    for field in fields(info.type):
        if field.init:
            default = getattr(info.default, field.name)
            kind: Any = Annotated[hints[field.name], arg(help_behavior_hint=_default_text(default))]
            described.append(StructFieldSpec(field.name, kind, default, docs.get(field.name)))
    return StructConstructorSpec(info.type, tuple(described))


def _default_text(default: object) -> str | None:
    """Return what help says of a default where tyro's words would mislead, else None."""
    if default is None or default is False:
        return ""
    if isinstance(default, tuple):
        return f"(repeatable; unless given: {' '.join(map(str, default))})" if default else "(repeatable)"
    return None
