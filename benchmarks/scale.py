"""What a thousand million pictures cost, from what was measured: the tables of ``docs/scale.md``.

``python benchmarks/scale.py`` prints the tables. ``--measure`` draws some pictures of every family and writes
their bytes to ``measured.json``; ``--filter RESULTS.json`` adds what ``bench_filter.py`` measured
(``pytest benchmarks/bench_filter.py --benchmark-json RESULTS.json``). Rates are those of ``docs/speed.md``.
"""

import argparse
import json
import re
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from patterngen.dataset.folder import DatasetFolder, Shard
from patterngen.dataset.indexes import index_json, timm_info
from patterngen.dataset.marker import MARKER, shard_name
from patterngen.dataset.shard import row_json
from patterngen.dataset.tar import member
from patterngen.dataset.wids import wids_index
from patterngen.encode import encode
from patterngen.errors import PatternGenError
from patterngen.families import known_families
from patterngen.jobs.draw import draw_pictures
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec

ROOT = Path(__file__).parent.parent
MEASURED = ROOT / "benchmarks" / "measured.json"
COUNTS = (10**9, 10**10)
SAMPLES_PER_SHARD = 10_000
KEYS_PER_LIST = 1000
"""Objects that S3 names in one answer to a listing, at most: Amazon S3 API Reference, ListObjectsV2."""
GBIT = 1e9 / 8
SIZE = 256
MOST, SECONDS = 64, 3.0
"""Pictures of a family that are drawn for their bytes, and how long that may take."""


def measure() -> dict[str, object]:
    """Draw pictures of every family as `render` would store them by default, and weigh them."""
    tar_bytes = {}
    for name in known_families():
        try:
            tar_bytes[name] = _tar_bytes(DatasetSpec(family=(name,), count=MOST, size=SIZE))
        except PatternGenError as error:  # it needs a file, or a library that is not there
            print(f"{name}: left out ({error})")
    with tempfile.TemporaryDirectory() as folder:
        kinds = ("dead-leaves-mixed", "perlin", "fractal-color", "worley", "visual-atom")
        render(DatasetSpec(family=kinds, count=SAMPLES_PER_SHARD, size=16), RunOptions(out=folder))
        (shard,) = DatasetFolder.open(folder).shards
        manifest_bytes = shard.manifest_path.stat().st_size / shard.count
        marker_bytes = (Path(folder) / f"{shard.name}{MARKER}").stat().st_size
        indexes = {"_info.json": timm_info, "shards.json": _published}
        per_shard = {name: _bytes_per_shard(shard, describe) for name, describe in indexes.items()}
    return {
        "tar_bytes": tar_bytes,
        "manifest_bytes": manifest_bytes,
        "marker_bytes": marker_bytes,
        "index_bytes_per_shard": per_shard,
    }


def _tar_bytes(spec: DatasetSpec) -> float:
    """Return the mean bytes of a picture with all its members, drawing one after another while time lasts."""
    sizes, start = [], time.perf_counter()
    for index in range(spec.count):
        ((pixels, row),) = draw_pictures(spec, range(index, index + 1)).pictures
        parts = (encode(pixels, spec.encoding), b"0", row_json(vars(row)).encode())
        sizes.append(sum(len(part) for data in parts for part in member("name", data)))
        if time.perf_counter() - start > SECONDS:
            break
    return statistics.mean(sizes)


def _published(dataset: DatasetFolder) -> Mapping[str, object]:
    return wids_index(dataset, {shard.path.name: "0" * 32 for shard in dataset.shards})


def _bytes_per_shard(shard: Shard, describe) -> float:
    """Return what one more shard adds to an index, from two lists of full shards with long numbers."""

    def size(count: int) -> int:
        stats = replace(shard.stats, bytes=300_000_000)
        shards = [
            replace(shard, path=Path(f"{shard_name(10**5 + i)}.tar"), stats=stats) for i in range(count)
        ]
        return len(index_json(describe(SimpleNamespace(path=shard.path.parent, shards=shards, count=count))))

    return (size(200) - size(100)) / 100


def rates() -> dict[str, float]:
    """Return images per second of one core, into shards, from the first table of ``docs/speed.md``."""
    rows = re.findall(
        r"^\| `([\w-]+)` \|[^|]*\|[^|]*\| *([\d.]+) *\|", (ROOT / "docs/speed.md").read_text(), re.M
    )
    return {name: float(rate) for name, rate in reversed(rows)}  # later tables have other columns


def tables(measured: dict) -> dict[str, str]:
    """Return the three tables in Markdown, by what they are about."""
    return {"families": _families(measured), "folders": _folders(measured), "filters": _filters(measured)}


def _families(measured: dict) -> str:
    columns = ["family", "images/s, a core", "core-hours, 10⁹", "core-hours, 10¹⁰"]
    columns += ["bytes a picture", "TB, 10⁹", "TB, 10¹⁰", "hours at 10 Gbit/s, 10⁹"]
    lines = _head(columns)
    speed, weight = rates(), measured["tar_bytes"]
    for name in sorted(speed.keys() & weight.keys()):
        seconds, size = 1e9 / speed[name], weight[name] + measured["manifest_bytes"]
        cells = (
            f"{speed[name]:g}",
            _round(seconds / 3600),
            _round(seconds / 360),
            _round(size),
            _round(size / 1e3),
            _round(size / 1e2),
            _round(size * 1e9 / (10 * GBIT) / 3600),
        )
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _folders(measured: dict) -> str:
    lines = _head(["", "10⁹ pictures", "10¹⁰ pictures"])
    index = measured["index_bytes_per_shard"]
    size = statistics.median(measured["tar_bytes"].values())
    shards = [count // SAMPLES_PER_SHARD for count in COUNTS]
    rows = {
        f"shards of {SAMPLES_PER_SHARD} pictures": [f"{n:,}" for n in shards],
        "MB in a tar, median family": [_round(SAMPLES_PER_SHARD * size / 1e6)] * 2,
        "files: tar, manifest, marker": [f"{3 * n:,}" for n in shards],
        "LIST requests for one listing": [f"{-(-3 * n // KEYS_PER_LIST):,}" for n in shards],
        "GB of manifests": [_round(n * measured["manifest_bytes"] / 1e9) for n in COUNTS],
        "MB of markers": [_round(n * measured["marker_bytes"] / 1e6) for n in shards],
        "MB of `_info.json`": [_round(n * index["_info.json"] / 1e6) for n in shards],
        "MB of `shards.json`": [_round(n * index["shards.json"] / 1e6) for n in shards],
    }
    lines += [f"| {what} | {' | '.join(cells)} |" for what, cells in rows.items()]
    return "\n".join(lines)


def _filters(measured: dict) -> str:
    columns = [
        "`filter` by",
        "s, 10⁷",
        "MB, 10⁷",
        "core-minutes, 10⁹",
        "GB, 10⁹",
        "core-hours, 10¹⁰",
        "GB, 10¹⁰",
    ]
    lines = _head([*columns, "keep-list, bytes a key"])
    for rule, found in measured["filter"].items():
        seconds, held = (
            found["seconds"] / found["total"],
            1e6 * (found["mb"] - found["before"]) / found["total"],
        )
        cells = (
            _round(found["seconds"]),
            _round(found["mb"]),
            _round(seconds * 1e9 / 60),
            _round(held),
            _round(seconds * 1e10 / 3600),
            _round(10 * held),
            _round(found["list_bytes"] / found["kept"]),
        )
        lines.append(f"| {rule} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _head(columns: list[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|---|" + "--:|" * (len(columns) - 1)]


def _round(number: float) -> str:
    """Write two significant digits, or all digits before the point."""
    digits = f"{number:.2g}"
    return f"{float(digits):,.0f}" if "e" in digits or number >= 10 else digits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="draw and weigh pictures of every family")
    parser.add_argument("--filter", type=Path, help="results of bench_filter.py, as pytest-benchmark's JSON")
    given = parser.parse_args()
    measured = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    if given.measure:
        measured |= measure()
    if given.filter:
        runs = json.loads(given.filter.read_text())["benchmarks"]
        measured["filter"] = {run["params"]["rule"]: run["extra_info"] for run in runs}
    if given.measure or given.filter:
        MEASURED.write_text(json.dumps(measured, indent=1) + "\n")
    print("\n\n".join(tables(measured).values()))


if __name__ == "__main__":
    main()
