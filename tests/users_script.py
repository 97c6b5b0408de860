"""A user's script, which `make lint` checks by `mypy --strict`: what the public names give has types.

It is not run: the examples of the docstrings are.
"""

from collections.abc import Sequence
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import patterngen
import trainer


def draw() -> NDArray[np.float64]:
    leaves = patterngen.family("dead-leaves-mixed")
    assert_type(leaves, patterngen.Family)
    pictures = leaves.draw(seeds=range(8), size=64)
    assert_type(pictures, patterngen.Pictures)
    assert_type(pictures.pixels, NDArray[np.uint8])
    measured = patterngen.total_variation(pictures.pixels)
    assert_type(measured, patterngen.TotalVariation)
    assert_type(patterngen.zlib_bpp(pictures.pixels), NDArray[np.float64])
    return measured.tv


def read(folder: str) -> Sequence[patterngen.ShardSelection]:
    spec = patterngen.DatasetSpec(family=("perlin", "fbm=2"), count=100, size=64)
    patterngen.render(spec, patterngen.RunOptions(out=folder))
    for drawn in patterngen.stream_pictures(spec):
        assert_type(drawn, patterngen.Drawn)
        assert_type(drawn.pixels, NDArray[np.uint8])
    dataset = patterngen.open_dataset(folder)
    assert_type(dataset[0], patterngen.Picture)
    assert_type(dataset[:2], list[patterngen.Picture])
    assert_type(patterngen.DatasetFolder.open(folder).count, int)
    return patterngen.select(folder, tv_max=0.05)


def learn(folder: str) -> NDArray[np.float32]:
    config = trainer.PretrainConfig(data=(folder,), out="run", steps=10)
    run = trainer.pretrain(config)
    assert run is not None  # as it is in all but the first of several processes
    summary = trainer.summarise_run(run)
    assert_type(summary.loss_last, float | None)
    trainer.export(trainer.ExportConfig(run=str(run), out="encoder", statistics="pictures"))
    encoder = trainer.load("encoder")
    assert_type(encoder, trainer.Encoder)
    for row in trainer.transfer_probe(trainer.ProbeConfig(task="folder", root="sounds", run=("encoder",))):
        assert_type(row.score, float)
    return encoder.embed(np.zeros(16_000), 16_000)
