"""Objects as notebooks show them: small pieces of HTML, of bounded size, that ask nothing of a network.

Names may come from strangers (a manifest, a folder of clips): every text is escaped.
"""

import base64
import html
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patterngen.encode import Encoding, encode, thumbnail
from patterngen.escape import visible

MOST_PICTURES = 24
"""Most pictures that one object shows."""
MOST_ROWS = 40
"""Most rows of a table."""

_SIDE = 128  # pixels, the longest of a picture that is shown
_COPY = Encoding(format="webp", quality=80)
_MOST_TEXT = 1000
_WIDTH, _HEIGHT = 480, 120  # of a plot
_MOST_POINTS = 400


def shown_text(value: object) -> str:
    """Write a text for HTML: escaped, on one line that can be seen, of a length that can be read."""
    text = str(value)
    return html.escape(visible(text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"))


def heading(title: object, *facts: object) -> str:
    """Write what an object is called in bold, and facts about it behind."""
    rest = "".join(f" · {shown_text(fact)}" for fact in facts)
    return f"<p><b>{shown_text(title)}</b>{rest}</p>"


def picture_sheet(pictures: Iterable[NDArray[np.uint8]], captions: Iterable[tuple[str, str]]) -> str:
    """Lay small copies of pictures side by side, `MOST_PICTURES` of them at most.

    Args:
        pictures: uint8 [H, W, 3] each.
        captions: a line below each picture, and what is told of it while a pointer rests there.
    """
    cells = [
        f'<figure style="margin:4px;display:inline-block;text-align:center" title="{shown_text(more)}">'
        f'<img alt="{shown_text(caption)}" src="data:image/webp;base64,{_copy(picture)}">'
        f'<figcaption style="font-size:80%">{shown_text(caption)}</figcaption></figure>'
        for picture, (caption, more) in zip(islice(pictures, MOST_PICTURES), captions, strict=False)
    ]
    return f"<div>{''.join(cells)}</div>"


def _copy(picture: NDArray[np.uint8]) -> str:
    return base64.b64encode(encode(thumbnail(picture, _SIDE), _COPY)).decode("ascii")


def table(
    head: Sequence[object], rows: Sequence[Sequence[object]], bold: Iterable[tuple[int, int]] = ()
) -> str:
    """Write a table. Without titles all is aligned left; below titles, what follows the first column right.

    Args:
        head: titles of the columns; none are shown if there are none.
        rows: the cells; of more than `MOST_ROWS` rows the rest is counted.
        bold: places, as row and column, of cells to stress.
    """
    stressed = set(bold)
    side = "right" if head else "left"
    lines = [_row(head, "th", side)] if head else []
    for number, row in enumerate(rows[:MOST_ROWS]):
        lines.append(_row(row, "td", side, {column for line, column in stressed if line == number}))
    if len(rows) > MOST_ROWS:
        lines.append(_row([f"and {len(rows) - MOST_ROWS} more"], "td", side))
    return f"<table>{''.join(lines)}</table>"


def _row(cells: Sequence[object], tag: str, side: str, bold: Iterable[int] = ()) -> str:
    written = [
        f'<{tag} style="padding:1px 8px;text-align:{side if place else "left"}">'
        + (f"<b>{shown_text(cell)}</b>" if place in bold else shown_text(cell))
        + f"</{tag}>"
        for place, cell in enumerate(cells)
    ]
    return f"<tr>{''.join(written)}</tr>"


def histogram(counts: ArrayLike, title: str, low: str, high: str) -> str:
    """Draw a histogram.

    Args:
        counts: of each bin, non-negative [B], B ≥ 1.
        title: what is counted.
        low: what the left end is called.
        high: what the right end is called.
    """
    values = np.asarray(counts, np.float64)
    tallest, step = max(values.max(), 1e-300), _WIDTH / len(values)
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{_HEIGHT * (1 - value / tallest):.1f}" width="{step:.1f}" '
        f'height="{_HEIGHT * value / tallest:.1f}"/>'
        for i, value in enumerate(values)
        if value
    )
    return _plot(f'<g fill="#3b78b4">{bars}</g>', title, low, high)


def curve(x: ArrayLike, y: ArrayLike, title: str) -> str:
    """Draw a line through points, from the least to the largest of both axes; NaN is left out.

    Args:
        x: ascending, [N]; of more than a few hundred points some are drawn.
        y: values there, [N].
        title: what is drawn; both ranges are written beside it.
    """
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    known = np.isfinite(across) & np.isfinite(up)
    across, up = across[known], up[known]
    if not len(up):
        return ""
    some = np.linspace(0, len(up) - 1, min(len(up), _MOST_POINTS)).round().astype(int)
    across, up = across[some], up[some]
    places = (across - across[0]) / max(across[-1] - across[0], 1e-300) * _WIDTH
    heights = (1 - (up - up.min()) / max(up.max() - up.min(), 1e-300)) * _HEIGHT
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(places, heights, strict=True))
    line = f'<polyline points="{points}" fill="none" stroke="#3b78b4" stroke-width="1.5"/>'
    return _plot(line, f"{title}, {up.min():.4g} … {up.max():.4g}", f"{across[0]:g}", f"{across[-1]:g}")


def _plot(drawn: str, title: str, low: str, high: str) -> str:
    words = "".join(
        f'<text x="{place}" y="{_HEIGHT + 16}" text-anchor="{anchor}">{shown_text(word)}</text>'
        for place, anchor, word in ((0, "start", low), (_WIDTH / 2, "middle", title), (_WIDTH, "end", high))
    )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT + 22}" viewBox="0 -2 {_WIDTH} {_HEIGHT + 24}" '
        f'role="img" aria-label="{shown_text(title)}">{drawn}'
        f'<path d="M0 {_HEIGHT}H{_WIDTH}" stroke="currentColor"/>'
        f'<g fill="currentColor" font-size="12">{words}</g></svg>'
    )
