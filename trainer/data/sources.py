"""Sources as the user names them: dataset folders with weights, families to draw, or a job file."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from patterngen import DatasetFolder, DatasetSpec, select
from patterngen.terminal import print_notice
from trainer.data.by_offset import ShardsByOffset, by_offset
from trainer.data.contract import Order, Source
from trainer.data.live import Live
from trainer.data.mixture import Mixture
from trainer.data.pixel_cache import make_room
from trainer.data.rolls import check_drawn, check_stored
from trainer.data.shards import Shards
from trainer.errors import TrainerError


def open_sources(
    data: tuple[str, ...],
    draw: tuple[str, ...] = (),
    *,
    size: tuple[int, int],
    seed: int,
    tv_min: float | None = None,
    tv_max: float | None = None,
    keep: str | None = None,
    skip_bad: bool = False,
    begun: str = "",
    rolls: bool = False,
    views: bool = False,
    order: Order = "shards",
    channels: int = 3,
    pixel_cache: str | None = None,
    pixel_cache_gb: float = math.inf,
) -> Source:
    """Open what a run learns from.

    Args:
        data: dataset folders, each a path or URL, perhaps with ``=WEIGHT``.
        draw: instead of folders: families as `patterngen render` takes them, or one job's YAML file.
        size: height and width of the pictures that are drawn of families.
        seed: of the order, and of what is drawn of families.
        tv_min: leave out pictures of lower Total Variation.
        tv_max: leave out pictures of higher Total Variation.
        keep: a keep-list; it belongs to one folder.
        skip_bad: open folders of which shards are missing or truncated.
        begun: identity of the source that a run was begun with. It tells how families are drawn that were
            drawn otherwise once: in an older version of the dataset format, whose seeds differ, or as squares
            that the inputs were cropped from.
        rolls: whether piano rolls are wanted beside the pictures.
        views: whether two views of each scene are, instead of its picture.
        order: how pictures of folders are shuffled; see `Order`.
        channels: of the inputs, of which decoded pictures are kept.
        pixel_cache: folder where they are, or None.
        pixel_cache_gb: the most that it may hold, in 10⁹ bytes.

    Raises:
        TrainerError: neither folders nor families or both, a weight that is none, or settings that do not go
            together.
        PatternGenError: no such dataset or family, or nothing that is kept.
    """
    if bool(data) == bool(draw):
        raise TrainerError(
            "give --data DATASET to learn from, or --draw FAMILY to draw as one goes: one of them"
        )
    if pixel_cache is not None and (draw or order != "global"):
        raise TrainerError(
            f"--pixel-cache {pixel_cache} keeps stored pictures that are read one by one: give --order global"
        )
    if draw:
        if order != "shards":
            raise TrainerError("--order is that of stored pictures: give --data, not --draw")
        if (tv_min, tv_max, keep) != (None, None, None):
            raise TrainerError(
                "--tv-min, --tv-max and --keep choose among stored pictures: give --data, not --draw"
            )
        return _open_live(draw, size, seed, begun=begun, rolls=rolls, views=views)
    if keep is not None and len(data) > 1:
        raise TrainerError(f"--keep {keep} belongs to one dataset, but --data names {len(data)}: give one")
    folders = [_weighted(text) for text in data]
    sources: list[Shards] = []
    for folder, _ in folders:
        shards = select(folder, tv_min=tv_min, tv_max=tv_max, keep=keep, check_sizes=not skip_bad)
        dataset = DatasetFolder.open(folder, check_sizes=False)
        if rolls:
            check_stored(dataset, size)
        source = Shards(
            shards=shards,
            seed=seed,
            job_hash=dataset.job_hash,
            num_classes=dataset.num_classes,
            rolls=rolls,
        )
        sources.append(source if order == "shards" else by_offset(source, folder, channels))
    if pixel_cache is not None:
        sources = _cached(sources, Path(pixel_cache), round(pixel_cache_gb * 1e9))
    if len(sources) == 1:
        return sources[0]
    return Mixture(sources=tuple(sources), weights=tuple(weight for _, weight in folders), seed=seed)


def _open_live(
    draw: tuple[str, ...], size: tuple[int, int], seed: int, *, begun: str, rolls: bool, views: bool
) -> Live:
    asked = [_spec(draw, shape, seed) for shape in (size, (max(size), max(size)))]
    if rolls:
        check_drawn(asked[0], size)
    choices = [Live(spec=version, rolls=rolls, views=views) for spec in asked for version in spec.versions]
    return next((live for live in choices if live.identity == begun), choices[0])


def _cached(sources: Sequence[Shards], folder: Path, limit: int) -> list[Shards]:
    """Give sources a folder of decoded pictures, and room in it."""
    by_offset = [source for source in sources if isinstance(source, ShardsByOffset)]
    wanted = {name: size for source in by_offset for name, size in source.wanted().items()}
    try:
        there = make_room(folder, wanted, limit)
    except OSError as error:
        raise TrainerError(
            f"--pixel-cache {folder}: {error.strerror}: name a folder that can be written to"
        ) from None
    kept, needed = sum(wanted[name] for name in there), sum(wanted.values())
    if kept < needed:
        print_notice(
            f"pixel cache: {kept / 1e9:.1f} of the {needed / 1e9:.1f} GB of decoded pictures fit into "
            f"--pixel-cache-gb {limit / 1e9:g}; the rest is decoded in every pass"
        )
    return [replace(source, cache=folder, cached=there) for source in by_offset]


def _spec(draw: tuple[str, ...], size: tuple[int, int], seed: int) -> DatasetSpec:
    """Return what is to be drawn of families, or by a job file."""
    if len(draw) == 1 and draw[0].endswith((".yaml", ".yml")):
        return DatasetSpec.read(draw[0])
    spec = DatasetSpec(family=draw, count=1, size="x".join(map(str, size)), seed=seed)
    _ = spec.job_hash  # asks for every family, and so refuses unknown ones now
    return spec


def _weighted(text: str) -> tuple[str, float]:
    """Split ``FOLDER=WEIGHT``; a folder that has such a name is a folder."""
    folder, equals, number = text.rpartition("=")
    if not equals or Path(text).exists():
        return text, 1.0
    try:
        weight = float(number)
    except ValueError:
        return text, 1.0
    if not (weight > 0 and math.isfinite(weight)):
        raise TrainerError(f"--data {text}: the weight {number} must be more than 0")
    return folder, weight
