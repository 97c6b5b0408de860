import json
import math
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from trainer.checkpoint import (
    Checkpoint,
    EncoderConfig,
    export_encoder,
    latest_checkpoint,
    load_checkpoint,
    load_encoder,
    new_encoder,
    save_checkpoint,
)
from trainer.errors import TrainerError
from trainer.logmel import LogMel

CONFIG = EncoderConfig(
    model="vit_tiny", input_size=(16, 32), patch_size=(16, 16), channels=1, mean=0.25, std=0.5
)


@pytest.fixture(scope="module")
def weights():
    torch.manual_seed(0)
    return new_encoder(CONFIG).state_dict()


def checkpoint(weights, step=1):
    model = {f"encoder.{name}": tensor for name, tensor in weights.items()} | {"mask_token": torch.ones(3)}
    return Checkpoint(step=step, encoder=CONFIG, model=model, optimizer={"state": {0: torch.ones(2)}})


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_checkpoint_comes_back(weights, tmp_path):
    written = checkpoint(weights, step=1500)
    path = save_checkpoint(tmp_path / "checkpoints", written, keep=2)
    assert path.name == "step-000001500.pt"
    read = load_checkpoint(path)
    assert (read.step, read.encoder, read.extra) == (1500, CONFIG, {})
    assert same(read.model, written.model)
    assert same(read.optimizer["state"], written.optimizer["state"])


def test_the_newest_are_kept_and_nothing_else_left(weights, tmp_path):
    assert latest_checkpoint(tmp_path) is None
    for step in (1, 2, 30, 4):
        save_checkpoint(tmp_path / "checkpoints", checkpoint(weights, step), keep=2)
    assert latest_checkpoint(tmp_path).name == "step-000000030.pt"
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "step-000000004.pt",
        "step-000000030.pt",
    ]


def test_an_encoder_comes_out_of_a_run_a_checkpoint_and_an_export(weights, tmp_path):
    path = save_checkpoint(tmp_path / "checkpoints", checkpoint(weights), keep=1)
    export_encoder(tmp_path / "export", CONFIG, weights)
    assert sorted(file.name for file in (tmp_path / "export").iterdir()) == [
        "config.json",
        "encoder.safetensors",
    ]
    for source in (tmp_path, path, tmp_path / "export"):
        config, state = load_encoder(source)
        assert config == CONFIG
        assert same(state, weights)


def test_log_mel_settings_travel_with_the_encoder(weights, tmp_path):
    config = replace(CONFIG, logmel=LogMel(n_mels=40, range_db=60.0))
    export_encoder(tmp_path, config, weights)
    assert load_encoder(tmp_path)[0] == config


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_an_encoder_is_not_written_where_a_file_is(weights, tmp_path, out):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TrainerError, match=r"file is a file; give a folder"):
        export_encoder(tmp_path / out, CONFIG, weights)
    assert (tmp_path / "file").read_text() == "mine"


# --- what cannot be trusted --------------------------------------------------------------------


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_and_not_run(tmp_path):
    trap, path = tmp_path / "sprung", tmp_path / "model.pt"
    torch.save({"encoder": Bomb(trap), "step": 1}, path)
    with pytest.raises(TrainerError, match=r"model\.pt: holds pickled objects"):
        load_encoder(path)
    assert not trap.exists()


@pytest.mark.parametrize("share", [0, 0.2, 0.99])
def test_a_truncated_checkpoint_is_named(weights, tmp_path, share):
    path = save_checkpoint(tmp_path, checkpoint(weights), keep=1)
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.raises(TrainerError, match=r"step-000000001\.pt: (truncated|holds)") as error:
        load_checkpoint(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content", [{}, [1, 2], torch.ones(2), {"encoder": "no json"}, {"encoder": "{}"}, {"encoder": "[1]"}]
)
def test_what_is_no_checkpoint_of_ours_is_named(tmp_path, content):
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(TrainerError, match=r"model\.pt: .*of (ours|an encoder)") as error:
        load_checkpoint(tmp_path / "model.pt")
    assert "\n" not in str(error.value)


def test_a_text_file_is_no_checkpoint(tmp_path):
    (tmp_path / "notes.pt").write_text("dear diary")
    with pytest.raises(TrainerError, match=r"notes\.pt"):
        load_encoder(tmp_path / "notes.pt")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "vit_giant"}, "unknown model 'vit_giant'"),
        ({"model": "vit_small"}, "not the weights of its vit_small"),
        ({"input_size": [1 << 20, 1 << 20]}, "not the weights"),  # and no petabyte is asked for
        ({"input_size": [16]}, "not the config"),
        ({"patch_size": [0, 16]}, "not the config"),
        ({"channels": 3}, "patch_embed.proj.weight should be .*3, 16, 16.* and is .*1, 16, 16"),
        ({"std": 0.0}, "not the config.*std"),
        ({"mean": "high"}, "not the config"),
        ({"surprise": 1}, "not the config.*surprise"),
        ({"logmel": {"n_mels": -3}}, "n_mels|config"),
        ({"logmel": {"window_ms": math.inf}}, "not the config"),
        ({"input_size": [math.inf, 32]}, "not the config"),
        ({"model": ["vit_tiny"]}, "not the config.*model"),
        ({"channels": "one"}, "not the config.*channels = one"),
        ({"channels": 3, "logmel": {}}, "not the config.*channels = 3, and a spectrogram has 1"),
    ],
)
def test_a_config_that_does_not_fit_its_weights_is_refused(weights, tmp_path, change, said):
    export_encoder(tmp_path, CONFIG, weights)
    (tmp_path / "config.json").write_text(json.dumps(asdict(CONFIG) | change))
    with pytest.raises(TrainerError, match=said) as error:
        load_encoder(tmp_path)
    assert "\n" not in str(error.value)


def test_a_damaged_export_is_named(weights, tmp_path):
    export_encoder(tmp_path, CONFIG, weights)
    os.truncate(tmp_path / "encoder.safetensors", 1000)
    with pytest.raises(TrainerError, match="cannot be read as an exported encoder"):
        load_encoder(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(TrainerError, match="cannot be read as an exported encoder"):
        load_encoder(tmp_path)


def test_nothing_there_is_said(tmp_path):
    with pytest.raises(TrainerError, match="nowhere: no such run"):
        load_encoder(tmp_path / "nowhere")
    with pytest.raises(TrainerError, match=r"holds neither encoder\.safetensors nor checkpoints"):
        load_encoder(tmp_path)
