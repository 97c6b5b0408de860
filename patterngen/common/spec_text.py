"""The spelling of families: ``NAME?setting=value``, ``WRAPPER:FAMILY?setting=value``, parts in parentheses.

Only text here, no family: what reads a dataset needs to tell labels apart and cannot draw.
"""

import re
from collections.abc import Iterator

from patterngen.errors import PatternGenError


def cut(text: str, mark: str) -> tuple[str, str]:
    """Cut a text in two at the first mark that stands outside parentheses; the rest is empty without one."""
    for place in _places(text, mark):
        return text[:place], text[place + 1 :]
    return text, ""


def split(text: str, mark: str) -> list[str]:
    """Split a text at every mark that stands outside parentheses."""
    ends = [*_places(text, mark), len(text)]
    starts = [0, *(end + 1 for end in ends)]
    return [text[start:end] for start, end in zip(starts, ends, strict=False)]


def enclosed(label: str) -> str:
    """Put a label in parentheses if it must stand in them as a part of another one."""
    return f"({label})" if re.search("[?:,]", label) else label


def opened(text: str) -> str:
    """Take the parentheses off a text that stands in them as a whole."""
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def bare(label: str) -> str:
    """Return a label without any settings: ``smooth:(fbm?octaves=3)?tv=0.02`` is ``smooth:fbm``."""
    return re.sub(r"\(([^():,]*)\)", r"\1", re.sub(r"\?[^()]*", "", label))


def check_parentheses(text: str) -> None:
    """Raise PatternGenError for parentheses that do not match."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    if depth:
        raise PatternGenError(f"family {text!r}: its parentheses do not match")


def _places(text: str, mark: str) -> Iterator[int]:
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == mark and not depth:
            yield place
