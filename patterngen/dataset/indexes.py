"""The files that tell other tools what a dataset folder is: card, Croissant, timm's splits, wids' index."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from patterngen.common.croissant import CROISSANT
from patterngen.dataset.card import dataset_card
from patterngen.dataset.classes import read_classes
from patterngen.dataset.croissant import dataset_croissant
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.wids import WIDS_INDEX, known_md5sums, wids_index
from patterngen.storage.files import write_atomic

INDEXES = ("README.md", CROISSANT, "_info.json", WIDS_INDEX)
"""What `publish` writes, in this order: a folder with the last one is complete."""

_SETTLES = 5
"""How often they are written again because others draw into the folder, who write them in the end, too."""


def write_indexes(dataset: DatasetFolder, md5sums: Mapping[str, str] | None = None) -> None:
    """Write `INDEXES` of a finished dataset: card, Croissant, timm's splits and, last, wids' index.

    They are of the shards that lie there at the end: what another run has drawn meanwhile is looked at too.

    Args:
        dataset: the folder.
        md5sums: of its tars, by their names. Unless given, no tar is read, and those that the folder has
            already are kept.

    Raises:
        PatternGenError: a manifest is missing or damaged.
    """
    md5sums = known_md5sums(dataset) if md5sums is None else md5sums
    for _ in range(_SETTLES):
        indexes = timm_info(dataset), wids_index(dataset, md5sums)
        texts = dataset_card(dataset), dataset_croissant(dataset), *map(index_json, indexes)
        for name, text in zip(INDEXES, texts, strict=True):
            write_atomic(dataset.path / name, text.encode())
        if dataset.is_current:
            return
        dataset = DatasetFolder.open(str(dataset.path))
        md5sums = known_md5sums(dataset)


def timm_info(dataset: DatasetFolder) -> Mapping[str, object]:
    """Describe the splits as timm's webdataset reader expects them (``--dataset wds/…``), and the classes."""
    classes = read_classes(dataset.path)
    return {
        "splits": {
            "train": {
                "name": "train",
                "num_samples": dataset.count,
                "filenames": [shard.path.name for shard in dataset.shards],
                "shard_lengths": [shard.count for shard in dataset.shards],
            }
        },
        "num_classes": sum(one.num_classes for one in classes),
        "classes": [asdict(one) for one in classes],
    }


def index_json(value: Mapping[str, object]) -> str:
    """Write an index as it lies in the folder."""
    return json.dumps(value, indent=1) + "\n"
