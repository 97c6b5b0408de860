"""One line about how far a run has come: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from patterngen.escape import visible
from patterngen.terminal import is_terminal, print_notice

if TYPE_CHECKING:
    import rich.progress

PLAIN_INTERVAL = 30.0
"""Seconds between two lines where stderr is no terminal."""
BAR_INTERVAL = 0.1
"""Seconds between two drawings of the bar."""


class Progress:
    """How far a run has come, on stderr; starts no thread.

    ```python
    with Progress(1000, unit="images", label="render") as progress:
        progress.advance(256)
    ```

    On a terminal it draws one bar with rate, time left and failures (``NO_COLOR`` is obeyed); elsewhere it
    prints a plain line every 30 s and one at the end.
    """

    def __init__(self, total: int, *, unit: str = "images", label: str = "", done: int = 0) -> None:
        """Describe the work.

        Args:
            total: how many units there are.
            unit: what is counted, plural.
            label: what is being done, one word.
            done: units that an earlier run has finished; they count as done but not in the rate.
        """
        self.total = total
        self.done = done
        self.failed = 0
        self._before = done
        self._unit = unit
        self._label = label
        self._note = ""
        self._start = self._shown = 0.0
        self._bar: rich.progress.Progress | None = None

    def __enter__(self) -> Self:
        self._start = self._shown = time.monotonic()
        if is_terminal(sys.stderr):
            self._bar = _bar(self._label, self.total)
            with suppress(OSError):
                self._bar.start()
            self._show()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or self._bar is not None or (self.done, self.failed) != (self._before, 0):
            self._show()  # not where nothing was done: the error says it all
        if self._bar is not None:
            with suppress(OSError):  # the terminal is gone
                self._bar.stop()

    def advance(self, n: int = 1) -> None:
        """Count n units as done."""
        self.done += n
        interval = PLAIN_INTERVAL if self._bar is None else BAR_INTERVAL
        if time.monotonic() - self._shown >= interval:
            self._show()

    def fail(self, n: int = 1) -> None:
        """Count n units as failed."""
        self.failed += n

    def note(self, text: str) -> None:
        """Show a few words after the numbers, e.g. the loss."""
        self._note = text

    def status(self) -> str:
        """Return the numbers in words: ``512/1000 images · 830/s · 0:00:01 left``."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        rate = (self.done - self._before) / seconds
        parts = [
            f"{self.done}/{self.total} {self._unit}",
            f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2f}/s",
        ]
        if self.done >= self.total:
            parts.append(f"took {_clock(seconds)}")
        elif rate > 0:
            parts.append(f"{_clock((self.total - self.done) / rate)} left")
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self._note:
            parts.append(self._note)
        return " · ".join(parts)

    def _show(self) -> None:
        self._shown = time.monotonic()
        if self._bar is None:
            print_notice(f"{self._label}: {self.status()}".removeprefix(": "))
            return
        self._bar.update(self._bar.task_ids[0], completed=self.done, status=visible(self.status()))
        with suppress(OSError):
            self._bar.refresh()


def _bar(label: str, total: int) -> "rich.progress.Progress":
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from patterngen.common.tables import plain_console

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[status]}", markup=False),
        console=plain_console(stderr=True),
        auto_refresh=False,  # without its thread
    )
    bar.add_task(visible(label), total=total, status="")
    return bar


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"
