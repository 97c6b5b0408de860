"""Figures that need no display and show every name as it stands."""

from pathlib import Path
from typing import IO, TYPE_CHECKING

from patterngen.escape import visible_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that needs no display and leaves no state behind."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=110)


def write_figure(figure: "Figure", path: Path | IO[bytes], form: str | None = None) -> None:
    """Write a figure with every text to be read as it stands: the $ of a name is a $, no mathematics.

    Args:
        figure: from `new_figure`.
        path: file, whose ending says its form, or what takes its bytes.
        form: png, svg, pdf …, where no ending tells it.
    """
    from matplotlib.text import Text

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        names = [label.get_text() for label in axis.get_ticklabels()]
        seen = [visible_lines(name) for name in names]
        if seen != names:  # the axis writes them anew
            axis.set_ticklabels(seen)
    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_text(visible_lines(text.get_text()))
    figure.savefig(path, format=form)
