"""`trainer show`: runs side by side, as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.table import Table

from trainer.pretraining.run_summary import RunSummary, summarise_run

LEFT_OUT = ("data", "draw", "model")
"""Settings that have lines of their own."""


@dataclass(frozen=True, kw_only=True)
class ShowRunConfig:
    """Which runs to look at."""

    run: tyro.conf.Positional[tuple[str, ...]]
    """Run folders; several are shown side by side."""
    json: bool = False
    """Print JSON instead of a table: a list with one object a run."""


def show_runs(config: ShowRunConfig) -> list[RunSummary]:
    """Summarise runs, in the order in which they are named.

    Raises:
        TrainerError: a folder that holds no run.
    """
    return [summarise_run(run) for run in config.run]


def runs_table(runs: Sequence[RunSummary]) -> Table:
    """Lay runs out side by side: a column a run, first what they are, then what became of them.

    Of the settings, those of any run that are not the default have a line.
    """
    table = Table(show_header=len(runs) > 1)
    table.add_column("", style="bold", no_wrap=True)
    for run in runs:
        table.add_column(Path(run.run).name or run.run, overflow="fold")
    for title, words in _LINES.items():
        cells = [words(run) for run in runs]
        if any(cells):
            table.add_row(title, *cells)
        if title == "data":
            _add_settings(table, runs)
    return table


def _add_settings(table: Table, runs: Sequence[RunSummary]) -> None:
    names = dict.fromkeys(name for run in runs for name in run.settings if name not in LEFT_OUT)
    for name in names:
        table.add_row(f"  {name}", *(_value(run.settings.get(name, "default")) for run in runs))


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _state(run: RunSummary) -> str:
    of = f" of {run.steps}" if run.steps else ""
    place = f" at step {run.step}{of}" if run.state != "finished" else f": {run.step} steps"
    return f"{run.state}{place}" + (f": {run.error}" if run.error else "")


def _data(run: RunSummary) -> str:
    named = _value(run.settings.get("data") or run.settings.get("draw") or "")
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
