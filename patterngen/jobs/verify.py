"""Checking a dataset folder: are its bytes those that were written, and its pictures those that are named?"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from tyro.conf import Positional

from patterngen.dataset.folder import QUARANTINE_FILE, DatasetFolder, Shard
from patterngen.dataset.format_version import EXACT, FIRST, NewerFormatError
from patterngen.dataset.marker import MAX_STATS, REDRAW, REPAIR, marker_text, stats_path
from patterngen.dataset.programs import check_programs
from patterngen.dataset.shard import PACKED, QUANTILES, array_member, row_json
from patterngen.dataset.staging import nearby
from patterngen.dataset.tar import read_members
from patterngen.dataset.wids import WIDS_INDEX, read_entries
from patterngen.errors import MissingDependencyError, PatternGenError, RunFailedError
from patterngen.escape import visible
from patterngen.families import family
from patterngen.limits import MAX_COUNT, check_range
from patterngen.shaders.render.quarantine import Quarantine
from patterngen.storage.places import read_bounded
from patterngen.storage.texts import parse_json


@dataclass(frozen=True, kw_only=True)
class VerifyConfig:
    """What `verify` checks."""

    dir: Positional[str]
    """The dataset folder."""
    redraw: int = 8
    """How many pictures to draw again, spread over the dataset."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        check_range("redraw", self.redraw, 0, MAX_COUNT)


@dataclass(frozen=True)
class VerifyReport:
    """What a sound dataset was found to hold."""

    shards: int
    images: int
    redrawn: int
    """Pictures that were drawn again and are equal."""
    skipped: tuple[str, ...]
    """Pictures that could not be drawn again here, and why."""

    def to_json(self) -> dict[str, object]:
        """Return the figures by name."""
        return {"problems": [], **asdict(self)}

    def __str__(self) -> str:
        lines = [
            f"{self.shards} shards with {self.images} pictures are sound; {self.redrawn} drawn again, equal"
        ]
        return "\n".join([*lines, *(f"not drawn again: {visible(reason)}" for reason in self.skipped)])


def verify(config: VerifyConfig) -> VerifyReport:
    """Compare tars with their hashes, members with the manifest, and some pictures with new drawings.

    Raises:
        PatternGenError: there is no dataset to check.
        RunFailedError: the dataset is damaged: every problem is listed, one line each.
    """
    damaged: dict[str, str] = {}
    try:
        dataset = DatasetFolder.open(config.dir, check_sizes=False, damaged=damaged)
    except PatternGenError as error:
        if not damaged or isinstance(error, NewerFormatError):
            raise
        raise _failure(config, list(damaged.values())) from None
    problems, entries = [], {}
    try:
        entries = read_entries(dataset.path)
    except PatternGenError as error:
        problems.append(str(error))
    problems += damaged.values()
    problems += _check_index(dataset, {n: entries[n] for n in entries if n[:-4] not in damaged})
    for shard in dataset.shards:
        problems += _check_shard(shard, entries.get(shard.path.name, {}).get("md5sum"))
    if not problems:
        problems = list(check_programs(dataset.path, dataset.manifest(["params"])["params"].to_pylist()))
    redrawn, skipped = 0, []
    if not problems and config.redraw:
        rows = _spread(dataset.manifest(), config.redraw)
        with nearby(dataset.path) as local:
            excluded = Quarantine(local / QUARANTINE_FILE).excluded
        for row in rows:
            try:
                same = _draws_again(row, excluded)
            except _NotComparableError as reason:
                skipped.append(f"{row['key']} ({reason})")
                continue
            redrawn += same
            if not same:
                problems.append(f"picture {row['key']}: {row['family']} draws other pixels for its seed now")
    if problems:
        raise _failure(config, problems)
    return VerifyReport(len(dataset.shards), dataset.count, redrawn, tuple(skipped))


def _failure(config: VerifyConfig, problems: Sequence[str]) -> RunFailedError:
    head = [] if len(problems) == 1 else [f"{len(problems)} problems in {config.dir}:"]
    return RunFailedError(*head, *problems)


def _check_index(dataset: DatasetFolder, entries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield which shards of the index for wids are not there as it says; one may have more than it lists."""
    there = {shard.path.name: shard for shard in dataset.shards}
    for name, entry in sorted(entries.items()):
        if name not in there:
            yield f"{dataset.path}: shard {name[:100]!r} is listed in {WIDS_INDEX}, but not whole; {REDRAW}"
        elif entry.get("nsamples") != there[name].count or entry.get("sha256", there[name].stats.sha256) != (
            there[name].stats.sha256
        ):
            yield (
                f"{dataset.path / WIDS_INDEX} is not of the {name} that is there; run "
                f"`patterngen publish {dataset.path}` to write it anew"
            )


def _check_marker(shard: Shard, manifest: list[dict[str, Any]]) -> Iterator[str]:
    """Yield where a marker and its shard's manifest disagree, or the marker says what none says."""
    stats, path = shard.stats, stats_path(shard.path.parent, shard.name)
    tv = np.quantile([row["tv"] for row in manifest], QUANTILES)
    keys = parse_json(read_bounded(path, MAX_STATS)).keys()
    agree = {
        "failed": stats.failed == 0,
        "renderer": stats.renderer == "; ".join(sorted({row["renderer"] for row in manifest})),
        "tv_quantiles": stats.tv_quantiles.keys() == {*map(str, QUANTILES)}
        and all(map(math.isclose, tv, (stats.tv_quantiles[str(q)] for q in QUANTILES))),
        "keys": keys == json.loads(marker_text(stats)).keys(),
    }
    for name, same in agree.items():
        if not same:
            yield f"{path} is damaged: its {name} are not those of its shard; {REPAIR}"


def _check_shard(shard: Shard, md5: object) -> Iterator[str]:
    """Yield what is wrong with a shard. What follows from a problem already named is not named again.

    Args:
        shard: what to check.
        md5: of its tar, as the index for wids has it, if it does.
    """
    try:
        shard.check_size()
        manifest = shard.manifest().to_pylist()
    except PatternGenError as error:
        yield str(error)
        return
    version = shard.stats.format_version
    if version > FIRST and any(row["seed"] >= EXACT for row in manifest):
        yield f"{shard.manifest_path}: seeds reach beyond 2^53, as none of format {version} does; {REPAIR}"
    yield from _check_marker(shard, manifest)
    try:
        if md5 is None:
            shard.check_bytes()
        elif shard.check_bytes("md5") != (md5,):
            index = shard.path.parent / WIDS_INDEX
            yield (
                f"{index} has another MD5 than {shard.path.name}; delete it and run "
                f"`patterngen publish {index.parent}` to write it anew"
            )
    except PatternGenError as error:
        yield str(error)
    try:
        yield from _check_members(shard, manifest)
    except PatternGenError as error:
        yield f"{error}; {REPAIR}"


def _check_members(shard: Shard, manifest: list[dict[str, Any]]) -> Iterator[str]:
    members = read_members(shard.path)
    for row in manifest:
        picture, label, description = (next(members, None) for _ in range(3))
        if picture is None or label is None or description is None:
            yield f"{shard.path} ends before picture {row['key']}; {REPAIR}"
            return
        expected: dict[str, tuple[object, object]] = {
            "picture": (picture.name.rpartition(".")[0], row["key"]),
            "byte range": ((picture.offset, len(picture.data)), (row["offset"], row["size"])),
            "class id": ((label.name, label.data), (f"{row['key']}.cls", str(row["class_id"]).encode())),
            "description": (
                (description.name, description.data),
                (f"{row['key']}.json", row_json(row).encode()),
            ),
            "shard": (shard.path.name, row["shard"]),
        }
        for name in shard.stats.arrays:
            array = next(members, None)
            expected[name] = (None if array is None else array.name, array_member(row["key"], name))
        for what, (found, listed) in expected.items():
            if found != listed:
                yield f"{shard.path}: {what} of picture {row['key']} is not what the manifest says; {REPAIR}"
    if next(members, None) is not None:
        yield f"{shard.path} holds more pictures than its manifest; {REPAIR}"


def _spread(manifest: pa.Table, count: int) -> list[dict[str, Any]]:
    """Choose rows at equal distances, first and last among them."""
    places = np.unique(np.linspace(0, len(manifest) - 1, min(count, len(manifest))).round().astype(np.int64))
    rows: list[dict[str, Any]] = manifest.take(places).to_pylist()
    return rows


class _NotComparableError(Exception):
    """This machine or version cannot be expected to draw the same pixels."""


def _draws_again(row: dict[str, Any], excluded: Sequence[str]) -> bool:
    """Draw a picture from its row, without some programs, and compare the pixels."""
    if row["family_version"] == PACKED:
        raise _NotComparableError("no family drew it")
    try:
        kind = family(row["family"])
        renderer = kind.renderer
        if kind.version != row["family_version"]:
            raise _NotComparableError(
                f"{row['family']} was version {row['family_version']}, is {kind.version}"
            )
        if kind.repeats == "per renderer" and renderer != row["renderer"]:
            raise _NotComparableError(f"drawn by {row['renderer']}, here is {renderer}")
        pictures = kind.without(excluded).draw([row["seed"]], (row["height"], row["width"]))
    except MissingDependencyError as error:
        raise _NotComparableError(str(error)) from None
    for program in pictures.failed:
        raise PatternGenError(program.reason)
    pixels = np.ascontiguousarray(pictures.pixels[0])
    return bool(hashlib.sha256(pixels.tobytes()).hexdigest() == row["sha256"])
