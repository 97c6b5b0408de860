"""Pictures a second of one core from shards to inputs: in both orders, and with decoded pictures kept."""

import statistics
import time
from pathlib import Path

import pytest
import torch

from patterngen import DatasetSpec, RunOptions, render
from trainer.data.contract import Augment
from trainer.data.pixels import Framing
from trainer.data.sources import open_sources
from trainer.data.stream import PictureStream

COUNT, BATCH, ROUNDS = 1200, 100, 12
KINDS = {
    "shards": {},
    "global": {"order": "global"},
    "global, kept decoded": {"order": "global", "pixel_cache_gb": 5.0},
}
"""Settings of the source by what they are called."""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Make a dataset of pictures of a size, once."""
    folder = tmp_path_factory.mktemp("pictures")

    def made(size: str) -> Path:
        if not (folder / size).exists():
            spec = DatasetSpec(family=("perlin", "fbm"), count=COUNT, samples_per_shard=400, size=size)
            render(spec, RunOptions(out=str(folder / size)))
        return folder / size

    return made


@pytest.mark.parametrize("augment", ["none", "crop", "mae"])
@pytest.mark.parametrize(
    ("stored", "size", "channels"),
    [("128x256", (80, 208), 1), ("256", (224, 224), 3), ("256", (224, 224), 1)],
)
def bench_reading_inputs(
    benchmark, note, dataset, tmp_path, stored: str, size: tuple[int, int], channels: int, augment: Augment
) -> None:
    """Read and frame the pictures of a dataset of two families, JPEG 95, after a pass over all of them."""
    torch.set_num_threads(1)
    folder, rates = dataset(stored), []
    for kind, settings in KINDS.items():
        cache = str(tmp_path / "cache") if "pixel_cache_gb" in settings else None
        source = open_sources(
            (str(folder),), size=size, seed=0, channels=channels, pixel_cache=cache, **settings
        )
        framing = Framing(size=size, channels=channels, augment=augment)
        batches = iter(PictureStream(source=source, framing=framing, batch_size=BATCH))
        for _ in range(COUNT // BATCH):
            next(batches)
        taken = []
        for _ in range(ROUNDS):
            begin = time.process_time()
            next(batches)
            taken.append(time.process_time() - begin)
        rates.append(f"{kind} {BATCH / statistics.median(taken):.0f}")
    benchmark.pedantic(next, args=(batches,), rounds=1)
    what = f"{stored} to {size[0]}×{size[1]}, {channels} channels, {augment}"
    note(f"{what}: {', '.join(rates)} pictures/s a core")
