"""What an exported folder holds besides weights: its card, how it came to be, and what is sent to the Hub."""

import hashlib
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import mlcroissant
import numpy as np
import pytest
import soundfile
import torch

from patterngen import DatasetSpec, PatternGenError, RunFailedError
from patterngen.common.yaml_text import parse_yaml
from tests.band_encoders import write_band_encoders, write_tones
from tests.shallow import SHALLOW, shallow_settings
from tests.test_documents import fenced_blocks
from trainer.cli import main
from trainer.encoders.encoder import load
from trainer.encoders.exported import load_encoder, stored_dtype
from trainer.errors import TrainerError
from trainer.pretraining.environment import dataset_of
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.provenance import hours_of_steps, provenance_of
from trainer.publishing.card import NO_SCORES, drawn_pictures
from trainer.publishing.export import ExportConfig, export
from trainer.publishing.markdown import fenced
from trainer.transfer.probe import transfer_probe
from trainer.transfer.probe_config import ProbeConfig

ADDRESS = "hf://someone/toy"


def exported(run, out, **changed):
    export(ExportConfig(run=str(run), out=str(out), **changed))
    return out


def card(folder):
    """Return the header of a folder's card, and its sections by their titles."""
    _, header, text = (folder / "README.md").read_text().split("---\n", 2)
    titled = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    return parse_yaml(header, "header"), dict(zip(titled[1::2], titled[2::2], strict=True))


# What is stored -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Clips whose class is a tone; an encoder that hears it, as float32 and as bfloat16."""
    folder = tmp_path_factory.mktemp("stored")
    write_tones(folder / "sounds")
    write_band_encoders(folder / "encoders", SHALLOW)
    exported(folder / "encoders/low", folder / "rounded", dtype="bfloat16")
    return folder


def test_bfloat16_halves_the_file_and_is_computed_with_in_float32(stored):
    whole, half = (
        (stored / name / "encoder.safetensors").stat().st_size for name in ("encoders/low", "rounded")
    )
    assert half < 0.55 * whole
    (config, weights), (same, rounded) = (load_encoder(stored / name) for name in ("encoders/low", "rounded"))
    assert config == same
    assert {tensor.dtype for tensor in rounded.values()} == {torch.float32}
    for name, tensor in weights.items():
        small = tensor.ndim < 2 or name in ("pos_embed", "cls_token")
        assert torch.equal(tensor, rounded[name]) == small, name
        assert ((tensor - rounded[name]).abs() <= 2**-8 * tensor.abs()).all()  # half a unit of eight bits


def test_bfloat16_moves_vectors_by_a_hundredth_and_scores_by_a_clip(stored):
    sound = 0.1 * np.random.default_rng(0).standard_normal((3, 16_000)).astype(np.float32)
    whole, half = (
        load(stored / name, precision="float32").embed(sound, 16_000) for name in ("encoders/low", "rounded")
    )
    apart = np.linalg.norm(half - whole, axis=1) / np.linalg.norm(whole, axis=1)
    assert 0 < apart.max() < 0.01
    runs = (f"whole={stored}/encoders/low", f"half={stored}/rounded")
    config = ProbeConfig(
        task="csv", root=f"{stored}/sounds", run=runs, seeds=1, protocol=("knn",), precision="float32"
    )
    scores = {row.encoder: row.score for row in transfer_probe(config)}
    assert abs(scores["whole"] - scores["half"]) <= 1 / 24  # of 24 clips in a fold
    assert scores["whole"] > 0.75


def test_by_its_pictures_statistics_a_clip_is_seen_as_its_picture_would_be(picture_encoder, tmp_path):
    pictures, _ = load_encoder(picture_encoder)
    sound, _ = load_encoder(
        exported(picture_encoder, tmp_path / "sound", statistics="pictures", range_db=60.0, frames=32)
    )
    decibels = np.linspace(-60, 0, 13)
    levels, shades = decibels * np.log(10) / 10, 1 + decibels / 60
    assert np.allclose((levels - sound.mean) / sound.std, (shades - pictures.mean) / pictures.std)
    assert sound.logmel.range_db == 60


@pytest.mark.parametrize(
    ("given", "said"),
    [({"clips": "somewhere"}, "looks at no clips"), ({"range_db": 0.0}, "give --range-db more than 0")],
)
def test_statistics_of_pictures_that_cannot_be_are_refused(picture_encoder, tmp_path, given, said):
    with pytest.raises(TrainerError, match=said):
        exported(picture_encoder, tmp_path / "sound", statistics="pictures", **given)
    assert not (tmp_path / "sound").exists()


def test_what_is_exported_again_is_the_same_network(stored, tmp_path):
    again = exported(stored / "rounded", tmp_path / "again")
    assert stored_dtype(again) == "bfloat16"
    assert (again / "encoder.safetensors").read_bytes() == (
        stored / "rounded/encoder.safetensors"
    ).read_bytes()
    wide = exported(stored / "rounded", tmp_path / "wide", dtype="float32")
    digests = {
        load(folder).model.sha256 for folder in (stored / "rounded", again, wide)
    }  # the values decide, not how they are stored
    assert len(digests) == 1
    assert load(stored / "encoders/low").model.sha256 not in digests


# The card -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(patterns, tmp_path_factory):
    return pretrain(
        shallow_settings(patterns, tmp_path_factory.mktemp("runs") / "toy", steps=4, save_every=2)
    )


def test_a_card_says_what_drew_its_pictures_and_how_it_was_trained(run, patterns, tmp_path):
    header, sections = card(exported(run, tmp_path / "toy", license="CC0-1.0"))
    assert header["license"] == "cc0-1.0"
    told = sections["Pre-training"]
    assert (patterns / "job.yaml").read_text().strip() in told
    assert "4 steps, 16 pictures, 0.444 passes over 36; " in told
    assert re.search(r"core-hours by the speed of its steps, on \d+ threads? of ", told)
    assert "steps: 4\n" in told
    assert sections["Scores"].strip() == NO_SCORES
    assert sections["Licence"].strip() == "The weights: CC0-1.0."
    header, sections = card(exported(run, tmp_path / "toy"))
    assert "license" not in header
    assert sections["Licence"].strip() == "No licence was named."


def test_the_example_of_a_card_runs(stored, monkeypatch):
    monkeypatch.chdir(stored)
    soundfile.write("clip.wav", np.zeros(16_000), 16_000)
    names = {}
    (block,) = fenced_blocks((stored / "rounded/README.md").read_text(), "python")
    exec(block, names)
    assert names["vector"].shape == (1, names["encoder"].dim)


def test_an_encoder_says_in_croissant_what_it_is_and_that_its_pictures_were_drawn(run, stored, tmp_path):
    folder = exported(run, tmp_path / "toy", license="CC0-1.0")
    metadata = mlcroissant.Dataset(folder / "croissant.json").metadata
    assert not metadata.ctx.issues.errors
    assert metadata.license == ["https://spdx.org/licenses/CC0-1.0.html"]
    files = {file.name: file.sha256 for file in metadata.file_objects}
    assert files.keys() == {"encoder.safetensors", "config.json", "pretraining.json"}
    for name, sha256 in files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    assert "no recording" in metadata.data_collection
    assert "no recording" in card(folder)[1]["Pre-training"]
    assert "It began with" not in card(folder)[1]["Pre-training"]
    unknown = mlcroissant.Dataset(stored / "rounded/croissant.json").metadata
    assert not unknown.ctx.issues.errors
    assert "no recording" not in unknown.data_collection + (stored / "rounded/README.md").read_text()


def test_of_the_weights_that_it_began_with_the_card_promises_nothing(run):
    known = provenance_of(run)
    begun = replace(known, settings=f"{known.settings}init: others/weights.pth\n")
    assert drawn_pictures(known) in drawn_pictures(begun)
    assert "began with the weights of `others/weights.pth`, of which" in drawn_pictures(begun)


def test_how_an_encoder_came_to_be_is_remembered_wherever_it_goes(run, tmp_path):
    known = provenance_of(run)
    first = exported(run / "export", tmp_path / "first")
    second = exported(first, tmp_path / "second", dtype="bfloat16")
    assert provenance_of(first) == provenance_of(second) == known
    assert dataset_of(second) == dataset_of(run) == known.dataset
    (second / "pretraining.json").write_text('{"steps": "many"}')
    with pytest.raises(TrainerError, match=r"pretraining\.json: does not say how .*steps must be int"):
        provenance_of(second)


def test_an_earlier_checkpoint_has_seen_less(run):
    known = provenance_of(run / "checkpoints/step-000000002.pt")
    assert (known.steps, known.images) == (2, 8)
    assert known.hours < provenance_of(run).hours


def test_core_hours_are_pictures_by_speed_by_threads():
    rows = [
        {"step": 10, "images": 3600, "images_per_second": 1.0},
        {"step": 20, "images": 7200, "images_per_second": 2.0},
    ]
    cpu = {"device": "cpu", "threads": 2, "processes": 1}
    starts = [{"step": 0, "hardware": cpu}, {"step": 10, "hardware": cpu | {"processes": 4}}]
    assert hours_of_steps(rows, starts) == (1.5, 1 * 2 + 0.5 * 8)
    starts[1]["hardware"]["device"] = "NVIDIA H200"
    assert hours_of_steps(rows, starts) == (1.5, None)
    assert hours_of_steps([], []) == (0, None)


def test_pictures_drawn_while_training_have_a_job_too(tmp_path):
    drawn = replace(
        shallow_settings("", tmp_path / "run", seed=5, steps=2), data=(), draw=("perlin", "fbm=2")
    )
    known = provenance_of(pretrain(drawn))
    (job,) = known.jobs
    (tmp_path / "job.yaml").write_text(job.yaml)
    spec = DatasetSpec.read(tmp_path / "job.yaml")
    assert (spec.job_hash[:16], spec.count) == (known.dataset, known.images)


def test_of_weights_from_elsewhere_nobody_tells(picture_encoder, tmp_path):
    _, sections = card(exported(picture_encoder, tmp_path / "copy"))
    assert "does not tell how it was trained" in sections["Pre-training"]
    assert not (tmp_path / "copy/pretraining.json").exists()


def test_a_name_that_is_no_text_is_written_as_text(picture_encoder, tmp_path):
    folder = exported(picture_encoder, tmp_path / os.fsdecode(b"caf\xe9 `x`"))
    assert "\n# caf\\udce9 'x'\n" in (folder / "README.md").read_text()


def test_text_from_elsewhere_stays_in_its_fence():
    text = "family: [x]\n```\n# Not a heading\n"
    assert fenced(text, "yaml").startswith("````yaml\n")


# Scores ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scores(stored, tmp_path_factory):
    """Scores of the rounded encoder, under another name than its own, and of the one that was not rounded."""
    folder = tmp_path_factory.mktemp("scores")
    runs = (f"other={stored}/rounded", f"whole={stored}/encoders/low")
    transfer_probe(
        ProbeConfig(
            task="csv",
            root=f"{stored}/sounds",
            run=runs,
            seeds=1,
            protocol=("knn",),
            precision="float32",
            out=str(folder),
        )
    )
    return folder


def test_a_card_holds_the_scores_of_these_weights_alone(stored, scores, tmp_path):
    folder = exported(stored / "rounded", tmp_path / "mine", scores=(str(scores),))
    _, sections = card(folder)
    rows = [line.split("|")[1].strip() for line in sections["Scores"].splitlines() if line.startswith("| ")]
    assert rows == ["encoder", "floor", "random", "mine", "encoder", "mine"]  # and the difference to random
    assert "trainer transfer probe" in sections["Scores"]
    assert "On other tasks" in sections["Limits"]


def test_scores_of_other_weights_are_refused_and_nothing_is_written(
    stored, scores, picture_encoder, tmp_path
):
    refused = {
        stored
        / "encoders/high": r"no score there is of these weights \(encoders there: other, random, whole\)",
        picture_encoder: "scores are of encoders that hear",
    }
    for source, said in refused.items():
        with pytest.raises(TrainerError, match=said):
            exported(source, tmp_path / "out", scores=(str(scores),))
    with pytest.raises(TrainerError, match=r"holds no results\.parquet"):
        exported(stored / "rounded", tmp_path / "out", scores=(str(tmp_path),))
    assert not (tmp_path / "out").exists()


# The Hub, which is played ---------------------------------------------------------------------------------


class Hub:
    """A repository of models that keeps what is committed."""

    def __init__(self):
        self.made, self.files, self.down = [], {}, False

    def create_repo(self, repo_id, *, repo_type, private, exist_ok):
        self.made.append((repo_id, repo_type, private, exist_ok))

    def create_commit(self, repo_id, operations, *, commit_message, repo_type):
        if self.down:
            raise OSError("the line is cut")
        assert repo_type == "model"
        self.files = {one.path_in_repo: Path(one.path_or_fileobj).read_bytes() for one in operations}


@pytest.fixture
def hub(monkeypatch):
    played = Hub()
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: played)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "hf_something")
    return played


def test_everything_of_ours_is_sent_at_once_and_nothing_else(hub, stored, scores, run, tmp_path, capsys):
    folder = tmp_path / "toy"
    shutil.copytree(stored / "rounded", folder)
    (folder / "notes.txt").write_text("mine")
    words = ["export", "--run", folder, "--out", folder, "--scores", scores, "--push", ADDRESS, "--private"]
    assert main([*map(str, words), "--json"]) == 0
    assert hub.made == [("someone/toy", "model", True, True)]
    assert hub.files == {
        name: (folder / name).read_bytes()
        for name in ("encoder.safetensors", "config.json", "croissant.json", "README.md")
    }
    assert json.loads(capsys.readouterr().out)["report"][-1] == f"{ADDRESS}: sent 4 files"
    hub.down = True
    with pytest.raises(RunFailedError, match=f"--push {ADDRESS}: the line is cut; nothing was committed"):
        exported(folder, folder, scores=(str(scores),), push=ADDRESS)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"push": ADDRESS}, "its card would have no scores; evaluate .* and give --scores DIR"),
        (
            {"push": "hf://datasets/someone/toy", "scores": ("s",)},
            "--push 'hf://datasets.*: give hf://USER/NAME",
        ),
        ({"push": "someone/toy", "scores": ("s",)}, "give hf://USER/NAME"),
        ({"private": True}, "--private is about the repository on the Hub: give --push"),
        ({"license": "as you like"}, "--license 'as you like': give an SPDX identifier, as CC0-1.0"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_a_line(wrong, said):
    with pytest.raises(PatternGenError, match=said) as error:
        ExportConfig(run="r", out="o", **wrong)
    assert "\n" not in str(error.value)


def test_without_a_token_nothing_is_written(stored, scores, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(PatternGenError, match="no token; run `hf auth login`"):
        exported(stored / "rounded", tmp_path / "out", scores=(str(scores),), push=ADDRESS)
    assert not (tmp_path / "out").exists()
