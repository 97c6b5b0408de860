"""Encoders that come with the package: by name, the same wherever one is taken, as they were shipped."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import trainer
from trainer.cli import main
from trainer.encoders import hear, shipped
from trainer.encoders.exported import load_encoder
from trainer.encoders.mteb import MtebFeatures
from trainer.encoders.weights.importing import read_weights
from trainer.encoders.xares import XaresFeatures
from trainer.errors import TrainerError
from trainer.pretraining.environment import dataset_of
from trainer.transfer.sources import encoder_paths


def test_what_the_repository_ships_is_pinned_and_whole():
    """Also says what is wrong with weights that somebody has put there."""
    folders = {path.name for path in shipped.shipped_folder().iterdir() if path.is_dir()}
    assert folders == set(trainer.list_encoders()), "run sha256sum as encoders/README.md says"
    for name in trainer.list_encoders():
        shipped.check_as_shipped(shipped.located(name))
        folder = shipped.shipped_folder() / name
        described = json.loads((folder / "croissant.json").read_text())["distribution"]
        assert {file["name"]: file["sha256"] for file in described} == {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
            for file in ("config.json", "encoder.safetensors", "pretraining.json")
        }
        encoder = trainer.load(name, device="cpu", precision="float32")
        assert np.isfinite(
            encoder.embed(np.zeros(encoder.sample_rate, np.float32), encoder.sample_rate)
        ).all()


def test_names_stand_in_the_order_of_the_list(shipping):
    assert trainer.list_encoders() == ["toy-tiny", "toy-small"]
    assert shipped.default_encoder() == "toy-tiny"


def test_a_shipped_encoder_is_the_same_wherever_one_is_taken(shipping, sound_encoder):
    sound = np.random.default_rng(0).standard_normal((1, 16_000)).astype(np.float32)
    expected = trainer.load(shipping / "toy-tiny").embed(sound, 16_000)

    class Features(XaresFeatures):
        path = "toy-tiny"

    for encoder in (
        trainer.load("toy-tiny"),
        trainer.load(),  # the first
        trainer.load("toy-tiny"),
        hear.load_model("toy-tiny").encoder,
        hear.load_model().encoder,
        Features().encoder,
        MtebFeatures("toy-tiny").encoder,
    ):
        np.testing.assert_array_equal(encoder.embed(sound, 16_000), expected)
    assert MtebFeatures("toy-tiny")._name == "toy-tiny"
    assert encoder_paths(["toy-tiny", "mine=toy-small"]) == {
        "toy-tiny": Path("toy-tiny"),
        "mine": Path("toy-small"),
    }
    weights = read_weights("toy-tiny").encoder  # as `trainer pretrain --init` does
    assert all(torch.equal(tensor, weights[name]) for name, tensor in sound_encoder.vit.state_dict().items())
    (shipping / "toy-tiny/environment.json").write_text('{"dataset": "0c0c", "starts": []}')
    assert dataset_of(Path("toy-tiny")) == "0c0c"


def test_what_lies_there_goes_before_a_name(shipping, picture_encoder, tmp_path, monkeypatch):
    shutil.copytree(picture_encoder, tmp_path / "here/toy-tiny")
    monkeypatch.chdir(tmp_path / "here")
    assert load_encoder("toy-tiny")[0] == load_encoder(picture_encoder)[0]


@pytest.mark.parametrize("source", ["toy-tyni", Path("toy-tyni")])
def test_an_unknown_name_is_answered_with_the_closest(shipping, source):
    said = (
        "toy-tyni: no such run, checkpoint or exported encoder; did you mean toy-tiny? "
        "Shipped are toy-tiny, toy-small"
    )
    for load in (load_encoder, trainer.load, lambda name: encoder_paths([str(name)])):
        with pytest.raises(TrainerError) as error:
            load(source)
        assert str(error.value) == said


def test_a_path_is_no_name(shipping):
    with pytest.raises(TrainerError, match=r"^runs/toy-tiny: no such run, checkpoint or exported encoder$"):
        load_encoder("runs/toy-tiny")


@pytest.mark.parametrize("file", ["encoder.safetensors", "config.json"])
def test_a_file_that_differs_from_what_was_shipped_is_refused(shipping, file):
    path = shipping / "toy-tiny" / file
    changed = path.read_bytes()
    changed = (
        changed.replace(b'"mean": -4.0', b'"mean": -4.5') if file == "config.json" else changed[:-1] + b"\1"
    )
    path.unlink()  # a link to what all tests share
    path.write_bytes(changed)
    expected = (
        r"not what was shipped as toy-tiny: its SHA-256 is {}…, that of what was shipped [0-9a-f]{{12}}…"
    )
    for source in ("toy-tiny", shipping / "toy-tiny"):
        with pytest.raises(TrainerError, match=expected.format(hashlib.sha256(changed).hexdigest()[:12])):
            load_encoder(source)
    path.unlink()
    with pytest.raises(TrainerError, match="install the package again"):
        load_encoder("toy-tiny")


def test_a_damaged_list_is_named(shipping):
    (shipping / shipped.PINNED).write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(TrainerError, match=r"SHA256SUMS: damaged: 'version https"):
        trainer.list_encoders()


def test_where_none_is_shipped_a_line_says_so(shipping, tmp_path, capsys):
    (shipping / shipped.PINNED).unlink()
    assert trainer.list_encoders() == []
    assert main(["encoders"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{shipped.NONE}\n")
    assert main(["encoders", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    (tmp_path / "clips").mkdir()
    for load in (trainer.load, hear.load_model):
        with pytest.raises(
            TrainerError, match=r"no encoder was named, and this version .* without encoders: give"
        ):
            load()
    with pytest.raises(TrainerError, match=r"patterns-tiny: no such run.*; this version .* without encoders"):
        trainer.load("patterns-tiny")
    assert main(["embed", str(tmp_path / "clips"), "--out", str(tmp_path / "v.parquet")]) == 2
    assert "no encoder was named" in capsys.readouterr().err


def test_the_command_describes_each(shipping, sound_encoder, capsys):
    assert main(["encoders", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["name"], second["name"]) == ("toy-tiny", "toy-small")
    assert first["parameters"] == sum(weight.numel() for weight in sound_encoder.vit.parameters())
    assert (first["dim"], first["sample_rate"], first["input"]) == (384, 16_000, [32, 64])
    assert main(["encoders"]) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert line.startswith("toy-tiny  vit_tiny, patches of 16×16 on 32×64, 5.4 M parameters, ")
    assert line.endswith("; a clip at 16000 Hz becomes 384 numbers (norm, concat)")
