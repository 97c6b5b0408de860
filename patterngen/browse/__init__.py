"""A dataset on one page: a few hundred of its pictures to look at, sort and choose among, in any browser."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import tyro
from numpy.typing import NDArray

from patterngen.browse.choice import spread
from patterngen.browse.contents import facet, is_plain, page_entry, page_text
from patterngen.browse.page import page
from patterngen.dataset.folder import QUARANTINE_FILE, DatasetFolder
from patterngen.dataset.format_version import JOB_FILE
from patterngen.dataset.marker import REPAIR
from patterngen.dataset.reader import Picture, open_dataset
from patterngen.dataset.scan import overview
from patterngen.dataset.selection import ShardSelection, select, within
from patterngen.dataset.tv_bins import tv_edges, tv_histogram
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.limits import MAX_PAGE, MAX_SEED, check_range
from patterngen.metrics import TV_DEFINITION
from patterngen.storage.files import output_file, write_atomic
from patterngen.storage.places import Place, read_bounded

BINS = 48
_LARGEST_TV = 2.0  # a checkerboard of single pixels
_MAX_JOB_FILE = 1 << 16

Selection = Sequence[ShardSelection]
"""Shards of a keep-list, and what it keeps of each."""


@dataclass(frozen=True, kw_only=True)
class BrowseConfig:
    """Which dataset to lay out on a page."""

    dir: tyro.conf.Positional[str]
    """The dataset folder."""
    out: str
    """The page, an HTML file. It holds all it shows, and opens in a browser without a network."""
    sample: int = 300
    """How many pictures, at most: of each family equally many, from its smoothest to its roughest. The page
    holds copies of 192 pixels at most; 300 of them take some 3 MB."""
    seed: int = 0
    """Decides which pictures, between those."""
    keep: str | None = None
    """Show what this keep-list of `patterngen filter` keeps, and what it leaves out."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        check_range("sample", self.sample, 1, MAX_PAGE)
        check_range("seed", self.seed, 0, MAX_SEED)
        output_file(self.out, ".html", ".htm")


@dataclass(frozen=True)
class BrowseReport:
    """The page that was written."""

    path: Place
    shown: int
    total: int
    bytes: int
    """Size of the page in bytes."""

    def to_json(self) -> dict[str, object]:
        """Return the figures by name."""
        return {"path": str(self.path), "shown": self.shown, "total": self.total, "bytes": self.bytes}

    def __str__(self) -> str:
        return f"{visible(str(self.path))}: {self.shown} of {self.total} pictures, {self.bytes / 1e6:.1f} MB"


def browse(config: BrowseConfig) -> BrowseReport:
    """Write a page of a dataset's pictures. Equal datasets and settings give equal bytes.

    Raises:
        PatternGenError: no dataset, a damaged one, a keep-list that is not its own, or a file that cannot be
            written there.
    """
    dataset = open_dataset(config.dir)
    everything = overview(dataset.folder, lambda table: np.ones(table.num_rows, np.bool_))
    tv = everything.tv
    if not within(tv, 0.0, _LARGEST_TV).all():
        raise PatternGenError(f"{config.dir}: its manifest has tv outside 0 … {_LARGEST_TV:g}; {REPAIR}")
    chosen = spread(everything.family, tv, config.sample, np.random.default_rng(config.seed))
    quarantine = dataset.folder.path / QUARANTINE_FILE
    left_out = str(quarantine) if quarantine.exists() else None
    rows: list[dict[str, Any]] = []
    described = []
    for place in chosen.tolist():
        picture: Picture = dataset[place]
        rows.append({name: picture.row[name] for name in ("key", "family", "class_id", "shard")})
        described.append(page_entry(picture, left_out))
    keep = None if config.keep is None else select(config.dir, keep=config.keep)
    header = _header(config, dataset.folder, tv, keep)
    contents = header | {"facets": _facets(rows, described, keep), "pictures": described}
    text = page(contents).encode()
    path = output_file(config.out, ".html", ".htm")
    write_atomic(path, text)
    return BrowseReport(path, len(chosen), len(tv), len(text))


def _facets(
    rows: Sequence[dict[str, Any]], described: Sequence[dict[str, Any]], keep: Selection | None
) -> list[dict[str, Any]]:
    """Number families, classes and, with a keep-list, what it keeps; each picture gets its numbers."""
    columns = [
        facet("family", "Family", [row["family"] for row in rows]),
        facet("class_id", "Class", [row["class_id"] for row in rows], [row["family"] for row in rows]),
    ]
    if keep is not None:
        kept = {PurePosixPath(shard.path).name: shard for shard in keep}
        columns.append(facet("kept", "Keep-list", [_kept(row, kept.get(row["shard"])) for row in rows]))
    for i, one in enumerate(described):
        one["facets"] = [numbers[i] for _, numbers in columns]
    return [shown for shown, _ in columns]


def _kept(row: Mapping[str, Any], shard: ShardSelection | None) -> str:
    # Of a shard that is kept whole no keys are listed.
    return "kept" if shard and (shard.keys is None or row["key"] in shard.keys) else "left out"


def _header(
    config: BrowseConfig, folder: DatasetFolder, tv: NDArray[np.float64], keep: Selection | None
) -> dict[str, Any]:
    """Say what the dataset is, and how Total Variation is spread in all of it."""
    edges = tv_edges(tv, BINS)
    stats = [shard.stats for shard in folder.shards]
    facts = {
        "pictures": f"{folder.count}",
        "size": f"{folder.bytes / 1e6:.1f} MB in {len(folder.shards)} shards",
        "tv": f"{tv.min():.4f} … {tv.max():.4f}, median {np.median(tv):.4f}",
        "drawn by": f"patterngen {', '.join(sorted({one.patterngen_version for one in stats}))}",
        "with": "; ".join(sorted({one.renderer for one in stats})),
        "job": folder.job_hash[:16],
    }
    if keep is not None:
        facts["keep-list"] = f"{config.keep}: {sum(shard.count for shard in keep)} kept"
    url = config.dir
    return {
        "name": page_text(folder.path.resolve().name),
        "folder": shlex.quote(url) if is_plain(url) and not url.startswith("-") else None,
        "count": folder.count,
        "facts": [[name, page_text(text)] for name, text in facts.items()],
        "job": _job_text(folder.path),
        "tv_definition": TV_DEFINITION,
        "edges": edges.tolist(),
        "counts": tv_histogram(tv, edges).tolist(),
    }


def _job_text(folder: Place) -> str | None:
    """Return the dataset's job file as it stands, without what would turn its text around."""
    path = folder / JOB_FILE
    if not path.is_file():
        return None
    text = read_bounded(path, _MAX_JOB_FILE).decode("utf-8", "replace")
    return "\n".join(map(page_text, text.splitlines()))
