import json
import math
import os
from dataclasses import asdict, replace

import pytest
from safetensors.torch import save_file

from tests.trainer.encoders.conftest import CONFIG
from tests.trainer.encoders.test_checkpoint import checkpoint, flip, same
from trainer.encoders.checkpoint import save_checkpoint
from trainer.encoders.exported import export_encoder, load_encoder
from trainer.encoders.feature import Feature
from trainer.errors import TrainerError
from trainer.sound.logmel import LogMel


def test_a_flipped_bit_of_an_export_is_named(weights, tmp_path):
    export_encoder(tmp_path, CONFIG, weights)
    flip(tmp_path / "encoder.safetensors", 8 * ((tmp_path / "encoder.safetensors").stat().st_size - 100))
    with pytest.raises(TrainerError, match=r"cannot be read as an exported encoder \(it is damaged: its SHA"):
        load_encoder(tmp_path)


def test_exports_without_a_digest_are_read(weights, tmp_path):
    export_encoder(tmp_path, CONFIG, weights)
    save_file(dict(weights), tmp_path / "encoder.safetensors")
    assert same(load_encoder(tmp_path)[1], weights)


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


@pytest.mark.parametrize("wrong", [{"mean": math.nan}, {"std": math.nan}, {"std": math.inf}, {"std": 0.0}])
def test_no_encoder_is_standardised_by_what_is_no_number(wrong):
    with pytest.raises(TrainerError, match="must be finite, and std more than 0"):
        replace(CONFIG, **wrong)


def test_log_mel_settings_and_features_travel_with_the_encoder(weights, tmp_path):
    config = replace(CONFIG, logmel=LogMel(n_mels=40, range_db=60.0))
    for feature in (None, Feature(), Feature((3, "norm", "logmel"), "mean")):
        config = replace(config, feature=feature)
        export_encoder(tmp_path, config, weights)
        assert load_encoder(tmp_path)[0] == config


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_an_encoder_is_not_written_where_a_file_is(weights, tmp_path, out):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TrainerError, match=r"file is a file; give a folder"):
        export_encoder(tmp_path / out, CONFIG, weights)
    assert (tmp_path / "file").read_text() == "mine"


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
        ({"feature": {"layers": ["last"], "pooling": "mean"}}, "not the config.*layers.*'last'"),
        ({"feature": {"layers": [[3]], "pooling": "mean"}}, "not the config"),
        ({"feature": {"layers": [3], "pooling": ["mean"]}}, "not the config.*pooling"),
        ({"feature": {"layers": [3], "pooling": "mean", "surprise": 1}}, "not the config.*surprise"),
        ({"feature": {"layers": 3}}, "not the config"),
        ({"feature": "norm"}, "not the config"),
        ({"logmel": {"n_mels": -3}}, "n_mels|config"),
        ({"logmel": {"window_ms": math.inf}}, "not the config"),
        ({"input_size": [math.inf, 32]}, "not the config"),
        ({"model": ["vit_tiny"]}, "not the config.*model"),
        ({"channels": "one"}, "not the config.*channels must be int, got 'one'"),
        ({"channels": 3, "logmel": {}}, "not the config.*channels = 3; a spectrogram has 1"),
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
