"""Checkpoints of a run and exported encoders: write whole or not at all, never unpickle.

A checkpoint holds everything that a run needs to go on. An exported encoder is a folder of two files,
``encoder.safetensors`` and ``config.json``, and all that is needed to embed a clip.
"""

import json
import math
import pickle
import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor

from patterngen import atomic_file, print_notice
from trainer.errors import TrainerError, check_folder, first_line
from trainer.model.encoder import build_encoder
from trainer.sound.logmel import LogMel
from trainer.tensor_files import damage, dump_tensors, load_tensors

WEIGHTS, CONFIG = "encoder.safetensors", "config.json"
_NAME = re.compile(r"step-([0-9]{9,})\.pt")
"""Of a checkpoint. What else lies beside them, a copy under another name say, is its owner's."""


class DamagedError(TrainerError):
    """A checkpoint that is not as it was written; `what` says so without a remedy."""

    def __init__(self, path: Path, wrong: str) -> None:
        self.what = f"{path}: truncated or damaged ({wrong})"
        super().__init__(f"{self.what}; name the run's folder, which stands for the newest that is whole")


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """What an encoder is and what it wants to see.

    Attributes:
        model: its timm name without patch and size, e.g. ``vit_tiny``.
        input_size: height and width in pixels (pictures), or mel bands and frames (sound).
        patch_size: height and width of a patch.
        channels: 3, or 1 for gray pictures and spectrograms.
        mean: of the input; pictures are bytes/255, sound is the natural log of mel power.
        std: its standard deviation; the encoder sees (x − mean)/std.
        logmel: how a clip becomes a spectrogram; none for an encoder that has not met sound yet.
        stride: distance of patches in rows and columns where they overlap; none where they do not.

    Raises:
        TrainerError: a mean or deviation that is not finite, or a deviation of 0.
    """

    model: str
    input_size: tuple[int, int]
    patch_size: tuple[int, int]
    channels: int
    mean: float
    std: float
    logmel: LogMel | None = None
    stride: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and 0 < self.std < math.inf):
            raise TrainerError(f"mean = {self.mean}, std = {self.std} must be finite, and std more than 0")


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
        config = encoder_config(json.loads(content.pop("encoder")), path)
        return Checkpoint(encoder=config, **content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrainerError(f"{path}: not a checkpoint of ours ({first_line(error)})") from None


def saved_settings(checkpoint: Checkpoint, path: Path) -> dict[str, Any]:
    """Read the settings that a checkpoint was made with.

    Raises:
        TrainerError: it holds none, or no step.
    """
    try:
        held = json.loads(checkpoint.extra["config"])
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


def encoder_config(values: Mapping[str, Any], source: Path) -> EncoderConfig:
    """Build an `EncoderConfig` from parsed JSON, refusing what does not belong."""
    try:
        known = dict(values)
        sides = ["input_size", "patch_size"] + ["stride"] * (known.get("stride") is not None)
        for name in sides:
            height, width = known[name]
            known[name] = (int(height), int(width))
            if min(known[name]) < 1:
                raise ValueError(f"{name} = {known[name]}")
        if known.get("logmel") is not None:
            known["logmel"] = LogMel(**known["logmel"])
        model, channels = known["model"], known["channels"]
        if not isinstance(model, str):
            raise TypeError(f"model = {model}")
        if type(channels) is not int or channels < 1:
            raise ValueError(f"channels = {channels}")
        if known.get("logmel") is not None and channels != 1:
            raise ValueError(f"channels = {channels}, and a spectrogram has 1")
        return EncoderConfig(**known)
    except (KeyError, TypeError, ValueError, OverflowError, TrainerError) as error:
        raise TrainerError(f"{source}: not the config of an encoder of ours ({error})") from None


def export_encoder(folder: Path, config: EncoderConfig, state: Mapping[str, Tensor]) -> None:
    """Write an encoder as safetensors and JSON.

    Raises:
        TrainerError: the folder is a file.
    """
    check_folder(folder)
    text = json.dumps(asdict(config), indent=2) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ((WEIGHTS, dump_tensors(state)), (CONFIG, text.encode())):
        with atomic_file(folder / name) as file:
            file.write(data)


def encoder_file(source: str | Path) -> Path:
    """Return the file that holds the weights of an exported folder, of a run folder, or is a checkpoint.

    Raises:
        TrainerError: nothing there.
    """
    path = Path(source)
    if not path.exists():
        raise TrainerError(f"{path}: no such run, checkpoint or exported encoder")
    if not path.is_dir():
        return path
    file = path / WEIGHTS if (path / WEIGHTS).is_file() else latest_checkpoint(path)
    if file is None:
        raise TrainerError(f"{path}: holds neither {WEIGHTS} nor checkpoints/step-*.pt")
    return file


def load_encoder(source: str | Path) -> tuple[EncoderConfig, dict[str, Tensor]]:
    """Read an encoder from an exported folder, a run folder, or one checkpoint of a run.

    Returns:
        Its config and its weights by timm's names.

    Raises:
        TrainerError: nothing there, or nothing that can be trusted.
    """
    path, file = Path(source), encoder_file(source)
    config = exported_config(path)
    if config is not None:
        try:
            state, _ = load_tensors(file)
        except (OSError, SafetensorError, ValueError) as error:
            raise TrainerError(f"{path}: cannot be read as an exported encoder ({error})") from None
        _check_weights(config, state, path)
        return config, state
    found = newest_checkpoint(path) if path.is_dir() else (file, load_checkpoint(file))
    assert found is not None  # or `encoder_file` had found none
    return found[1].encoder, encoder_state(found[1], found[0])


def encoder_state(checkpoint: Checkpoint, source: Path) -> dict[str, Tensor]:
    """Return the encoder's weights of a checkpoint by timm's names; raises TrainerError for others."""
    prefix = "encoder."
    state = {
        name.removeprefix(prefix): tensor
        for name, tensor in checkpoint.model.items()
        if name.startswith(prefix)
    }
    _check_weights(checkpoint.encoder, state, source)
    return state


def exported_config(source: str | Path) -> EncoderConfig | None:
    """Read the config of an exported folder; None where the source is none.

    Raises:
        TrainerError: an exported folder whose config cannot be trusted.
    """
    path = Path(source)
    if not (path / WEIGHTS).is_file():
        return None
    try:
        return encoder_config(json.loads((path / CONFIG).read_bytes()), path / CONFIG)
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read as an exported encoder ({error})") from None


def _check_weights(config: EncoderConfig, state: Mapping[str, Tensor], source: Path) -> None:
    """Refuse weights that are not those of the config, before memory is taken for what a config claims."""
    with torch.device("meta"):
        expected = {name: tensor.shape for name, tensor in new_encoder(config).state_dict().items()}
    found = {name: tensor.shape for name, tensor in state.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            shapes = [tuple(shapes[name]) if name in shapes else "nothing" for shapes in (expected, found)]
            raise TrainerError(
                f"{source}: not the weights of its {config.model}: {name} should be {shapes[0]} "
                f"and is {shapes[1]}"
            )


def new_encoder(config: EncoderConfig) -> VisionTransformer:
    """Make the untrained encoder of a config."""
    return build_encoder(
        config.model,
        input_size=config.input_size,
        patch_size=config.patch_size,
        channels=config.channels,
        stride=config.stride,
    )
