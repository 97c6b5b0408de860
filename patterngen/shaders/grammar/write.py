"""From a derivation to the text of a program."""

import re
import textwrap
from collections import Counter
from collections.abc import Sequence

from patterngen.shaders.grammar.derive import Node
from patterngen.shaders.grammar.productions import Kind

_PART = re.compile(r"\{(\d)\}")
_FUNCTIONS = {Kind.FIELD: ("height", "detail"), Kind.TINT: ("tint", "tone"), Kind.FIGURE: ("outline",)}


def write(tree: Node, title: str) -> str:
    """Write a program.

    Args:
        tree: a derivation of a picture.
        title: what the program is called; what one sees follows it in the program's first lines.
    """
    free = {kind: iter(names) for kind, names in _FUNCTIONS.items()}
    names = [next(free[part.production.makes]) for part in tree.parts]
    functions = [_function(part, name) for part, name in zip(tree.parts, names, strict=True)]
    pattern = textwrap.indent(_put(tree.code, names), "  ")
    comments = textwrap.wrap(
        f"{title}. {_describe(tree)}.", 100, initial_indent="// ", subsequent_indent="// "
    )
    files = sorted({file for node in tree.walk() for file in node.production.uses})
    return "\n".join(
        [
            "// SPDX-License-Identifier: Apache-2.0",
            "// kind: grammar",
            *comments,
            *(f'#include "lib/{file}.glsl"' for file in files),
            *(f"\n{function}" for function in functions),
            f"\nvec3 pattern(vec2 p, float t, vec4 r) {{\n{pattern}\n}}\n",
        ]
    )


def _function(node: Node, name: str) -> str:
    """Write a field, a figure or a tint."""
    if node.production.makes is Kind.TINT:
        return f"vec3 {name}(float x, vec4 r) {{\n  return {node.code};\n}}"
    steps = _Steps()
    plane, value = node.parts
    steps.here = steps.take(plane)
    result = steps.take(value)
    lines = "\n".join(f"  {line}" for line in steps.lines)
    return f"float {name}(vec2 p, float t, vec4 r) {{\n{lines}\n  return {result};\n}}"


class _Steps:
    """The steps of a function: one variable for each expression."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.here = ""
        self._taken: Counter[str] = Counter()

    def take(self, node: Node) -> str:
        """Add the steps of an expression; return the variable that holds it."""
        if not node.code:
            return self.here
        parts = [self.take(part) for part in node.parts]
        name = node.production.variable
        self._taken[name] += 1
        if self._taken[name] > 1:
            name = f"{name}{self._taken[name]}"
        self.lines.append(f"{node.production.makes.glsl} {name} = {_put(node.code, parts)};")
        return name


def _put(code: str, parts: Sequence[str]) -> str:
    return _PART.sub(lambda slot: parts[int(slot[1])], code)


def _describe(tree: Node) -> str:
    """Say what is in a program, most general first."""
    told = [_list(_names(part, Kind.SHAPE)) for part in tree.parts if part.production.makes is Kind.FIGURE]
    told += [_list(_names(part, Kind.VALUE)) + _aside(_names(part, Kind.PLANE)) for part in tree.fields]
    return f"{tree.production.name}: {'; '.join(told)}"


def _names(node: Node, kind: Kind) -> list[str]:
    """Name the productions of a kind that a reader of a one-line description wants to know."""
    told = (one.production for one in node.walk() if one.production.makes is kind)
    names = (one.name for one in told if one.recurs == (kind is Kind.PLANE))
    return list(dict.fromkeys(names))


def _aside(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _list(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
