"""Shards that were given up, remembered in the dataset's folder until they are drawn after all.

Each has a file of its own, ``train-000042_failed.json``, because several runs may share a folder. It holds
nothing that a reader of pictures needs, and goes away once the shard is whole.
"""

import json
import socket
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from patterngen.dataset.marker import MARKER, is_shard_name
from patterngen.storage.files import write_atomic
from patterngen.storage.places import Place, listing, read_bounded
from patterngen.storage.texts import parse_json

_ENDING = "_failed.json"
_MAX_BYTES = 1 << 16


def remember(folder: Place, failures: Mapping[str, str]) -> None:
    """Write down errors by the names of their shards.

    Raises:
        OSError: the folder cannot be written.
    """
    about = {"hostname": socket.gethostname(), "when": datetime.now(UTC).isoformat(timespec="seconds")}
    for name, error in failures.items():
        text = json.dumps({"error": error[: _MAX_BYTES // 8], **about}, ensure_ascii=False, indent=1)
        write_atomic(folder / f"{name}{_ENDING}", f"{text}\n".encode())


def remembered(folder: Place) -> dict[str, str]:
    """Return the last error of each shard that was given up, by the shard's name in ascending order."""
    found = {}
    for name in _named(listing(folder)):
        path = folder / f"{name}{_ENDING}"
        try:
            error = parse_json(read_bounded(path, _MAX_BYTES))["error"]
        except FileNotFoundError:  # its shard is whole at last
            continue
        except (ValueError, KeyError, TypeError):
            error = f"{path.name} is damaged"
        found[name] = str(error)
    return found


def forget(folder: Place) -> None:
    """Remove the errors of shards that are whole."""
    there = listing(folder)
    for name in _named(there):
        if f"{name}{MARKER}" in there:
            (folder / f"{name}{_ENDING}").unlink(missing_ok=True)


def _named(there: Iterable[str]) -> list[str]:
    ended = (name.removesuffix(_ENDING) for name in there if name.endswith(_ENDING))
    return sorted(filter(is_shard_name, ended))
