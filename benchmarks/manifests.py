"""Dataset folders without pictures, to measure what reads manifests alone: their tars take no room."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from patterngen.dataset.format_version import EXACT, NEWEST
from patterngen.dataset.marker import ShardStats, shard_name, stats_path
from patterngen.dataset.shard import MANIFEST, QUANTILES

FAMILIES = ("dead-leaves-mixed", "fbm?octaves=8", "fractal-color", "perlin", "shaders", "stat-spectrum")
"""Drawn with equal shares; their Total Variations are spread as gamma laws of six means."""

_PICTURE_BYTES = 18_000


def write_manifests(folder: Path, shards: int, rows: int, seed: int = 0) -> None:
    """Write so many shards: manifests and markers as `render` writes them, tars of zeros that take no room.

    Args:
        folder: where; it exists.
        shards: how many.
        rows: pictures in each.
        seed: of what the manifests say.
    """
    rng = np.random.default_rng(seed)
    # What no rule looks at may repeat from shard to shard: it is only there to be passed over.
    hashes = [rng.bytes(32).hex() for _ in range(rows)]
    params = [
        json.dumps({"leaves": int(n), "exponent": float(x)})
        for n, x in zip(rng.integers(1, 999, rows), rng.random(rows), strict=True)
    ]
    constant = {
        "family_version": np.ones(rows, np.int64),
        "width": np.full(rows, 256),
        "height": np.full(rows, 256),
        "sha256": hashes,
        "params": params,
        "renderer": ["numba"] * rows,
        "offset": 512 + np.arange(rows) * (_PICTURE_BYTES + 2560),
        "size": np.full(rows, _PICTURE_BYTES),
    }
    constant = {name: pa.array(values, MANIFEST.field(name).type) for name, values in constant.items()}
    for number in range(shards):
        _write_shard(folder, number, rows, rng, constant)


def _write_shard(
    folder: Path, number: int, rows: int, rng: np.random.Generator, constant: dict[str, pa.Array]
) -> None:
    name = shard_name(number)
    family = rng.integers(0, len(FAMILIES), rows)
    tv = rng.gamma(2.0 + family, 0.02)
    first = number * rows
    columns = constant | {
        "key": [f"{index:09d}" for index in range(first, first + rows)],
        "family": pa.DictionaryArray.from_arrays(family, list(FAMILIES)).cast(pa.string()),
        "class_id": family * 1000 + rng.integers(0, 1000, rows),
        "seed": rng.integers(0, EXACT, rows),
        "tv": tv,
        "tv_iso": 0.8 * tv,
        "tv_rgb": 1.1 * tv,
        "shard": [f"{name}.tar"] * rows,
    }
    table = pa.table({column: columns[column] for column in MANIFEST.names}, schema=MANIFEST)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    size = rows * (_PICTURE_BYTES + 2560)
    with (folder / f"{name}.tar").open("wb") as tar:
        tar.truncate(size)
    quantiles = np.quantile(tv, QUANTILES)
    stats = ShardStats(
        format_version=NEWEST,
        count=rows,
        failed=0,
        seconds=1.0,
        images_per_second=float(rows),
        bytes=size,
        sha256="0" * 64,
        job_hash="0" * 64,
        patterngen_version="0",
        renderer="numba",
        hostname="",
        started="",
        ended="",
        tv_quantiles={str(q): float(value) for q, value in zip(QUANTILES, quantiles, strict=True)},
    )
    stats_path(folder, name).write_text(json.dumps(asdict(stats)))
