"""How an encoder came to be: read from its run, and kept beside it once it is exported: pretraining.json."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from patterngen import PatternGenError
from patterngen.common.config import fit_values
from patterngen.common.yaml_text import dump_yaml
from patterngen.storage.files import write_atomic
from patterngen.storage.texts import parse_json
from trainer.encoders.exported import encoder_file
from trainer.encoders.shipped import located
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.environment import PROVENANCE, run_of, starts_of
from trainer.pretraining.run_summary import summarise_run
from trainer.pretraining.run_words import RunSummary
from trainer.training.metrics_log import read_metrics

_MOST_BYTES = 1 << 20
"""Length of the largest job file that is kept; the longest thing in one are lists of excluded programs."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What draws pictures of a run again.

    Attributes:
        name: the dataset in the settings of the run, or ``drawn while training``.
        yaml: the job file; empty where none was found, as of recordings, which no job draws.
    """

    name: str
    yaml: str


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How an encoder was pre-trained.

    Attributes:
        dataset: identity of its pictures.
        jobs: the pictures, dataset by dataset.
        settings: settings of `trainer pretrain` that differ from its defaults, as YAML.
        commands: what was typed, once for all times that it was the same.
        steps: number of optimiser steps.
        images: number of pictures seen, counted each time.
        pictures: how many one pass over the data holds; None for drawing without an end.
        hours: time of its steps.
        core_hours: hours times the threads that trained; None where anything but a CPU did.
        device: what trained, in words.
        packages: versions of what a number may depend on, as ``torch 2.9.1``.
    """

    dataset: str = ""
    jobs: tuple[Job, ...] = ()
    settings: str = ""
    commands: tuple[str, ...] = ()
    steps: int = 0
    images: int = 0
    pictures: int | None = None
    hours: float = 0.0
    core_hours: float | None = None
    device: str = ""
    packages: tuple[str, ...] = ()


def provenance_of(encoder: str | Path) -> Provenance | None:
    """Return how an encoder was pre-trained; None where nobody tells, as of imported weights.

    Args:
        encoder: a run folder, a checkpoint or exported folder inside one, an exported folder elsewhere that
            remembers, or the name of a shipped encoder.

    Raises:
        TrainerError: what the folder remembers cannot be read.
    """
    place = located(encoder)
    if (place / PROVENANCE).is_file():
        return _read(place / PROVENANCE)
    run = run_of(place)
    if run is None or not (run / "config.yaml").is_file():
        return None
    step = re.fullmatch(r"step-(\d+)\.pt", encoder_file(place).name)
    return _of_run(run, summarise_run(run), None if step is None else int(step[1]))


def write_provenance(folder: Path, provenance: Provenance) -> None:
    """Keep it in the folder of an exported encoder."""
    write_atomic(folder / PROVENANCE, (json.dumps(asdict(provenance), indent=2) + "\n").encode())


def hours_of_steps(
    rows: Sequence[Mapping[str, float]], starts: Sequence[Mapping[str, Any]]
) -> tuple[float, float | None]:
    """Add up the time that steps took, by the speed at each line of metrics.jsonl.

    Args:
        rows: with ``step``, ``images`` and ``images_per_second``, in order.
        starts: of environment.json, in order: they say how many threads trained from which step on.

    Returns:
        Hours, and hours times threads; None for the second where anything but a CPU trained.
    """
    hours = cores = 0.0
    for before, row in pairwise([{"step": 0, "images": 0}, *rows]):
        passed = (row["images"] - before["images"]) / row["images_per_second"] / 3600
        hours += passed
        hardware = [start["hardware"] for start in starts if start["step"] < row["step"]]
        if hardware:
            cores += passed * _threads(hardware[-1])
    on_cpu = bool(starts) and all(start["hardware"]["device"] == "cpu" for start in starts)
    return hours, cores if on_cpu else None


def _read(path: Path) -> Provenance:
    try:
        return Provenance(**fit_values(parse_json(path.read_bytes()), Provenance, PROVENANCE))
    except (OSError, ValueError, TypeError, PatternGenError) as error:
        raise TrainerError(f"{path}: does not say how its encoder was pre-trained ({error})") from None


def _of_run(run: Path, summary: RunSummary, step: int | None) -> Provenance:
    """Read a run, up to a step if one is given: an earlier checkpoint has seen less."""
    starts = [start for start in starts_of(run) if step is None or start["step"] <= step]
    rows = [row for row in read_metrics(run) if step is None or row["step"] <= step]
    last = rows[-1] if rows else {"step": 0, "images": 0}
    settings = json.loads(json.dumps(summary.settings))  # tuples as lists
    hours, core_hours = hours_of_steps(rows, starts)
    return Provenance(
        dataset=summary.dataset or "",
        jobs=_jobs(settings, int(last["images"])),
        settings=dump_yaml(settings),
        commands=tuple(dict.fromkeys(start["command"] for start in starts)),
        steps=int(last["step"]),
        images=int(last["images"]),
        pictures=summary.pictures,
        hours=hours,
        core_hours=core_hours,
        device=_device(starts[-1]["hardware"]) if starts else "",
        packages=tuple(
            f"{name} {version}" for name, version in (starts[-1]["packages"] if starts else {}).items()
        ),
    )


def _threads(hardware: Mapping[str, Any]) -> int:
    return int(hardware["threads"] * hardware["processes"])


def _device(hardware: Mapping[str, Any]) -> str:
    if hardware["device"] != "cpu":
        return f"{hardware['processes']} × {hardware['device']}"
    count = _threads(hardware)
    return f"{count} {'thread' if count == 1 else 'threads'} of {hardware['processor']}"


def _jobs(settings: Mapping[str, Any], images: int) -> tuple[Job, ...]:
    """Return what draws the pictures of a run again: the jobs of its datasets that still lie there."""
    drawn = settings.get("draw", [])
    if len(drawn) == 1 and drawn[0].endswith((".yaml", ".yml")):
        return (Job(name=drawn[0], yaml=_text(Path(drawn[0]))),)
    if drawn:
        defaults: dict[str, Any] = {"image_size": PretrainConfig.image_size, "seed": PretrainConfig.seed}
        given = defaults | dict(settings)
        spec = {"family": drawn, "count": max(images, 1), "size": given["image_size"], "seed": given["seed"]}
        return (Job(name="drawn while training", yaml=dump_yaml(spec)),)
    found = []
    for text in settings.get("data", []):
        folder, equals, _ = text.rpartition("=")  # FOLDER=WEIGHT, but for a folder of such a name
        name = folder if equals and not Path(text).exists() else text
        found.append(Job(name=name, yaml=_text(Path(name) / "job.yaml")))
    return tuple(found)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError:
        return ""
    return content.decode("utf-8", "replace") if len(content) <= _MOST_BYTES else ""
