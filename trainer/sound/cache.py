"""What was computed once and need not be again: tensors in files, named after all that they depend on."""

import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from patterngen.home import cache_folder
from patterngen.terminal import print_notice

VARIABLE = "PATTERNGEN_CACHE"
"""Environment variable that names another folder than ``$XDG_CACHE_HOME/patterngen``."""
_CHECK = 4  # bytes of CRC-32 behind the tensors


class Cache:
    """A folder of tensors by key.

    Files are there whole or not at all. One that is damaged counts as absent and is written again. A disk
    that is full or read-only is said once, and nothing more is kept.

    Args:
        folder: where; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._broken = False

    def load(self, key: str) -> dict[str, Tensor] | None:
        """Return the tensors of a key, or None."""
        if self.folder is None:
            return None
        try:
            content = memoryview(self.path(key).read_bytes())
            body, check = content[:-_CHECK], content[-_CHECK:]
            if zlib.crc32(body).to_bytes(_CHECK, "big") != check:
                return None
            found: dict[str, Tensor] = load(bytes(body))
        except (OSError, SafetensorError, ValueError):
            return None
        return found

    def save(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        """Keep tensors under a key, a digest."""
        if self.folder is None or self._broken:
            return
        path = self.path(key)
        body = save({name: tensor.contiguous() for name, tensor in tensors.items()})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                # Nothing waits for the disk: what a power cut damages is computed again.
                with os.fdopen(descriptor, "wb") as file:
                    file.write(body)
                    file.write(zlib.crc32(body).to_bytes(_CHECK, "big"))
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            self._broken = True
            print_notice(f"cache: {self.folder}: {error.strerror}; nothing more is kept")

    def path(self, key: str) -> Path:
        """Return where the tensors of a key lie."""
        assert self.folder is not None
        return self.folder / key[:2] / f"{key[2:]}.safetensors"


def open_cache(setting: str) -> Cache:
    """Return the cache that a setting names: ``auto``, ``none``, or a folder."""
    if setting == "none":
        return Cache(None)
    if setting != "auto":
        return Cache(Path(setting))
    named, usual = os.environ.get(VARIABLE, ""), cache_folder()
    # Where nothing can be kept, everything is computed.
    return Cache(Path(named or usual or "") / "sound" if named or usual else None)
