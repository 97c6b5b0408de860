"""What a run was made with: environment.json, one entry for each time it was started."""

import json
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from patterngen import __version__
from patterngen.common.installed import installed_version
from patterngen.storage.ahead import usable_cores
from patterngen.storage.files import write_atomic
from patterngen.storage.texts import parse_json
from trainer.encoders.shipped import located
from trainer.training.ranks import Ranks

ENVIRONMENT = "environment.json"
PROVENANCE = "pretraining.json"
"""What an exported folder remembers of its run; see `trainer.pretraining.provenance`."""
_MOST_BYTES = 1 << 24
_START = {"step", "command", "packages", "hardware"}
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
        | {name: found for name in PACKAGES if (found := installed_version(name))},
        "hardware": hardware(ranks),
    }
    content = {"dataset": dataset, "seed": seed, "starts": [*_starts(file), start]}
    write_atomic(file, (json.dumps(content, indent=2) + "\n").encode())


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
    content = parse_json(file.read_bytes())
    end = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "step": step, "how": ended}
    starts[-1]["end"] = end | ({"error": said} if said else {})
    write_atomic(file, (json.dumps(content | {"starts": starts}, indent=2) + "\n").encode())


def dataset_of(encoder: Path) -> str:
    """Return the identity of the pictures that an encoder was pre-trained on; empty where nobody tells.

    Args:
        encoder: a run folder, a checkpoint or exported folder inside one, an exported folder elsewhere that
            remembers, or the name of a shipped encoder.
    """
    place = located(encoder)
    for file in (place / PROVENANCE, *(folder / ENVIRONMENT for folder in _around(place))):
        content = _read(file)
        if "dataset" in content:
            return str(content["dataset"])
    return ""


def run_of(encoder: Path) -> Path | None:
    """Return the run folder that an encoder lies in: itself, or that of its checkpoint or export; or None."""
    return next((folder for folder in _around(encoder) if (folder / ENVIRONMENT).is_file()), None)


def starts_of(run: Path) -> list[dict[str, Any]]:
    """Return what is known of each start of a run, the oldest first; those that lack anything are left out.

    Each has ``step``, ``command``, ``packages`` and ``hardware``, as `record_start` writes them.
    """
    return [
        start for start in _starts(run / ENVIRONMENT) if isinstance(start, dict) and start.keys() >= _START
    ]


def _around(encoder: Path) -> tuple[Path, ...]:
    return (encoder, *encoder.resolve().parents[:2])


def _read(file: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one where there is none."""
    try:
        with file.open("rb") as opened:
            content = parse_json(opened.read(_MOST_BYTES))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def hardware(ranks: Ranks) -> dict[str, Any]:
    """Describe what the processes of a run compute on."""
    device = ranks.device
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": usable_cores(),
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
    starts = _read(file).get("starts")  # nothing yet, or nothing that can be read
    return starts if isinstance(starts, list) else []


def _processor() -> str:
    """Return the processor's name; the platform module knows only its kind on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
