"""Published weights brought in, and runs that start from them: as a user does it."""

import argparse
import json

import pytest
import torch
from published.mae_reference import PlainMAE

from tests.drawn import draw
from tests.shallow import SHALLOW
from trainer.cli import main
from trainer.encoders.checkpoint import latest_checkpoint, load_checkpoint
from trainer.encoders.exported import load_encoder

SMALL = "--image-size 32 --patch-size 8 --batch-size 4 --workers 0 --log-every 1 --precision float32"
TWO_BLOCKS = f"--model {SHALLOW}"
DECODER = "--decoder-dim 32 --decoder-depth 1 --decoder-heads 4"


@pytest.fixture(scope="module")
def patterns(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("patterns") / "set", count=12, size=32, seed=1)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A checkpoint of the published layout."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("published") / "mae.pth"
    model = PlainMAE("vit_tiny", size=32, patch=8, decoder_dim=32, decoder_depth=1, decoder_heads=4)
    torch.save({"model": model.state_dict(), "args": argparse.Namespace(epochs=800)}, path)
    return path


def pretrain(patterns, out, *words):
    return main(
        ["pretrain", "--data", str(patterns), "--out", str(out), *SMALL.split(), *DECODER.split(), *words]
    )


def test_a_run_starts_from_imported_weights(checkpoint, patterns, tmp_path, capsys):
    folder = tmp_path / "imported"
    assert main(["import", str(checkpoint), "--out", str(folder), "--decoder-heads", "4"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "taken   cls_token [1×1×192]"
    assert said[-2:] == ["170 tensors: 168 taken, 2 adapted, 0 left", str(folder)]
    assert main(["import", str(checkpoint), "--out", str(folder), "--decoder-heads", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"out": str(folder), "report": said[:-1]}

    run = tmp_path / "run"
    # A rate of nothing keeps the weights as they were, and shows where the run began.
    assert pretrain(patterns, run, "--init", str(folder), "--steps", "1", "--lr", "1e-30") == 0
    _, imported = load_encoder(folder)
    _, begun = load_encoder(run)
    assert all(torch.allclose(begun[name], imported[name]) for name in imported)
    assert "taken   decoder.mask_token [1×1×32]" in (run / "init.txt").read_text(encoding="utf-8")

    other = tmp_path / "from-run"
    assert pretrain(patterns, other, "--init", str(run), "--steps", "1", "--lr", "1e-30") == 0
    assert (other / "init.txt").read_text(encoding="utf-8").splitlines()[
        -1
    ] == "170 tensors: 170 taken, 0 adapted, 0 left"


@pytest.mark.parametrize(
    "words",
    [
        "--decoder cross --predict-share 0.25",
        "--contrast 0.1",
        "--target teacher",
        "--masking block --positions learned",
        "--masking time",
    ],
)
def test_what_goes_beyond_runs_and_resumes_exactly(patterns, tmp_path, words):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    steps = ["--steps", "4", *TWO_BLOCKS.split(), *words.split()]
    assert pretrain(patterns, whole, *steps) == 0
    assert pretrain(patterns, parts, *steps, "--stop-at", "2") == 0
    assert pretrain(patterns, parts, *steps) == 0
    one, other = (load_checkpoint(latest_checkpoint(run)).model for run in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (whole / "export" / "encoder.safetensors").exists()
    assert (whole / "reconstructions.png").exists() == ("teacher" not in words)


def test_weights_that_cannot_be_are_refused_in_a_line(patterns, tmp_path, capsys):
    (tmp_path / "bad.pth").write_bytes(b"PK\x03\x04 cut short")
    assert pretrain(patterns, tmp_path / "run", "--steps", "1", "--init", str(tmp_path / "bad.pth")) == 2
    assert main(["import", str(tmp_path / "bad.pth"), "--out", str(tmp_path / "out")]) == 2
    first, second = capsys.readouterr().err.splitlines()[-2:]
    assert first == second
    assert first.startswith("error: ")
    assert "bad.pth: cut short" in first
    assert not (tmp_path / "out").exists()
