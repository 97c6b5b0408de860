"""From what a user typed to families: names looked up, settings sorted to whom they belong, values parsed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from urllib.parse import parse_qsl, urlencode

from patterngen.common.spec_text import check_parentheses, cut, enclosed, opened, split
from patterngen.errors import PatternGenError, unknown_name
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import SettingType, setting_types
from patterngen.families.model.wrapper import Wrapper

Find = Callable[[str], type[Family]]
"""Looks a name up, or raises PatternGenError."""

MAX_DEPTH = 8
"""Families in one another; a text may come from a stranger's manifest."""

ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Named:
    """A family that is named but not yet made."""

    cls: type[Family]
    parts: tuple["Named", ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    """Settings of the family itself, by the names of its fields, as typed."""

    def __str__(self) -> str:
        name = self.cls.name
        if self.parts:
            name += ":" + ",".join(enclosed(str(part)) for part in self.parts)
        return name + ("?" + urlencode(self.settings, errors="surrogateescape") if self.settings else "")

    def walk(self) -> Iterator["Named"]:
        """Yield it and, if it is a wrapper, what it holds."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def fields(self, key: str) -> tuple[str, ...]:
        """Which of its own fields a key sets: that one, or both ends of a range."""
        own = setting_types(self.cls).keys() - {"of"}
        if key in own:
            return (key,)
        pair = tuple(key + end for end in ENDS)
        return pair if own.issuperset(pair) else ()

    def all_keys(self) -> list[str]:
        """All keys that it takes."""
        own = [name for name in setting_types(self.cls) if name != "of"]
        stems = [name.removesuffix("_low") for name in own if name.endswith("_low")]
        return own + [stem for stem in stems if self.fields(stem)]

    def takers(self, key: str) -> list["Named"]:
        """Who takes a key: it itself, or else those of its parts that do."""
        if self.fields(key):
            return [self]
        return [taker for part in self.parts for taker in part.takers(key)]

    def make(self) -> Family:
        """Make the family.

        Raises:
            PatternGenError: a value that its setting does not accept.
        """
        known = setting_types(self.cls)
        values = {key: _value(self.cls.name, key, text, known[key]) for key, text in self.settings.items()}
        if self.parts:
            values["of"] = ",".join(enclosed(str(part)) for part in self.parts)
        return self.cls(**values)


def make_families(texts: Sequence[str], settings: Sequence[str], find: Find) -> list[Family]:
    """Make families from their texts and from settings for all that bear a name.

    Args:
        texts: ``NAME?setting=value&setting=value`` each, or ``WRAPPER:`` before such texts.
        settings: ``NAME.setting=value`` each. It holds for every family of that name, also within
            wrappers, whose own text does not say otherwise.
        find: looks a name up.

    Raises:
        PatternGenError: an unknown name or setting (the closest ones are offered), a setting given twice or
            for a family that is not among them, or a value that the setting does not accept.
    """
    named = [_parse(text, find, 0) for text in texts]
    for setting in settings:
        _assign(setting, named, find)
    return [one.make() for one in named]


def _parse(text: str, find: Find, depth: int) -> Named:
    check_parentheses(text)
    if depth == MAX_DEPTH:
        raise PatternGenError(f"family {text[:60]!r}: more than {MAX_DEPTH} families in one another")
    head, query = cut(opened(text), "?")
    name, inner = cut(head, ":")
    cls = find(name)
    parts: list[str] = []
    if issubclass(cls, Wrapper):
        if head.endswith(":"):
            raise PatternGenError(f"family {text!r}: name a family behind the colon")
        inner = inner or next(str(own.default) for own in fields(cls) if own.name == "of")
        parts = split(inner, ",") if cls.many else [inner]
    elif inner:
        raise PatternGenError(f"family {text!r}: {name} draws by itself and wraps no other family")
    family = Named(cls, tuple(_parse(part, find, depth + 1) for part in parts))
    for key, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        takers = family.takers(key)
        if not takers:
            known = sorted({key for one in family.walk() for key in one.all_keys()})
            raise unknown_name(f"setting of {head}", key, known, f"patterngen list {name}")
        for taker in takers:
            for own in taker.fields(key):
                if own in taker.settings:
                    raise PatternGenError(f"family {text!r}: {own} of {taker.cls.name} is given twice")
                taker.settings[own] = value
    return family


def _assign(setting: str, named: Sequence[Named], find: Find) -> None:
    """Set ``NAME.setting=value`` for every family of that name that does not say otherwise."""
    name, dot, rest = setting.partition(".")
    key, equals, value = rest.partition("=")
    if not dot or not equals:
        raise PatternGenError(f"setting {setting!r}: write FAMILY.setting=value, e.g. fbm.octaves=3")
    anyone = Named(find(name))
    own = anyone.fields(key)
    if not own:
        raise unknown_name(f"setting of {name}", key, anyone.all_keys(), f"patterngen list {name}")
    meant = [one for family in named for one in family.walk() if one.cls is anyone.cls]
    if not meant:
        present = sorted({one.cls.name for family in named for one in family.walk()})
        raise PatternGenError(f"setting {setting!r}: there is no {name} among {', '.join(present)}")
    for one in meant:
        for field_name in own:
            one.settings.setdefault(field_name, value)


def _value(name: str, key: str, text: str, kind: SettingType) -> Param:
    try:
        match kind.type.__name__:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
            case _:
                return text
    except (KeyError, ValueError):
        raise PatternGenError(f"{name}?{key}={text}: {key} is {kind}; give a value of that kind") from None
