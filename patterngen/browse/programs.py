"""Shader programs on one page: pictures at several times, what was measured, notes and source."""

import base64
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from patterngen.browse.contents import page_text
from patterngen.browse.page import PROGRAMS, page
from patterngen.encode import Encoding, encode, thumbnail
from patterngen.escape import visible_lines
from patterngen.shaders.curation import Probed
from patterngen.shaders.language.program import Program

MAX_SOURCE = 1 << 16
"""Characters that are shown of a program."""
_SIDE = 128  # pixels, the longest of a picture on the page
_THUMBNAIL = Encoding(format="webp", quality=80)


def program_entry(program: Program, probed: Probed) -> dict[str, Any]:
    """Say of one program what the page shows, with small copies of its pictures."""
    found = probed.assessment
    measures = {
        "tv": found.tv,
        "contrast": found.contrast,
        "bytes per pixel": found.bytes_per_pixel,
        "ms per picture": found.ms,
    }
    source = program.source.expandtabs(4)[:MAX_SOURCE]
    return {
        "name": page_text(found.name),
        "kind": page_text(found.kind),
        "kept": found.kept,
        "reason": page_text(found.reason),
        "notes": [page_text(note) for note in found.notes],
        "measures": {name: value for name, value in measures.items() if isfinite(value)},
        "times": [round(float(time), 2) for time in probed.times],
        "images": [
            base64.b64encode(encode(thumbnail(picture, _SIDE), _THUMBNAIL)).decode("ascii")
            for picture in probed.pictures
        ],
        "source": visible_lines(source) + ("\n…" if len(source) < len(program.source) else ""),
    }


def programs_page(
    title: str, summary: str, entries: Sequence[dict[str, Any]], notes: Iterable[str] = ()
) -> str:
    """Return the page of some programs; equal ones give equal text.

    Args:
        title: what they are.
        summary: how many of them are kept.
        entries: of each what `program_entry` says.
        notes: what else there is to say of all.
    """
    contents = {
        "title": page_text(title),
        "summary": summary,
        "notes": [page_text(note) for note in notes],
        "programs": entries,
    }
    return page(contents, PROGRAMS)
