"""Small patterns to learn from, small encoders that learned nothing, and one thread to do it in.

`make test-cpus` runs tests as other machines would; three variables say how they differ from this one:
``TEST_THREADS``, how many torch takes; ``TEST_AUTO``, what ``--precision auto`` is (float32 or bf16); and
``TEST_MEMORY=odd``, that what comes from NumPy begins at no multiple of 8 bytes.
"""

import argparse
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from published.mae_reference import PlainMAE

from tests.drawn import draw
from tests.encoders import small_config, write_picture_encoder
from tests.shallow import shallow_model
from tests.trainer.foreign import SMALL_DECODER
from tests.trainer.memory import misaligned
from trainer.digests import of_file
from trainer.encoders.config import new_encoder
from trainer.encoders.exported import export_encoder
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.encoders.weights.importing import ImportConfig, import_weights
from trainer.results.rows import Evaluation


@pytest.fixture(autouse=True, scope="session")
def _machine(tmp_path_factory):
    torch.set_num_threads(int(os.environ.get("TEST_THREADS", "1")))
    with pytest.MonkeyPatch.context() as patched:
        if os.environ.get("ATEN_CPU_CAPABILITY"):
            # torch keeps compiled headers under names that do not say what processor they are for.
            patched.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path_factory.mktemp("inductor")))
        if auto := os.environ.get("TEST_AUTO"):
            patched.setattr("trainer.training.device.computes_bf16", lambda device: auto == "bf16")
        if os.environ.get("TEST_MEMORY") == "odd":
            aligned = torch.from_numpy
            patched.setattr(torch, "from_numpy", lambda array: aligned(misaligned(array)))
        yield


@pytest.fixture(autouse=True, scope="session")
def _shallow():
    with shallow_model():
        yield


@pytest.fixture(scope="session")
def patterns(tmp_path_factory) -> Path:
    """36 pictures of 24² in three shards; not to be changed."""
    folder = tmp_path_factory.mktemp("patterns") / "set"
    return draw(folder, "perlin", "fbm", count=36, size=24, seed=3, samples_per_shard=12)


@pytest.fixture
def damaged(patterns, tmp_path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(patterns, tmp_path / "set"))


@pytest.fixture(scope="session")
def picture_encoder(tmp_path_factory) -> Path:
    """An exported picture encoder, untrained: colour, 32², patches of 16."""
    return write_picture_encoder(tmp_path_factory.mktemp("encoders") / "picture", "vit_tiny")


@pytest.fixture(scope="session")
def sound_encoder() -> SoundEncoder:
    """An untrained sound encoder of 32 bands × 64 frames: 2 rows of patches, 4 time steps a chunk."""
    torch.manual_seed(2)
    config = small_config(32, 64)
    return SoundEncoder(new_encoder(config), config).eval()


@pytest.fixture(scope="session")
def sound_encoder_folder(sound_encoder, tmp_path_factory) -> Path:
    """The same as a folder."""
    folder = tmp_path_factory.mktemp("encoders") / "sound"
    export_encoder(folder, sound_encoder.config, sound_encoder.vit.state_dict())
    return folder


@pytest.fixture
def shipping(sound_encoder_folder, tmp_path, monkeypatch) -> Path:
    """The folder of a package that comes with two encoders, both that one: toy-tiny and toy-small."""
    folder, lines = tmp_path / "shipped", []
    for name in ("toy-tiny", "toy-small"):
        shutil.copytree(sound_encoder_folder, folder / name, copy_function=os.link)
        lines += [f"{of_file(path)}  {name}/{path.name}\n" for path in sorted((folder / name).iterdir())]
    (folder / "SHA256SUMS").write_text("".join(lines))
    monkeypatch.setattr("trainer.encoders.shipped.shipped_folder", lambda: folder)
    return folder


@pytest.fixture(scope="session")
def evaluated():
    """Makes evaluations of scores, one dict of folds for each seed."""

    def made(by_seed, **changed):
        common = {
            "task": "fsdd",
            "protocol": "linear",
            "encoder": "smooth",
            "folds": len(by_seed[0]),
            "metric": "accuracy",
            "clips": 9,
            "classes": 3,
            "seconds": 0.63,
            "encoder_sha256": "0a" * 32,
            "data_sha256": "0b" * 32,
            "pretraining_data": "0c" * 8,
            "settings": '{"lr": 0.001}',
            "command": "trainer transfer probe --task fsdd",
            "finished": "2026-01-02T03:04:05+00:00",
            "version": "1",
        }
        return [
            Evaluation(**common | {"seed": seed, "fold": fold, "score": score} | changed)
            for seed, folds in enumerate(by_seed)
            for fold, score in folds.items()
        ]

    return made


@pytest.fixture(scope="session")
def published():
    """A plain model of the published layout: 32² in patches of 8, every weight random."""
    torch.manual_seed(0)
    model = PlainMAE("vit_tiny", size=32, patch=8, **SMALL_DECODER)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "pos_embed" not in name:
                weight.normal_(std=0.1).add_("norm" in name and name.endswith("weight"))
    return model.eval()


@pytest.fixture(scope="session")
def checkpoint(published, tmp_path_factory):
    """The published model as its training script saves it."""
    path = tmp_path_factory.mktemp("published") / "checkpoint.pth"
    content = {
        "model": published.state_dict(),
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.1}]},
        "epoch": 799,
        "args": argparse.Namespace(mask_ratio=0.75),
    }
    torch.save(content, path)
    return path


@pytest.fixture(scope="session")
def imported(checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("imported") / "mae"
    return folder, import_weights(ImportConfig(checkpoint=str(checkpoint), out=str(folder), decoder_heads=4))


@pytest.fixture(scope="session")
def sound():
    """Two seconds with everything in them: noise, a chirp, and digital silence."""
    rng, rate = np.random.default_rng(0), 16_000
    time = np.arange(2 * rate) / rate
    wave = 0.05 * rng.standard_normal(len(time)) + 0.3 * np.sin(2 * np.pi * (200 + 1500 * time) * time)
    wave[rate : rate + 2000] = 0
    return wave.astype(np.float32)
