"""YAML as people mean it: what is given twice, or could be read in two ways, is refused with its line.

Readers of YAML disagree: 010 is 8 in YAML 1.1 and 10 in YAML 1.2. What both read alike is read so. What YAML
1.1 alone takes for true, false or a date is text, which a setting that is true or false understands.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from patterngen.errors import PatternGenError

SWITCHES = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
"""Words for true and false, in small letters; all but two are text here."""
_MOST_VALUES = 100_000
"""Most values in a file, where each ``*name`` stands for all that it repeats."""


class NotYamlError(PatternGenError):
    """Text that is not YAML at all."""


def parse_yaml(text: str, where: str) -> Any:
    """Read YAML: mappings, lists, text, numbers, true, false and null.

    Args:
        text: one document.
        where: it comes from, for messages.

    Raises:
        NotYamlError: it is not YAML.
        PatternGenError: a key that is given twice, a number that can be read in two ways, or names that
            repeat too much.
    """
    try:
        loader = _Loader(text)
        loader.where = where
        return loader.get_single_data()
    except yaml.YAMLError as error:
        raise NotYamlError(f"{where} is not YAML: {' '.join(str(error).split())}") from None
    except PatternGenError:
        raise
    except ValueError as error:  # a number of more digits than Python reads
        raise NotYamlError(f"{where}: holds what cannot be read ({' '.join(str(error).split())})") from None
    except RecursionError:
        raise PatternGenError(f"{where}: lists or mappings lie too deep in one another") from None


def dump_yaml(values: Mapping[str, Any], *, width: int | None = None) -> str:
    """Write values as YAML, in their order; `parse_yaml` reads them back."""
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=width)
    return text


class _Loader(yaml.SafeLoader):
    """Reads one text."""

    where = ""
    """Where the text comes from, for messages."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Read a mapping, each of whose keys may be there once."""
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line, said = key.start_mark.line + 1, (key.tag, key.value)
            if said in lines:
                raise PatternGenError(
                    f"{self.where}: {key.value[:60]} is given twice, in line {lines[said]} and in line "
                    f"{line}: remove one of them"
                )
            lines[said] = line
        return node

    def get_single_node(self) -> yaml.Node | None:
        """Read the whole document, unless names in it repeat more than memory holds."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None and _count(node, {}, self.where) > _MOST_VALUES:
            raise PatternGenError(f"{self.where}: its names (*) stand for more than {_MOST_VALUES} values")
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put in what ``<<`` names, once: where that names more, the outer of two values would be lost."""
        super().flatten_mapping(node)
        pairs = {
            key.value if isinstance(key.value, str) else id(key): (key, value) for key, value in node.value
        }
        node.value = list(pairs.values())

    def refuse(self, node: yaml.ScalarNode) -> int:
        """Refuse a number that YAML 1.1 reads in its own way."""
        number: Any = (self.construct_yaml_float if "." in node.value else self.construct_yaml_int)(node)
        plain = node.value.replace("_", "")
        decimal = int(plain) if plain.lstrip("+-").isdecimal() else None
        if decimal is not None and number == decimal:  # 007 is seven to everyone
            return decimal
        other = "text" if decimal is None else decimal
        raise PatternGenError(
            f"{self.where} line {node.start_mark.line + 1}: {node.value} is {number} in YAML 1.1 and {other} "
            f"in YAML 1.2: write the number that is meant, or '{node.value}' in quotes if it is text"
        )


def _count(node: yaml.Node, counted: dict[int, int | None], where: str) -> int:
    """Count the values from a node down, those that a name stands for each time."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in counted:
        counted[id(node)] = None
        pairs = isinstance(node, yaml.MappingNode)
        parts = [part for pair in node.value for part in pair] if pairs else node.value
        counted[id(node)] = 1 + sum(_count(part, counted, where) for part in parts)
    count = counted[id(node)]
    if count is None:
        line = node.start_mark.line + 1
        raise PatternGenError(f"{where}: a name (*) stands for the list or mapping in line {line} around it")
    return count


_TWO_READINGS = "!two-readings"
_NUMBER = "0123456789-+"
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("tag:yaml.org,2002:bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", "~|null|Null|NULL", "~nN"),
    ("tag:yaml.org,2002:merge", "<<", "<"),
    ("tag:yaml.org,2002:int", "[-+]?(0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)", _NUMBER),
    (
        "tag:yaml.org,2002:float",
        r"([-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        f"{_NUMBER}.",
    ),
    (_TWO_READINGS, "[-+]?0[0-7_]+|[-+]?0b[01_]+", _NUMBER),
    (_TWO_READINGS, r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*", _NUMBER),
)
"""What plain words are: tags, patterns and first letters. Nothing is a kind here that PyYAML writes as text
without quotes, so that all that it has saved is read back."""
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _KINDS:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"\Z"), [""])
_Loader.add_constructor(_TWO_READINGS, _Loader.refuse)
