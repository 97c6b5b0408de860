"""Tables and bars of rich on a terminal: cells are texts, never markup."""

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleRenderable
from rich.text import Text

from patterngen.escape import visible
from patterngen.terminal import is_terminal


class _PlainConsole(Console):
    """A console that takes a text for what it is: no markup, no emoji, no colour that it was not given."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make one line of a text, whatever it holds."""
        return super().render_str(visible(text), **options | {"markup": False, "emoji": False})

    def on_broken_pipe(self) -> None:
        """Leave what a closed pipe means to the program."""
        raise


def plain_console(*, stderr: bool = False, width: int = 120) -> Console:
    """Return a console of stdout or stderr, as wide as the terminal, or `width` characters elsewhere."""
    wide = None if is_terminal(sys.stderr if stderr else sys.stdout) else width
    return _PlainConsole(stderr=stderr, width=wide, markup=False, emoji=False, highlight=False)


def stacked(lines: Sequence[str], style: str = "") -> Text:
    """Return what a cell or title shows as several lines, or in a style."""
    return Text("\n".join(map(visible, lines)), style=style)


def print_table(table: ConsoleRenderable, width: int = 120) -> None:
    """Print a table to stdout; nobody's window bounds a pipe or a file, there it may be `width` wide."""
    plain_console(width=width).print(table)
