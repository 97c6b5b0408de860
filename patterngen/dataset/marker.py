"""What a shard is called, and the marker that says it is whole: ``train-000000_stats.json``."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from patterngen.dataset.format_version import FIRST, KEY, NewerFormatError, version_in
from patterngen.dataset.tar import BLOCK
from patterngen.errors import PatternGenError
from patterngen.storage.places import Place, read_bounded
from patterngen.storage.texts import parse_json

SHARD_GLOB = "train-*.tar"
MARKER = "_stats.json"
"""What the name of a shard's marker ends with, after the shard's own."""

REDRAW = "run `patterngen render` again to draw this shard anew"
"""What to do about a shard whose files are missing or of another size."""
REPAIR = f"delete its _stats.json and {REDRAW}"
"""What to do about a shard whose damage does not show in its size."""

_LEAST_BYTES = 6 * BLOCK
"""Fewest bytes of a picture in a tar: three members, each a header and some data."""

MAX_STATS = 1 << 20
"""Most bytes of a marker."""
_NAME = re.compile("train-([0-9]{6}|[1-9][0-9]{6,})")


@dataclass(frozen=True, kw_only=True)
class ShardStats:
    """What ``_stats.json`` says of one shard."""

    format_version: int
    """Version of the folder's format; only from the second one on does the file say so."""
    count: int
    failed: int
    seconds: float
    images_per_second: float
    bytes: int
    sha256: str
    """SHA-256 of the tar."""
    job_hash: str
    patterngen_version: str
    renderer: str
    hostname: str
    started: str
    ended: str
    measures: tuple[str, ...] = ()
    """Columns of its manifest beside those of every other; only where there are any does the file say so."""
    arrays: tuple[str, ...] = ()
    """Arrays in its tar beside each picture, by name; likewise."""
    tv_quantiles: dict[str, float]


_KINDS: dict[object, tuple[type, ...]] = {
    int: (int,),
    float: (int, float),
    str: (str,),
    dict[str, float]: (dict,),
    tuple[str, ...]: (tuple,),
}


def shard_name(number: int) -> str:
    """Name a shard, without its suffixes: ``train-000042``."""
    return f"train-{number:06d}"


def is_shard_name(name: str) -> bool:
    """Tell whether that is a shard's name: a folder may hold other things that begin with ``train-``."""
    return _NAME.fullmatch(name) is not None


def marked_shards(names: Iterable[str]) -> list[str]:
    """Return the shards, in ascending order, whose markers are among the names of a folder's files."""
    ended = (name.removesuffix(MARKER) for name in names if name.endswith(MARKER))
    return sorted(filter(is_shard_name, ended))


def stats_path(folder: Place, name: str) -> Place:
    """Where a shard's marker lies."""
    return folder / f"{name}{MARKER}"


def read_stats(folder: Place, name: str) -> ShardStats | None:
    """Read a shard's marker; None when the shard is not whole.

    Raises:
        PatternGenError: the marker is not one of ours; a `NewerFormatError`, if it is of a newer format.
    """
    path = stats_path(folder, name)
    try:
        data = parse_json(read_bounded(path, MAX_STATS))
        said = data | {KEY: version_in(data, folder)}
        said |= {name: tuple(data.get(name, ())) for name in ("measures", "arrays")}
        stats = ShardStats(**{field.name: said[field.name] for field in fields(ShardStats)})
        kinds = {field.name: _KINDS[field.type] for field in fields(ShardStats)}
        if not all(isinstance(getattr(stats, name), kind) for name, kind in kinds.items()):
            raise TypeError("a value is of another kind")
        if not all(isinstance(each, (int, float)) for each in stats.tv_quantiles.values()):
            raise TypeError("a quantile is no number")
        if stats.count < 1 or stats.bytes < stats.count * _LEAST_BYTES:
            raise ValueError(f"{stats.count} pictures in {stats.bytes} bytes")
        return stats
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PatternGenError(
            f"{path} is damaged ({type(error).__name__}: {error}); delete it and render again"
        ) from None


def refuse_another(folder: Place, name: str, job_hash: str) -> ShardStats | None:
    """Read the marker of a shard that is about to be written; None where there is none, or a damaged one.

    Raises:
        PatternGenError: it is another job's, which draws into the same folder.
    """
    try:
        theirs = read_stats(folder, name)
    except NewerFormatError:
        raise
    except PatternGenError:  # which the new shard mends
        return None
    if theirs is not None and theirs.job_hash != job_hash:
        raise PatternGenError(
            f"{folder}: another run has drawn another job's {name} by now: give each job its own --out"
        )
    return theirs


def marker_text(stats: ShardStats) -> str:
    """Write a shard's marker; one of format 1 does not state its version."""
    said = asdict(stats)
    if stats.format_version == FIRST:
        del said[KEY]
    for name in ("measures", "arrays"):
        if not said[name]:
            del said[name]
    return json.dumps(said, indent=1) + "\n"
