"""Whatever a file of a stranger holds, it is read or refused in words (`tests/fuzzing.py`)."""

import io
import shutil

import numpy as np
import pytest
import soundfile
import torch

from tests.encoders import write_picture_encoder
from tests.fuzzing import Kind, each, fuzz
from tests.shallow import SHALLOW
from trainer.encoders.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from trainer.encoders.exported import load_encoder
from trainer.results.file import append_results, read_results
from trainer.results.predictions import Predictions, load_predictions, save_predictions
from trainer.sound.audio import read_clip
from trainer.sound.sound_file import is_sound, measure
from trainer.study.study_file import read_study

STUDY = b"datasets:\n  a: {draw: [perlin]}\nrecipes:\n  r: {steps: [1, 2]}\nseeds: [0, 1]\ntasks: [fsdd]\n"


def sounds(kind):
    """Write a tone of one channel, and of two."""
    found = []
    for channels in (1, 2):
        file = io.BytesIO()
        soundfile.write(file, np.stack([np.sin(np.arange(3000) / 9)] * channels, 1), 8000, format=kind)
        found.append(file.getvalue())
    return found


listen = each(is_sound, measure, lambda path: read_clip(path, 16_000))

KINDS = (
    *(Kind(f"a.{kind}", listen, sounds(kind.upper()), 25) for kind in ("wav", "flac", "ogg", "mp3", "aiff")),
    Kind("study.yaml", lambda path: read_study(path, path.parent / "out"), [STUDY], 20),
    Kind("e/encoder.safetensors", lambda path: load_encoder(path.parent), examples=8),
    Kind("e/config.json", lambda path: load_encoder(path.parent), examples=20),
    Kind("c.pt", load_checkpoint),
    Kind("r/results.parquet", lambda path: read_results(path.parent)),
    Kind("p/p.parquet", load_predictions),
)


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory, evaluated):
    """A folder with a file of each kind that is not written down above."""
    folder = tmp_path_factory.mktemp("sound")
    write_picture_encoder(folder / "e", SHALLOW)
    config, _ = load_encoder(folder / "e")
    saved = save_checkpoint(folder, Checkpoint(1, config, {"w": torch.ones(9)}, {"state": {}}), keep=1)
    saved.rename(folder / "c.pt")
    append_results(folder / "r", evaluated([{"fold 1": 0.5}]))
    said = {"clips": ("a", "b"), "groups": ("", ""), "classes": ("x", "y")}
    save_predictions(
        folder / "p" / "p.parquet", Predictions(**said, targets=np.array([0, 1]), outputs=np.array([1, 1]))
    )
    return folder


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_file_of_a_stranger(kind, sound_files, tmp_path):
    fuzz(kind, shutil.copytree(sound_files, tmp_path / "files"))
