"""Whether a file of tensors is as it was written: a flipped bit is found before it is learned from."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from patterngen.errors import first_line
from patterngen.storage.names import path_in_text
from patterngen.storage.texts import parse_json
from trainer import digests

_SEAL = "sealed"
"""The one name in the metadata of our safetensors files, because the order of several is by chance."""


def damage(path: Path) -> str | None:
    """Say what is wrong with a file that ``torch.save`` wrote; None if its parts are as they were written.

    torch writes a CRC-32 with each part, and reads them without looking at it. Reading all of a file for it
    takes about a second a GB and core.

    Raises:
        FileNotFoundError, PermissionError: the file cannot be opened.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            # torch compresses nothing, so a file of a stranger that would swell has another origin.
            stored = all(part.compress_type == zipfile.ZIP_STORED for part in parts)
            if not stored or sum(part.file_size for part in parts) > path.stat().st_size:
                return "its parts are larger than itself"
            if not any(part.CRC for part in parts):  # torch was asked to write none
                return None
            bad = archive.testzip()
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        return first_line(error)
    return None if bad is None else f"the checksum of {bad} differs"


def dump_tensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """Write tensors as safetensors, whose metadata hold a digest of tensors and metadata."""
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    about = dict(metadata or {})
    seal = json.dumps({"sha256": _digest(whole, about), "metadata": about}, ensure_ascii=False)
    return save(whole, {_SEAL: seal})


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read the tensors and the metadata of a safetensors file; one without a digest is taken as it is.

    Raises:
        SafetensorError, OSError: the file cannot be read.
        ValueError: something in it is not as it was written.
    """
    with path_in_text(path) as named, safe_open(named, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
        metadata = dict(file.metadata() or {})
    if _SEAL not in metadata:  # others', or ours from before they were sealed
        return tensors, metadata
    seal = parse_json(metadata[_SEAL])
    if not isinstance(seal, dict) or seal.get("sha256") != _digest(tensors, seal.get("metadata")):
        raise ValueError("it is damaged: its SHA-256 is not that of what was written")
    return tensors, seal["metadata"]


def _digest(tensors: Mapping[str, Tensor], metadata: object) -> str:
    return digests.of_values(digests.of_tensors(tensors), metadata)
