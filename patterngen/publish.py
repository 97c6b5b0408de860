"""The files that tell other tools what a dataset folder is: dataset card, timm's splits, wids' index."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import yaml
from numpy.typing import NDArray

from patterngen._version import __version__
from patterngen.classes import read_classes
from patterngen.dataset import DatasetFolder
from patterngen.files import write_atomic
from patterngen.kept import kept_programs
from patterngen.metrics import TV_DEFINITION
from patterngen.shard import QUANTILES, SHARD_GLOB

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGER = ((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))


def publish(dataset: DatasetFolder) -> None:
    """Write ``README.md``, ``_info.json`` and ``shards.json`` of a finished dataset."""
    for name, text in {
        "README.md": dataset_card(dataset),
        "_info.json": _to_json(timm_info(dataset)),
        "shards.json": _to_json(wids_index(dataset)),
    }.items():
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


def dataset_card(dataset: DatasetFolder) -> str:
    """Write the dataset card: Hugging Face's YAML header, then what a reader wants to know."""
    manifest = dataset.manifest(["family", "tv", "width"])
    families = Counter(manifest["family"].to_pylist())
    size = manifest["width"][0].as_py()
    header = {
        "license": "cc0-1.0",
        "pretty_name": f"Synthetic patterns: {', '.join(sorted(families))}",
        "tags": ["synthetic", "webdataset", "procedural-generation", "total-variation", "pre-training"],
        "task_categories": ["image-classification", "image-feature-extraction"],
        "size_categories": [size_category(dataset.count)],
        "configs": [
            {"config_name": "default", "data_files": [{"split": "train", "path": SHARD_GLOB}]},
        ],
        "tv_definition": TV_DEFINITION,
        "job_hash": dataset.job_hash,
    }
    class_ids = {one.family: str(one) for one in read_classes(dataset.path)}
    rows = "\n".join(
        f"| `{name}` | {number} | {class_ids.get(name, '')} |" for name, number in sorted(families.items())
    )
    return f"""---
{yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=110)}---

# Synthetic patterns

{dataset.count} pictures of {size} × {size} pixels in {len(dataset.shards)} WebDataset shards, drawn by
patterngen {__version__}. No photograph, no person and nobody else's work is in them; they are given to the
public domain (CC0 1.0).

| family | pictures | class ids |
|---|---|---|
{rows}

Each picture is three files in a tar: `KEY.jpg` (or `.png`, `.webp`), `KEY.cls` (class id) and `KEY.json`
(family, seed, Total Variation, SHA-256 of the pixels, parameters). `train-*.parquet` holds the same, one row
per picture, with the byte range of the picture in its tar.

```python
import datasets

pictures = datasets.load_dataset("webdataset", data_files="{SHARD_GLOB}", split="train", streaming=True)
```

A row's `family`, `seed` and `width` draw its picture again:
`patterngen show FAMILY --seed SEED --size WIDTH`.{_programs_note(dataset)}

## Total Variation

{TV_DEFINITION}

{_tv_table(manifest["tv"].to_numpy())}
"""


def _programs_note(dataset: DatasetFolder) -> str:
    kept = len(kept_programs(dataset.path))
    if not kept:
        return ""
    return f"\n`programs/` holds {kept} programs that a grammar wrote: a row's `params` name its `program`."


def size_category(count: int) -> str:
    """Name a number of samples as Hugging Face's hub does."""
    return next((name for bound, name in _SIZES + _LARGER if count < bound), "n>1B")


def _tv_table(tv: NDArray[np.float64]) -> str:
    values = np.quantile(tv, QUANTILES)
    head = " | ".join(f"{100 * q:g} %" for q in QUANTILES)
    return (
        f"| quantile | {head} |\n|{'---|' * (len(QUANTILES) + 1)}\n| tv | "
        + " | ".join(f"{value:.4f}" for value in values)
        + " |"
    )


def _to_json(value: Mapping[str, object]) -> str:
    return json.dumps(value, indent=1) + "\n"
