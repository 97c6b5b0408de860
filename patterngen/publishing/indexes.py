"""The files that tell other tools what a dataset folder is: dataset card, timm's splits, wids' index."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from patterngen.classes import read_classes
from patterngen.dataset import DatasetFolder
from patterngen.publishing.card import dataset_card
from patterngen.storage.files import write_atomic

INDEXES = ("README.md", "_info.json", "shards.json")
"""What `publish` writes, in this order: a folder with the last one is complete."""


def publish(dataset: DatasetFolder) -> None:
    """Write ``README.md``, ``_info.json`` and ``shards.json`` of a finished dataset, that one last.

    Raises:
        PatternGenError: a manifest is missing or damaged.
    """
    texts = dataset_card(dataset), index_json(timm_info(dataset)), index_json(wids_index(dataset))
    for name, text in zip(INDEXES, texts, strict=True):
        write_atomic(dataset.path / name, text.encode())


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


def wids_index(dataset: DatasetFolder) -> Mapping[str, object]:
    """List the shards as wids expects them, for random access."""
    return {
        "__kind__": "wids-shard-index-v1",
        "wids_version": 1,
        "name": dataset.path.resolve().name,
        "shardlist": [
            {
                "url": shard.path.name,
                "nsamples": shard.count,
                "filesize": shard.stats.bytes,
                "md5sum": shard.stats.md5,
            }
            for shard in dataset.shards
        ],
    }


def index_json(value: Mapping[str, object]) -> str:
    """Write an index as it lies in the folder."""
    return json.dumps(value, indent=1) + "\n"
