"""Streams of the small patterns, and the loader's processes without starting them."""

from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import trainer.data.stream
from patterngen import DatasetFolder, select
from patterngen.encode import decode
from trainer.data.pixels import Framing
from trainer.data.shards import Shards
from trainer.data.stream import PictureStream


class Tools:
    """What the tests of the loader share."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    @staticmethod
    def stream(folder, *, source=None, shards=None, seed=0, buffer=2000, size=(24, 24), **settings):
        framing = {name: settings.pop(name) for name in ("augment", "channels") if name in settings}
        source = source or Shards(shards=shards or select(str(folder)), seed=seed, buffer=buffer)
        plain = {"augment": "none", "channels": 3}
        return PictureStream(
            source=source,
            framing=Framing(size=size, seed=seed, **plain | framing),
            **{"batch_size": 4} | settings,
        )

    @staticmethod
    def pictures(source, count):
        """The first batches of a stream in one array, uint8 [N, C, H, W]."""
        return np.concatenate([batch.pictures for batch in islice(iter(source), count)])

    def by_workers(self, source, workers, count):
        """The batches of a loader with so many processes, asked one after the other."""
        streams = []
        for worker in range(workers):
            told = SimpleNamespace(id=worker, num_workers=workers)
            with self.monkeypatch.context() as patch:
                patch.setattr(trainer.data.stream, "get_worker_info", lambda told=told: told)
                streams.append(list(islice(iter(source), count)))
        return [streams[i % workers][i // workers].pictures for i in range(count)]

    @staticmethod
    def identities(pictures):
        return [picture.tobytes() for picture in pictures]

    @staticmethod
    def stored(folder):
        """Every picture of a dataset by its key, as it is in the tar."""
        pixels = {}
        for shard in DatasetFolder.open(str(folder)).shards:
            data = Path(shard.path).read_bytes()
            for row in shard.manifest(["key", "offset", "size"]).to_pylist():
                picture = decode(data[row["offset"] : row["offset"] + row["size"]])
                pixels[row["key"]] = picture.transpose(2, 0, 1).tobytes()
        return pixels


@pytest.fixture
def tools(monkeypatch):
    return Tools(monkeypatch)
