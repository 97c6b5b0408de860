"""Small patterns to learn from, small encoders that learned nothing, and one thread to do it in."""

import shutil
from pathlib import Path

import pytest
import torch

from patterngen import RenderJob, render
from trainer.adapt import SoundEncoder
from trainer.audio import LogMel
from trainer.checkpoint import EncoderConfig, export_encoder, new_encoder


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def patterns(tmp_path_factory) -> Path:
    """36 pictures of 24² in three shards; not to be changed."""
    folder = tmp_path_factory.mktemp("patterns") / "set"
    render(
        RenderJob(family=("perlin", "fbm"), out=str(folder), count=36, size=24, seed=3, samples_per_shard=12)
    )
    return folder


@pytest.fixture
def damaged(patterns, tmp_path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(patterns, tmp_path / "set"))


@pytest.fixture(scope="session")
def picture_encoder(tmp_path_factory) -> Path:
    """An exported picture encoder, untrained: colour, 32², patches of 16."""
    folder = tmp_path_factory.mktemp("encoders") / "picture"
    torch.manual_seed(1)
    config = EncoderConfig(
        model="vit_tiny", input_size=(32, 32), patch_size=(16, 16), channels=3, mean=0.5, std=0.25
    )
    export_encoder(folder, config, new_encoder(config).state_dict())
    return folder


@pytest.fixture(scope="session")
def ear() -> SoundEncoder:
    """An untrained sound encoder of 32 bands × 64 frames: 2 rows of patches, 4 time steps a chunk."""
    torch.manual_seed(2)
    config = EncoderConfig(
        model="vit_tiny",
        input_size=(32, 64),
        patch_size=(16, 16),
        channels=1,
        mean=-4.0,
        std=3.0,
        logmel=LogMel(n_mels=32),
    )
    return SoundEncoder(new_encoder(config), config).eval()
