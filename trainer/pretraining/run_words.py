"""A run as it stands: its figures, the same in words, and as a notebook shows it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from patterngen.notebook import curve, table
from trainer.training.metrics_log import read_metrics

LEFT_OUT = ("data", "draw", "model")
"""Settings that have lines of their own."""

State = Literal["finished", "stopped", "diverged", "failed", "interrupted", "running or killed", "not begun"]


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """A run as it stands.

    Attributes:
        run: folder of the run.
        state: how it ended the last time, or that nobody wrote down how.
        error: what it said then, if it failed.
        step: optimiser steps that are done, by the last line of metrics.jsonl.
        steps: length of the whole schedule; None before the first start.
        images: number of pictures seen.
        epochs: passes over the data; None for drawing without an end.
        settings: settings that differ from the defaults, without `out`.
        dataset: the hash of its pictures, which holds its jobs' hashes.
        pictures: how many one pass over the data holds.
        loss_first: loss at the first line.
        loss_last: mean loss over the last twentieth of the lines.
        loss_best: the least loss of all lines.
        floor: the loss of predicting the mean.
        images_per_second: median over the lines.
        data_wait: mean share of the time that was spent waiting for pictures.
        seconds: time from starts to ends, of all times that it ran.
        processes: how many train together.
        device: what they compute on.
        checkpoints: names, oldest first.
        export: folder of the exported encoder.
        proceed: the command that goes on, or that uses what was learned.
    """

    run: str
    state: State
    error: str | None
    step: int
    steps: int | None
    images: int
    epochs: float | None
    settings: dict[str, Any]
    dataset: str | None
    pictures: int | None
    loss_first: float | None
    loss_last: float | None
    loss_best: float | None
    floor: float | None
    images_per_second: float | None
    data_wait: float | None
    seconds: float
    processes: int
    device: str | None
    checkpoints: tuple[str, ...]
    export: str | None
    proceed: str

    @property
    def lines(self) -> dict[str, str]:
        """Everything about it in words, by a title; what it has none of is empty."""
        return {title: words(self) for title, words in _LINES.items()}

    def setting(self, name: str) -> str:
        """Return the value of one of its settings in words."""
        return _words(self.settings.get(name, "default"))

    def _repr_html_(self) -> str:
        """Show in a notebook what became of it, and the curve of its loss."""
        settings = {f"  {name}": self.setting(name) for name in self.settings if name not in LEFT_OUT}
        rows = [(title, words) for title, words in (self.lines | settings).items() if words]
        logged = read_metrics(Path(self.run))
        steps, losses = ([row.get(name, math.nan) for row in logged] for name in ("step", "loss"))
        return table((), rows) + curve(steps, losses, "loss")


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _state(run: RunSummary) -> str:
    of = f" of {run.steps}" if run.steps else ""
    place = f" at step {run.step}{of}" if run.state != "finished" else f": {run.step} steps"
    return f"{run.state}{place}" + (f": {run.error}" if run.error else "")


def _data(run: RunSummary) -> str:
    named = _words(run.settings.get("data") or run.settings.get("draw") or "")
    count = f"{run.pictures} pictures" if run.pictures is not None else ""
    hashed = f"hash {run.dataset}" if run.dataset else ""
    return "; ".join(part for part in (named, count, hashed) if part)


def _loss(run: RunSummary) -> str:
    if run.loss_first is None or run.loss_last is None:
        return ""
    return f"{run.loss_first:.4f} → {run.loss_last:.4f}, best {run.loss_best:.4f}"


def _floor(run: RunSummary) -> str:
    if run.floor is None:
        return ""
    share = f" (the loss is {run.loss_last / run.floor:.0%} of it)" if run.loss_last is not None else ""
    return f"{run.floor:.4f}{share}"


def _images(run: RunSummary) -> str:
    return f"{run.images}" + (f", {run.epochs:.3g} epochs" if run.epochs is not None else "")


def _speed(run: RunSummary) -> str:
    if run.images_per_second is None:
        return ""
    return f"{run.images_per_second:.4g} images/s, {run.data_wait or 0:.1%} waiting for data"


def _hardware(run: RunSummary) -> str:
    many = f", {run.processes} processes" if run.processes > 1 else ""
    return f"{run.device}{many}" if run.device else ""


def _time(run: RunSummary) -> str:
    return duration(run.seconds) if run.step else ""


def duration(seconds: float) -> str:
    """Say a length of time: seconds, minutes, hours or days, to about three digits."""
    for name, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.3g} {name}"
    return f"{seconds:.3g} s"


_LINES: dict[str, Callable[[RunSummary], str]] = {
    "run": lambda run: run.run,
    "state": _state,
    "model": lambda run: str(run.settings.get("model", "vit_tiny")),
    "data": _data,
    "loss": _loss,
    "predicting the mean": _floor,
    "images seen": _images,
    "speed": _speed,
    "hardware": _hardware,
    "time spent": _time,
    "checkpoints": lambda run: ", ".join(run.checkpoints),
    "exported encoder": lambda run: run.export or "",
    "next": lambda run: run.proceed,
}
