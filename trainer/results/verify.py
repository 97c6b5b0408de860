"""Whether runs, encoders and results are as they were written: all files are read, and digests compared."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from patterngen.errors import RunFailedError
from trainer.encoders.checkpoint import checkpoints, load_checkpoint
from trainer.encoders.exported import WEIGHTS, load_encoder
from trainer.encoders.shipped import located, not_there
from trainer.errors import TrainerError
from trainer.results.file import FILE, predictions_file, read_results
from trainer.results.predictions import load_predictions
from trainer.results.verify_config import VerifyRunsConfig
from trainer.training.metrics_log import METRICS, read_metrics


@dataclass(frozen=True)
class VerifiedRuns:
    """What was found sound.

    Attributes:
        checkpoints: how many were read.
        encoders: how many exported encoders were read.
        results: rows of results, each with what it said of each clip.
        without: rows whose predictions are not there, so that they have no interval.
        steps: lines of the runs' metrics.
    """

    checkpoints: int = 0
    encoders: int = 0
    results: int = 0
    without: int = 0
    steps: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {"problems": [], **asdict(self)}

    def __str__(self) -> str:
        counts = {
            "checkpoints": self.checkpoints,
            "encoders": self.encoders,
            "rows of results": self.results,
            "lines of metrics": self.steps,
        }
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        missing = f"; without predictions, and so without an interval: {self.without}" if self.without else ""
        return f"sound: {said}{missing}"


def verify_runs(config: VerifyRunsConfig) -> VerifiedRuns:
    """Read what runs, exports and evaluations wrote, and compare it with the digests that stand beside it.

    Raises:
        TrainerError: nothing of that kind lies at a path.
        RunFailedError: something is damaged: every problem is listed, one line each.
    """
    if not config.paths:
        raise TrainerError("nothing to verify: name runs, encoders or folders of results")
    counts = dict.fromkeys(asdict(VerifiedRuns()), 0)
    problems: list[str] = []
    for named in config.paths:
        path = located(named)
        if not path.exists():
            raise not_there(named)
        files = 0
        for what, problem in _read(path):
            files += 1
            if problem is None:
                counts[what] += 1
            else:
                problems.append(problem)
        if not files:
            raise TrainerError(f"{path}: holds no run, no exported encoder and no {FILE}")
    if problems:
        head = [f"{len(problems)} problems:"] if len(problems) > 1 else []
        raise RunFailedError(*head, *problems)
    return VerifiedRuns(**counts)


def _read(path: Path) -> Iterator[tuple[str, str | None]]:
    """Read all that lies at a path; yield what each thing is, and what is wrong with it or None."""
    if path.is_file():
        yield "checkpoints", _problem(load_checkpoint, path)
        return
    for checkpoint in checkpoints(path):
        yield "checkpoints", _problem(load_checkpoint, checkpoint)
    for folder in (path, *sorted(path.glob("export*"))):
        if (folder / WEIGHTS).is_file():
            yield "encoders", _problem(load_encoder, folder)
    if (path / METRICS).is_file():
        lines = len((path / METRICS).read_bytes().splitlines())
        rows = len(read_metrics(path))
        yield from [("steps", None)] * rows
        if rows < lines:
            yield "steps", f"{path / METRICS}: line {rows + 1} of {lines} is cut short or damaged"
    if (path / FILE).is_file():
        yield from _results(path)


def _results(folder: Path) -> Iterator[tuple[str, str | None]]:
    try:
        rows = read_results(folder)
    except TrainerError as error:
        yield "results", str(error)
        return
    for row in rows:
        file = predictions_file(folder, row)
        yield "results", _problem(load_predictions, file)
        if not file.exists():
            yield "without", None


def _problem(read: Any, path: Path) -> str | None:
    try:
        read(path)
    except TrainerError as error:
        return str(error)
    return None
