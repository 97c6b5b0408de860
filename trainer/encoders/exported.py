"""Exported encoders: folders of ``encoder.safetensors`` and ``config.json``, all that embedding a clip needs.

What is read here may be a run or one of its checkpoints too, which hold an encoder as well, or the name of an
encoder that comes with the package.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError
from torch import Tensor

from patterngen.storage.files import write_atomic
from patterngen.storage.texts import parse_json
from trainer.encoders.checkpoint import encoder_state, latest_checkpoint, load_checkpoint, newest_checkpoint
from trainer.encoders.config import EncoderConfig, check_weights, parse_encoder_config
from trainer.encoders.shipped import check_as_shipped, located, not_there
from trainer.errors import TrainerError, check_folder
from trainer.tensor_files import dump_tensors, load_tensors

WEIGHTS, CONFIG = "encoder.safetensors", "config.json"
StoredDtype = Literal["float32", "bfloat16"]


def export_encoder(folder: Path, config: EncoderConfig, state: Mapping[str, Tensor]) -> None:
    """Write an encoder as safetensors and JSON, its weights as they are given.

    Raises:
        TrainerError: the folder is a file.
    """
    check_folder(folder)
    text = json.dumps(asdict(config), indent=2) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ((WEIGHTS, dump_tensors(state)), (CONFIG, text.encode())):
        write_atomic(folder / name, data)


def encoder_file(source: str | Path) -> Path:
    """Return the file that holds the weights of an exported folder, of a run folder, or is a checkpoint.

    Raises:
        TrainerError: nothing there, and no shipped encoder of that name.
    """
    path = located(source)
    if not path.exists():
        raise not_there(source)
    if not path.is_dir():
        return path
    file = path / WEIGHTS if (path / WEIGHTS).is_file() else latest_checkpoint(path)
    if file is None:
        raise TrainerError(f"{path}: holds neither {WEIGHTS} nor checkpoints/step-*.pt")
    return file


def load_encoder(source: str | Path) -> tuple[EncoderConfig, dict[str, Tensor]]:
    """Read an encoder from an exported folder, a run folder, one checkpoint of a run, or by a shipped name.

    Returns:
        Its config and its weights by timm's names, float32 however they are stored.

    Raises:
        TrainerError: nothing there, nothing that can be trusted, or a shipped encoder that is not as it was
            shipped.
    """
    path = located(source)
    check_as_shipped(path)
    file = encoder_file(source)
    config = exported_config(path)
    if config is not None:
        try:
            state, _ = load_tensors(file)
        except (OSError, SafetensorError, ValueError) as error:
            raise TrainerError(f"{path}: cannot be read as an exported encoder ({error})") from None
        check_weights(config, state, path)
        return config, {name: tensor.float() for name, tensor in state.items()}
    found = newest_checkpoint(path) if path.is_dir() else (file, load_checkpoint(file))
    assert found is not None  # or `encoder_file` had found none
    return found[1].encoder, encoder_state(found[1], found[0])


def stored_dtype(source: str | Path) -> StoredDtype:
    """Return how the matrices of an encoder are stored; a run and its checkpoints hold float32.

    Raises:
        TrainerError: no encoder there.
    """
    file = encoder_file(source)
    if file.name != WEIGHTS:
        return "float32"
    tensors, _ = load_tensors(file)
    return "bfloat16" if any(tensor.dtype == torch.bfloat16 for tensor in tensors.values()) else "float32"


def as_stored(state: Mapping[str, Tensor], dtype: StoredDtype) -> dict[str, Tensor]:
    """Round weights to how they shall be stored.

    bfloat16 halves the file, and rounds each weight of a matrix or kernel by 2⁻⁹ of its size at most. Biases,
    norms, class token and positions stay as they are: they are few, and a fixed table of positions is told
    from a learned one by its digits.

    Args:
        state: float32, by timm's names.
        dtype: of matrices and kernels.
    """
    if dtype == "float32":
        return dict(state)
    return {
        name: tensor.bfloat16() if name.endswith(".weight") and tensor.ndim > 1 else tensor
        for name, tensor in state.items()
    }


def exported_config(source: str | Path) -> EncoderConfig | None:
    """Read the config of an exported folder; None where the source is none.

    Raises:
        TrainerError: an exported folder whose config cannot be trusted.
    """
    path = located(source)
    if not (path / WEIGHTS).is_file():
        return None
    try:
        return parse_encoder_config(parse_json((path / CONFIG).read_bytes()), path / CONFIG)
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read as an exported encoder ({error})") from None
