"""Sources as the user names them: dataset folders with weights, families to draw, or a job file."""

import math
from pathlib import Path

from patterngen import DatasetFolder, DatasetSpec, select
from trainer.data.contract import Source
from trainer.data.live import Live
from trainer.data.mixture import Mixture
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

    Raises:
        TrainerError: neither folders nor families or both, a weight that is none, or settings that do not go
            together.
        PatternGenError: no such dataset or family, or nothing that is kept.
    """
    if bool(data) == bool(draw):
        raise TrainerError(
            "give --data DATASET to learn from, or --draw FAMILY to draw as one goes: one of them"
        )
    if draw:
        if (tv_min, tv_max, keep) != (None, None, None):
            raise TrainerError(
                "--tv-min, --tv-max and --keep choose among stored pictures: give --data, not --draw"
            )
        asked = [_spec(draw, shape, seed) for shape in (size, (max(size), max(size)))]
        if rolls:
            check_drawn(asked[0], size)
        choices = [
            Live(spec=version, rolls=rolls, views=views) for spec in asked for version in spec.versions
        ]
        return next((live for live in choices if live.identity == begun), choices[0])
    if keep is not None and len(data) > 1:
        raise TrainerError(f"--keep {keep} belongs to one dataset, but --data names {len(data)}: give one")
    folders = [_weighted(text) for text in data]
    sources: list[Source] = []
    for folder, _ in folders:
        shards = select(folder, tv_min=tv_min, tv_max=tv_max, keep=keep, check_sizes=not skip_bad)
        dataset = DatasetFolder.open(folder, check_sizes=False)
        if rolls:
            check_stored(dataset, size)
        sources.append(
            Shards(
                shards=shards,
                seed=seed,
                job_hash=dataset.job_hash,
                num_classes=dataset.num_classes,
                rolls=rolls,
            )
        )
    if len(sources) == 1:
        return sources[0]
    return Mixture(sources=tuple(sources), weights=tuple(weight for _, weight in folders), seed=seed)


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
