"""A report in two forms: Markdown with pictures beside it, and one HTML file with everything in it."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from patterngen.escape import as_text
from trainer.transfer.finetune.mistakes import text as html_text


@dataclass(frozen=True)
class Heading:
    """A heading, below the title of the report."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    texts: Sequence[str]


@dataclass(frozen=True)
class Figure:
    """A picture: a PNG file below the folder of the report, and what it shows, in words."""

    file: str
    shows: str


@dataclass(frozen=True)
class Grid:
    """A table: its columns, and rows of as many cells; cells after the first `names` are numbers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    names: int = 1


Block = Heading | Paragraph | Items | Figure | Grid


def markdown_page(title: str, blocks: Sequence[Block]) -> str:
    """Write a report as Markdown, which names the files of its pictures."""
    return "\n\n".join([f"# {_plain(title)}", *map(_markdown, blocks)]) + "\n"


def html_page(title: str, blocks: Sequence[Block], folder: Path) -> str:
    """Write a report as one HTML file that loads nothing and runs nothing.

    Args:
        title: of the report.
        blocks: what it consists of.
        folder: folder below which its pictures lie.
    """
    style = (files(__package__) / "report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'"
    named = html_text(as_text(title))
    body = "\n".join(_html(block, folder) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{named}</title>\n<style>{style}</style>\n</head>\n<body>\n<h1>{named}</h1>\n{body}\n"
        "</body>\n</html>\n"
    )


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"## {_plain(block.text)}"
    if isinstance(block, Paragraph):
        return _plain(block.text)
    if isinstance(block, Items):
        return "\n".join(f"- {_plain(each)}" for each in block.texts)
    if isinstance(block, Figure):
        return f"![{_plain(block.shows)}]({block.file.replace(' ', '%20')})\n\n*{_plain(block.shows)}*"
    lines = [list(map(_plain, row)) for row in (block.columns, *block.rows)]
    rules = ["---" if place < block.names else "--:" for place in range(len(block.columns))]
    return "\n".join("| " + " | ".join(line) + " |" for line in (lines[0], rules, *lines[1:]))


def _html(block: Block, folder: Path) -> str:
    if isinstance(block, Heading):
        return f"<h2>{html_text(block.text)}</h2>"
    if isinstance(block, Paragraph):
        return f"<p>{html_text(block.text)}</p>"
    if isinstance(block, Items):
        return f"<ul>{''.join(f'<li>{html_text(each)}</li>' for each in block.texts)}</ul>"
    if isinstance(block, Figure):
        data = base64.b64encode((folder / block.file).read_bytes()).decode("ascii")
        said = html_text(block.shows)
        return (
            f'<figure><img src="data:image/png;base64,{data}" alt="{said}"><figcaption>{said}</figcaption>'
            "</figure>"
        )
    head, *lines = (_html_row(cells, block.names, tag) for cells, tag in _tagged(block))
    return f'<div class="wide"><table><thead>{head}</thead><tbody>\n{"".join(lines)}</tbody></table></div>'


def _tagged(block: Grid) -> Iterator[tuple[Sequence[str], str]]:
    yield block.columns, "th"
    for row in block.rows:
        yield row, "td"


def _html_row(cells: Sequence[str], names: int, tag: str) -> str:
    kinds = ("" if place < names else ' class="n"' for place in range(len(cells)))
    row = (f"<{tag}{kind}>{html_text(cell)}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))
    return f"<tr>{''.join(row)}</tr>\n"


def _plain(text: str) -> str:
    """Escape what Markdown would take for its own."""
    return re.sub(r"([\\`*_\[\]<>|#$])", r"\\\1", " ".join(as_text(text).split()))
