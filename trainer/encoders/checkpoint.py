"""Checkpoints of a run, which hold everything that it needs to go on: whole or not there, never unpickled."""

import json
import pickle
import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from patterngen.errors import first_line
from patterngen.storage.files import atomic_file
from patterngen.storage.texts import parse_json
from patterngen.terminal import print_notice
from trainer.encoders.config import EncoderConfig, check_weights, parse_encoder_config
from trainer.errors import TrainerError
from trainer.tensor_files import damage

_NAME = re.compile(r"step-([0-9]{9,})\.pt")
"""Name of a checkpoint. What else lies beside them, a copy under another name say, is its owner's."""


class DamagedError(TrainerError):
    """A checkpoint that is not as it was written; `what` says so without a remedy."""

    def __init__(self, path: Path, wrong: str) -> None:
        self.what = f"{path}: truncated or damaged ({wrong})"
        super().__init__(f"{self.what}; name the run's folder, which stands for the newest that is whole")


@dataclass(frozen=True)
class Checkpoint:
    """The state of a pre-training run after `step` optimiser steps."""

    step: int
    encoder: EncoderConfig
    model: Mapping[str, Tensor]
    optimizer: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    average: Mapping[str, Tensor] = field(default_factory=dict)


def save_checkpoint(folder: Path, checkpoint: Checkpoint, *, keep: int) -> Path:
    """Save a checkpoint as ``step-000001500.pt`` and remove all but the newest `keep` up to this step.

    Later ones stay: they are damaged, or the run went on from an earlier one, and it will come to them.
    """
    path = folder / f"step-{checkpoint.step:09d}.pt"
    content = {f.name: getattr(checkpoint, f.name) for f in fields(Checkpoint)}
    content["encoder"] = json.dumps(asdict(checkpoint.encoder))
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as file:
        torch.save(content, file)
    saved = _by_step(folder)
    for old in [saved[step] for step in sorted(saved) if step <= checkpoint.step][:-keep]:
        old.unlink(missing_ok=True)
    return path


def checkpoints(run: Path) -> list[Path]:
    """Return the checkpoints of a run folder by their names, the oldest first."""
    return [path for _, path in sorted(_by_step(run / "checkpoints").items())]


def latest_checkpoint(run: Path) -> Path | None:
    """Return the newest checkpoint of a run folder by its name, or none."""
    return next(reversed(checkpoints(run)), None)


def newest_checkpoint(run: Path, *, quiet: bool = False) -> tuple[Path, Checkpoint] | None:
    """Read the newest checkpoint of a run folder that is as it was written; None where there are none at all.

    Args:
        run: the folder.
        quiet: do not say on stderr which damaged ones were passed over.

    Raises:
        TrainerError: all of them are damaged, or the newest that is not is none of ours.
    """
    damaged: list[str] = []
    for path in reversed(checkpoints(run)):
        try:
            checkpoint = load_checkpoint(path)
        except DamagedError as error:
            damaged.append(error.what)
            continue
        if damaged and not quiet:
            print_notice(f"{'; '.join(damaged)}: {path.name} is used instead")
        return path, checkpoint
    if damaged:
        all_of = f"and so are all {len(damaged)} there" if len(damaged) > 1 else "and there is no other"
        raise TrainerError(
            f"{damaged[0]}, {all_of}: restore one from a copy, or train again into another folder"
        )
    return None


def _by_step(folder: Path) -> dict[int, Path]:
    """Return the checkpoints in a folder by the step in their names."""
    try:
        found = {path: _NAME.fullmatch(path.name) for path in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {int(name[1]): path for path, name in found.items() if name and path.is_file()}


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; tensors and plain values only.

    Raises:
        DamagedError: the file is truncated, or not as it was written.
        TrainerError: it is missing, holds pickled objects, or is none of ours.
    """
    content = _read_checkpoint(path)
    try:
        config = parse_encoder_config(parse_json(content.pop("encoder")), path)
        return Checkpoint(encoder=config, **content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrainerError(f"{path}: not a checkpoint of ours ({first_line(error)})") from None


def saved_settings(checkpoint: Checkpoint, path: Path) -> dict[str, Any]:
    """Read the settings that a checkpoint was made with.

    Raises:
        TrainerError: it holds none, or no step.
    """
    try:
        held = parse_json(checkpoint.extra["config"])
    except (LookupError, TypeError, ValueError):
        held = None
    if not isinstance(held, dict) or type(checkpoint.step) is not int or checkpoint.step < 0:
        raise TrainerError(f"{path}: does not say of which run and step it is; remove it to go on")
    return held


def is_checkpoint(path: Path) -> bool:
    """Tell whether a file is a checkpoint of ours by what is in it, whatever its name."""
    try:
        content = _unpickled(path, mmap=True)
    except Exception:
        return False
    names = {f.name for f in fields(Checkpoint)}
    return isinstance(content, Mapping) and content.keys() == names and isinstance(content["encoder"], str)


def _read_checkpoint(path: Path) -> Any:
    try:
        wrong = damage(path)
        if wrong is None:
            return _unpickled(path)
    except FileNotFoundError:
        raise TrainerError(f"{path}: no such checkpoint") from None
    except PermissionError as error:
        raise TrainerError(f"{path}: cannot be read ({error.strerror})") from None
    except pickle.UnpicklingError:
        raise TrainerError(f"{path}: holds pickled objects, which could run anything; not loaded") from None
    except (RuntimeError, EOFError, OSError, LookupError, TypeError, AttributeError, ValueError) as error:
        wrong = first_line(error)
    raise DamagedError(path, wrong)


def _unpickled(path: Path, *, mmap: bool = False) -> Any:
    with warnings.catch_warnings():  # a foreign pickle is refused; torch need not muse about it
        warnings.simplefilter("ignore")
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)


def encoder_state(checkpoint: Checkpoint, source: Path) -> dict[str, Tensor]:
    """Return the encoder's weights of a checkpoint by timm's names; raises TrainerError for others."""
    prefix = "encoder."
    state = {
        name.removeprefix(prefix): tensor
        for name, tensor in checkpoint.model.items()
        if name.startswith(prefix)
    }
    check_weights(checkpoint.encoder, state, source)
    return state
