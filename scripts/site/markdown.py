"""Links and headings of Markdown, as GitHub reads them: to check documents, and to move them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

CODE = re.compile(
    r"^( *)(`{3,}|~{3,}).*?^\1\2[^\S\n]*$|(?<!`)(`+)(?!`)(?:[^\n]|\n(?!\n))*?(?<!`)\3(?!`)", re.M | re.S
)
"""Fenced blocks and spans of code: nothing in them is a link or a heading."""
LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\()([^()\s]+)(\))")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
HTML_ANCHOR = re.compile(r'<\w+[^<>]* (?:id|name)="([^"]+)"')


def links(text: str) -> Iterator[str]:
    """Yield the targets of the links and pictures of a document, in their order."""
    for match in LINK.finditer(_without_code(text, keep_spans=True)):
        yield match[2]


def with_links(text: str, change: Callable[[str], str]) -> str:
    """Return the document with each target of a link replaced by what `change` makes of it."""
    blank = _without_code(text, keep_spans=True)
    parts, end = [], 0
    for match in LINK.finditer(blank):
        parts += [text[end : match.start(2)], change(match[2])]
        end = match.end(2)
    return "".join([*parts, text[end:]])


def with_deep_lists(text: str) -> str:
    """Return the document with lists in lists indented by four, as the site needs; GitHub takes two."""
    if not re.search(r"^ {2,3}[-*+] ", text, re.MULTILINE):
        return text
    lines = zip(text.split("\n"), _without_code(text).split("\n"), strict=True)
    return "\n".join(re.sub("^( +)", r"\1\1", line) if seen.strip() else line for line, seen in lines)


def anchors(text: str) -> set[str]:
    """Return what a link may name behind ``#``: headings, as GitHub makes names of them, and ids."""
    found: dict[str, int] = {}
    names = set(HTML_ANCHOR.findall(_without_code(text)))
    for heading in HEADING.findall(_without_code(text, keep_spans=True)):
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        before = found.get(slug, 0)
        found[slug] = before + 1
        names.add(f"{slug}-{before}" if before else slug)
    return names


def is_outside(target: str) -> bool:
    """Say whether a link leads to another host."""
    return re.match(r"[a-z][a-z0-9+.-]*:", target) is not None


def broken_links(document: Path) -> list[str]:
    """Return the links of a file that lead to no file, or to no heading of it."""
    text = document.read_text(encoding="utf-8")
    broken = []
    for target in links(text):
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        if is_outside(target):
            continue
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    return broken


def _without_code(text: str, *, keep_spans: bool = False) -> str:
    """Blank out code, so that places stay where they are; `keep_spans` leaves what stands within a line."""

    def blank(match: re.Match[str]) -> str:
        if keep_spans and match[3]:
            return re.sub(r"[\[\]()]", " ", match[0])
        return re.sub(r"[^\n]", " ", match[0])

    return CODE.sub(blank, text)
