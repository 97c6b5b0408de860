"""SHA-256 of what results depend on: equal files, tensors and settings have equal digests everywhere."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def of_file(path: str | Path) -> str:
    """Return the digest of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_values(*values: object) -> str:
    """Return the digest of plain values: whatever JSON can say, in this order; keys of mappings in any."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def of_tensors(tensors: Mapping[str, "Tensor"]) -> str:
    """Return the digest of tensors by name: kinds, shapes and bytes, whatever their order and device."""
    import torch  # not at the top: tables of results do without

    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
