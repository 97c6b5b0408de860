"""What a person reads of a program: results on stdout, everything else on stderr, JSON for other programs.

All that either program prints goes through here, tables and bars through `patterngen.common.tables`: no text
from outside acts on a terminal, and there is no encoding that a result could fail at.
"""

import codecs
import contextlib
import io
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from json import dumps
from typing import Any, TextIO

from patterngen.escape import as_text, visible, visible_lines

_SIGNS = {
    "…": "...",
    "·": "-",
    "–": "-",
    "×": "x",
    "±": "+-",
    "²": "^2",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "“": '"',
    "”": '"',
    "’": "'",
}
"""How our own signs are written where there are only the letters of ASCII."""


def print_line(text: object) -> None:
    """Print a result to stdout as one line, whatever is in it."""
    print(visible(str(text)))  # noqa: T201


def print_lines(text: object) -> None:
    """Print a result to stdout whose line breaks are meant; of names in it, see `visible`."""
    print(visible_lines(str(text)))  # noqa: T201


def print_notice(text: object) -> None:
    """Print to stderr, as one line, what is no result; a run goes on when nobody can read it any more."""
    _to_stderr(visible(str(text)))


def print_error(error: object) -> None:
    """Print to stderr what ended a program, in as many lines as it has."""
    _to_stderr(f"error: {visible_lines(str(error))}")


def print_json(value: object) -> None:
    """Print a value as JSON, in ASCII; NaN and the infinite are null, and texts as `as_text` writes them.

    A dataclass is what its ``to_json`` gives, or an object of its fields.
    """
    print(dumps(_for_json(value), indent=1))  # noqa: T201


def print_report(report: object, *, json: bool) -> None:
    """Print what a command found out: its text for a person, or its JSON for a program."""
    if json:
        print_json(report)
    else:
        print_lines(report)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream is there and a person looks at it."""
    return stream is not None and not stream.closed and stream.isatty()


@contextmanager
def standard_streams() -> Iterator[None]:
    """Have a stdout and a stderr that are open and take every character, as long as a program runs.

    What an encoding does not know is replaced: by ASCII that looks like it, or by its code.
    """
    _open_descriptors()
    codecs.register_error("patterngen.replace", _replaced)
    with contextlib.ExitStack() as after:
        for name, number in (("stdout", 1), ("stderr", 2)):
            stream = getattr(sys, name)
            if stream is None:  # it was closed when the program began: `>&-`
                after.callback(setattr, sys, name, None)
                setattr(sys, name, after.enter_context(open(number, "w", encoding="utf-8", closefd=False)))
            elif isinstance(stream, io.TextIOWrapper):
                after.callback(stream.reconfigure, errors=stream.errors)
                stream.reconfigure(errors="patterngen.replace")
        yield


def _open_descriptors() -> None:
    """Open the three that a program expects: else its next file would be taken for one of them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_SIGNS.get(c) or c.encode("ascii", "backslashreplace").decode() for c in wrong), error.end


def _to_stderr(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal was closed, or the reader has left
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def _for_json(value: Any) -> Any:
    if is_dataclass(value):
        written = getattr(value, "to_json", None)
        value = written() if written else {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return as_text(value)
    if isinstance(value, dict):
        return {_for_json(key): _for_json(item) for key, item in value.items()}
    return [_for_json(item) for item in value] if isinstance(value, list | tuple) else value
