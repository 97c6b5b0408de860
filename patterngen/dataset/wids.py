"""The index that wids reads, ``shards.json``, and the MD5 of each tar in it.

Drawing takes no MD5: it would cost half as much as all the rest of writing. `publish` takes it, once for each
tar. An entry repeats the SHA-256 from the shard's marker: a shard that was drawn anew, with other bytes, is
thereby known to have another MD5, and one that was not is not read again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from patterngen.dataset.folder import DatasetFolder, Shard, readers
from patterngen.errors import PatternGenError
from patterngen.storage.ahead import map_ahead
from patterngen.storage.places import Place, read_bounded
from patterngen.storage.texts import parse_json

WIDS_INDEX = "shards.json"

_MOST_BYTES = 1 << 30
_MD5 = re.compile(r"[0-9a-f]{32}")


def wids_index(dataset: DatasetFolder, md5sums: Mapping[str, str]) -> Mapping[str, object]:
    """List the shards as wids expects them, for random access.

    Args:
        dataset: the folder.
        md5sums: of tars, by their names; wids also reads entries that have none.
    """
    return {
        "__kind__": "wids-shard-index-v1",
        "wids_version": 1,
        "name": dataset.path.resolve().name,
        "shardlist": [_entry(shard, md5sums.get(shard.path.name)) for shard in dataset.shards],
    }


def _entry(shard: Shard, md5: str | None) -> dict[str, object]:
    return {
        "url": shard.path.name,
        "nsamples": shard.count,
        "filesize": shard.stats.bytes,
        **({} if md5 is None else {"md5sum": md5}),
        "sha256": shard.stats.sha256,
    }


def read_entries(folder: Place) -> dict[str, Mapping[str, Any]]:
    """Read what the index that lies in a folder says of each tar, by name; nothing if there is none.

    Raises:
        PatternGenError: it is damaged.
    """
    index = folder / WIDS_INDEX
    try:
        entries = parse_json(read_bounded(index, _MOST_BYTES))["shardlist"]
        return {str(entry["url"]): {**entry} for entry in entries}
    except FileNotFoundError:  # not finished
        return {}
    except (ValueError, KeyError, TypeError):
        raise PatternGenError(
            f"{index} is damaged; delete it and run `patterngen publish {folder}` to write it anew"
        ) from None


def known_md5sums(dataset: DatasetFolder) -> dict[str, str]:
    """Return the MD5 of those tars that the folder's index has it of, and that are the same since."""
    try:
        entries = read_entries(dataset.path)
    except PatternGenError:  # written anew
        return {}
    known = {}
    for shard in dataset.shards:
        entry = entries.get(shard.path.name, {})
        md5, same = entry.get("md5sum"), entry.get("sha256") == shard.stats.sha256
        if same and isinstance(md5, str) and _MD5.fullmatch(md5):
            known[shard.path.name] = md5
    return known


def take_md5sums(shards: Sequence[Shard], advance: Callable[[int], object]) -> Iterator[tuple[str, str]]:
    """Read tars in threads and yield their names and MD5s, in order.

    Args:
        shards: which; their bytes are checked by the way.
        advance: called with 1 after each.

    Raises:
        PatternGenError: a tar has other bytes than were written, is missing, or cannot be reached.
    """
    threads = readers(shards[0].path) if shards else None
    for shard, (md5,) in zip(shards, map_ahead(lambda s: s.check_bytes("md5"), shards, threads), strict=True):
        yield shard.path.name, md5
        advance(1)
