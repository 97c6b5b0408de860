"""One HTML file with everything in it: template, style, scripts, and what they show.

The page loads nothing and runs nothing but these scripts: its Content-Security-Policy names them by their
hashes. Contents lie in a block of JSON, which the browser does not run, with every `<` written as its code.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Layout:
    """The files that a kind of page is made of."""

    template: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    """Files of its script, in the order in which they build on one another."""


PICTURES = Layout(
    "page.html",
    ("page.css",),
    ("dom.js", "view.js", "histogram.js", "facets.js", "grid.js", "detail.js", "main.js"),
)
"""The pictures of a dataset."""
PROGRAMS = Layout("programs.html", ("page.css", "programs.css"), ("dom.js", "programs.js"))
"""Shader programs, each with a few of its pictures."""


def page(contents: Mapping[str, Any], layout: Layout = PICTURES) -> str:
    """Return the page that shows `contents`; equal contents give equal text."""
    style = "\n".join(map(_read, layout.styles))
    script = "\n".join(map(_read, layout.scripts))
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    parts = {"policy": policy, "style": style, "script": script, "contents": embedded(contents)}
    # In one pass, so that nothing in the contents is taken for a mark.
    return re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], _read(layout.template))


def embedded(value: Mapping[str, Any]) -> str:
    """Write JSON that nothing in an HTML file can mistake for markup: ASCII, without `<`, `>` and `&`."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda mark: f"\\u{ord(mark[0]):04x}", text)


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
