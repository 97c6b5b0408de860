"""The dataset card: Hugging Face's YAML header, then what a reader wants to know."""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from patterngen._version import __version__
from patterngen.common.yaml_text import dump_yaml
from patterngen.dataset.classes import read_classes
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.format_version import FIRST
from patterngen.dataset.marker import SHARD_GLOB
from patterngen.dataset.programs import dataset_programs
from patterngen.dataset.scan import overview
from patterngen.dataset.selection import within
from patterngen.dataset.shard import PACKED, QUANTILES
from patterngen.metrics import TV_DEFINITION
from patterngen.sizes import CUT_FROM

_SIZES = (
    *("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M"),
    *("100M<n<1B", "1B<n<10B", "10B<n<100B", "100B<n<1T", "n>1T"),
)


@dataclass(frozen=True)
class _About:
    """What a card says of where the pictures come from."""

    title: str
    licence: str
    tags: tuple[str, ...]
    origin: str
    again: str


_DRAWN = _About(
    title="Synthetic patterns",
    licence="cc0-1.0",
    tags=("synthetic", "procedural-generation"),
    origin=f"""drawn by
patterngen {__version__}. No photograph, no person and nobody else's work is in them; they are given to the
public domain (CC0 1.0).""",
    again="""A row's `family`, `seed`, `height` and `width` draw its picture again:
`patterngen show FAMILY --seed SEED --size HEIGHTxWIDTH`.""",
)
_ELSEWHERE = _About(
    title="Packed pictures",
    licence="other",
    tags=(),
    origin=f"""packed by
patterngen {__version__}. It did not draw them: they come from recordings or pictures of others, whose licence
holds for them too.""",
    again="No seed draws these pictures again: a row's `params` say what each comes from.",
)


def dataset_card(dataset: DatasetFolder) -> str:
    """Write the dataset card of a folder.

    Raises:
        PatternGenError: a manifest is missing or damaged.
    """
    found = overview(dataset, lambda table: within(table["tv"].to_numpy(), None, None))
    counts = np.bincount(found.family, minlength=len(found.families)).tolist()
    families = dict(zip(found.families, counts, strict=True))
    first = dataset.shards[0].manifest(["width", "height", "family_version"]).slice(0, 1).to_pylist()[0]
    size = f"{first['height']} × {first['width']}"
    about = _ELSEWHERE if first["family_version"] == PACKED else _DRAWN
    header = {
        "license": about.licence,
        "pretty_name": f"{about.title}: {', '.join(sorted(map(_plain, families)))}",
        "tags": [*about.tags, "webdataset", "total-variation", "pre-training"],
        "task_categories": ["image-classification", "image-feature-extraction"],
        "size_categories": [size_category(dataset.count)],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": SHARD_GLOB}]}],
        "tv_definition": TV_DEFINITION,
        "job_hash": dataset.job_hash,
    }
    class_ids = {one.family: str(one) for one in read_classes(dataset.path)}
    rows = "\n".join(
        f"| `{_plain(name)}` | {number} | {class_ids.get(name, '')} |"
        for name, number in sorted(families.items())
    )
    return f"""---
{dump_yaml(header, width=110)}---

# {about.title}

{dataset.count} pictures of {size} pixels in {len(dataset.shards)} WebDataset shards, {about.origin}

| family | pictures | class ids |
|---|---|---|
{rows}

Each picture is three files in a tar: `KEY.jpg` (or `.png`, `.webp`), `KEY.cls` (class id) and `KEY.json`
(family, seed, Total Variation, SHA-256 of the pixels, parameters). `train-*.parquet` holds the same, one row
per picture, with the byte range of the picture in its tar. `croissant.json` describes all this to search
engines and loaders.{_arrays_note(dataset)} In this folder:

```python
import datasets

pictures = datasets.load_dataset("webdataset", data_files="{SHARD_GLOB}", split="train", streaming=True)
first = next(iter(pictures))
```

```python
import patterngen  # pip install patterngen

first = patterngen.open_dataset(".")[0]
print(first.row["family"], first.row["tv"], first.pixels.shape)
```

{about.again}{_cut_note(dataset)}{_seeds_note(dataset)}{_programs_note(dataset)}

## Total Variation

{TV_DEFINITION}

{_tv_table(found.tv)}
"""


def _arrays_note(dataset: DatasetFolder) -> str:
    said = {
        "label_map": "which shape is seen at each pixel, uint16 [H, W]",
        "piano_roll": "which of the semitones from C1 up sound at each column, 0 … 1, float16 [96, W]",
    }
    beside = "; ".join(f"`KEY.{name}.npy`, {said[name]}" for name in dataset.arrays)
    return f"\nBeside each picture stands what its family knows of it: {beside}." if beside else ""


def _seeds_note(dataset: DatasetFolder) -> str:
    if dataset.format_version > FIRST:
        return ""
    return """
Seeds have up to 63 bits here. jq and JavaScript round numbers from 2^53 on, and a rounded seed draws another
picture: take seeds from `train-*.parquet`, or with a JSON reader that keeps integers, such as Python's."""


def _cut_note(dataset: DatasetFolder) -> str:
    table = dataset.shards[0].manifest(["family", "params"])
    cut = pc.match_substring(table["params"], f'"{CUT_FROM}"')
    names = ", ".join(f"`{_plain(name)}`" for name in sorted(set(table.filter(cut)["family"].to_pylist())))
    return f"\nPictures of {names} were drawn as squares and cut: these are their middles." if names else ""


def _programs_note(dataset: DatasetFolder) -> str:
    kept = len(dataset_programs(dataset.path))
    if not kept:
        return ""
    return f"\n`programs/` holds {kept} programs that a grammar wrote: a row's `params` name its `program`."


def size_category(count: int) -> str:
    """Name a number of samples as Hugging Face's hub does."""
    # Names change at 1000, 10 000 and so on: at numbers of more than three digits.
    return _SIZES[max(0, min(len(str(count)) - 3, len(_SIZES) - 1))]


def _plain(name: str) -> str:
    """Take from a family's name, which a stranger may have written, what could end its line or cell."""
    return " ".join(name.translate(str.maketrans("|`", "¦'")).split())[:200]


def _tv_table(tv: NDArray[np.float64]) -> str:
    values = np.quantile(tv, QUANTILES)
    head = " | ".join(f"{100 * q:g} %" for q in QUANTILES)
    return (
        f"| quantile | {head} |\n|{'---|' * (len(QUANTILES) + 1)}\n| tv | "
        + " | ".join(f"{value:.4f}" for value in values)
        + " |"
    )
