"""What docstrings say."""

import ast
import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def attributes(module):
    """Return what a module's docstrings say of each attribute: below it, or in its class's list."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef | ast.Module):
            continue
        for one, below in itertools.pairwise(node.body):
            if isinstance(one, ast.Assign | ast.AnnAssign) and isinstance(below, ast.Expr):
                yield from [below.value.value] if isinstance(below.value, ast.Constant) else ()
        if isinstance(node, ast.ClassDef):
            listed = re.search(
                r"^Attributes:\n((?:    .*\n?|\n)*)", ast.get_docstring(node) or "", re.MULTILINE
            )
            yield from re.findall(r"^    \w+: (.*)", listed[1], re.MULTILINE) if listed else ()
            properties = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.decorator_list]
            yield from filter(None, map(ast.get_docstring, properties))


LEANING = re.compile(
    r"(?:of|in|on|at|to|by|from|with|for|as|between|that|whose|they|them|it|its|their|those|the same|see)\b"
    r"|…|how many\."
)
"""Beginnings of what says nothing without the line before it."""


@pytest.mark.parametrize("program", ["patterngen", "trainer"])
def test_what_an_attribute_is_stands_alone(program):
    found = [
        f"{module.relative_to(ROOT)}: {text}"
        for module in sorted((ROOT / program).rglob("*.py"))
        for text in attributes(module)
        if LEANING.match(text.lower())
    ]
    assert not found
