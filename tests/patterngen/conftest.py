"""A small dataset to look at, and copies of it to damage."""

import shutil
from pathlib import Path

import pytest

from tests.drawn import draw


@pytest.fixture(scope="session")
def sound_folder(tmp_path_factory) -> Path:
    """25 pictures of two families in three shards; not to be changed."""
    folder = tmp_path_factory.mktemp("datasets") / "sound"
    families = ("dead-leaves-mixed", "dead-leaves-squares=0.5")
    return draw(folder, *families, count=25, size=32, seed=7, samples_per_shard=10)


@pytest.fixture
def folder(sound_folder, tmp_path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(sound_folder, tmp_path / "dataset"))
