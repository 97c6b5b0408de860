"""What a run was made with: environment.json, one entry for each time it was started."""

import json
import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from patterngen import __version__
from patterngen.storage.files import atomic_file
from trainer.encoders.shipped import located
from trainer.training.ranks import Ranks

ENVIRONMENT = "environment.json"
_MOST_BYTES = 1 << 24
PACKAGES = ("accelerate", "numpy", "pillow", "simplejpeg", "timm", "torch", "torchvision", "webdataset")
"""What may change a number of a run."""


def record_start(run: Path, *, dataset: str, seed: int, step: int, ranks: Ranks) -> None:
    """Add one start to a run folder's environment.json.

    Args:
        run: the run folder.
        dataset: the hash of its pictures.
        seed: of the run.
        step: number of steps that were done before.
        ranks: the processes that train together.
    """
    file = run / ENVIRONMENT
    start = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "step": step,
        "command": _command(sys.argv),
        "python": platform.python_version(),
        "packages": {"patterngen": __version__}
        | {name: found for name in PACKAGES if (found := _version(name))},
        "hardware": hardware(ranks),
    }
    content = {"dataset": dataset, "seed": seed, "starts": [*_starts(file), start]}
    with atomic_file(file) as out:
        out.write((json.dumps(content, indent=2) + "\n").encode())


def record_end(run: Path, *, step: int, ended: str, said: str) -> None:
    """Add to the last start in a run folder's environment.json how it ended.

    Args:
        run: the run folder.
        step: number of steps that are done.
        ended: ``finished``, ``stopped`` (at `stop_at`), ``interrupted``, ``diverged`` or ``failed``.
        said: the error, if there was one.
    """
    file = run / ENVIRONMENT
    starts = _starts(file)
    if not starts:
        return
    content = json.loads(file.read_bytes())
    end = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "step": step, "how": ended}
    starts[-1]["end"] = end | ({"error": said} if said else {})
    with atomic_file(file) as out:
        out.write((json.dumps(content | {"starts": starts}, indent=2) + "\n").encode())


def dataset_of(encoder: Path) -> str:
    """Return the identity of the pictures that an encoder was pre-trained on; empty where nobody tells.

    Args:
        encoder: a run folder, a checkpoint or exported folder inside one, or the name of a shipped encoder.
    """
    place = located(encoder)
    for folder in (place, *place.resolve().parents[:2]):
        try:
            with (folder / ENVIRONMENT).open("rb") as file:
                found = json.loads(file.read(_MOST_BYTES))["dataset"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return str(found)
    return ""


def hardware(ranks: Ranks) -> dict[str, Any]:
    """Describe what the processes of a run compute on."""
    device = ranks.device
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "cuda": torch.version.cuda,
        "processes": ranks.count,
        "sharded": ranks.sharded,
    }


def _command(argv: list[str]) -> str:
    program = Path(argv[0])
    # `python -m trainer.cli` is the command `trainer`, as launchers of several processes start it.
    name = "trainer" if program.parts[-2:] == ("trainer", "cli.py") else program.name
    return shlex.join([name, *argv[1:]])


def _starts(file: Path) -> list[Any]:
    try:
        starts = json.loads(file.read_bytes())["starts"]
    except (OSError, ValueError, KeyError, TypeError):  # nothing yet, or nothing that can be read
        return []
    return starts if isinstance(starts, list) else []


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the processor's name; the platform module knows only its kind on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
