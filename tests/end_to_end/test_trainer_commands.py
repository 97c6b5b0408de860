"""The trainer's commands as a user runs them: what they print, what they leave, how they fail."""

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import torch

from tests.drawn import draw
from tests.recordings import write_hums_and_hisses
from tests.shallow import SHALLOW
from trainer.cli import main
from trainer.encoders.checkpoint import latest_checkpoint, load_checkpoint
from trainer.training.metrics_log import read_metrics

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "OMP_NUM_THREADS": "1"}
SMALL = "--image-size 32 --patch-size 16 --batch-size 4 --decoder-dim 16 --decoder-depth 1 --log-every 1"
TINY = ("--model", "vit_tiny")
RATE = 16_000


def run(capsys, *words):
    """Run a command in this process and return what it printed."""
    code = main([str(word) for word in words])
    output = capsys.readouterr()
    assert code == 0, output.err
    return output.out


def pretrain(data, out, *words):
    return ["pretrain", "--data", data, "--out", out, "--model", SHALLOW, *SMALL.split(), *map(str, words)]


@pytest.fixture(scope="module")
def patterns(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patterns") / "set"
    return draw(folder, count=24, size=32, seed=1, samples_per_shard=12)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Hums and hisses, in two folds."""
    return write_hums_and_hisses(tmp_path_factory.mktemp("sounds"), 16)


@pytest.fixture(scope="module")
def encoder(patterns, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "perlin"
    assert main(list(map(str, pretrain(patterns, out, "--steps", 4, "--workers", 0)))) == 0
    return out


# --- the whole road ----------------------------------------------------------------------------


def test_linear_stands_beside_floor_and_random(encoder, sounds, tmp_path, capsys):
    words = ("--task", "csv", "--root", sounds, "--run", encoder, "--seeds", 2, "--frames", 64)
    printed = run(capsys, "transfer", "probe", *words, "--out", tmp_path)
    every = pq.read_table(tmp_path / "results.parquet").to_pylist()
    rows = [row for row in every if row["protocol"] == "linear"]
    assert [row["encoder"] for row in rows[::4]] == ["floor", "random", "perlin"]
    for i in range(0, 12, 4):
        made = [(row["seed"], row["fold"]) for row in rows[i : i + 4]]
        assert sorted(made) == [(s, f"fold {f}") for s in (0, 1) for f in (1, 2)]
    assert all(row["chosen"].startswith("strength ") and 0 <= row["valid_score"] <= 1 for row in rows)
    assert min(row["score"] for row in rows[:4]) > 0.9  # a hum is no hiss
    assert all(name in printed for name in ("floor", "random", "perlin"))


def test_folds_evaluated_one_by_one_make_one_table(encoder, sounds, tmp_path, capsys):
    words = ("--task", "csv", "--root", sounds, "--run", f"mine={encoder}", "--frames", 32, "--seeds", 1)
    for fold in (1, 2):
        run(capsys, "transfer", "probe", *words, "--fold", fold, "--out", tmp_path / "apart")
    run(capsys, "transfer", "probe", *words, "--out", tmp_path / "together")

    def table(name, *words):
        return run(capsys, "results", tmp_path / name, "--protocol", "linear", *words)

    apart, together = (table(name, "--format", "markdown") for name in ("apart", "together"))
    assert apart == together
    assert apart.startswith(f"| encoder | {sounds.name} (csv), linear |")
    out = tmp_path / "transfer.csv"
    assert table("apart", "--format", "csv", "--out", out).strip() == str(out)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["encoder"] for row in rows] == ["floor", "random", "mine"]
    scores = [result["score"] for result in json.loads(table("apart", "--json"))]
    assert scores == pytest.approx([float(row["score"]) for row in rows], abs=1e-6)
    # What made a row is written in it: typed again, it makes the same row.
    for command in rows[-1]["command"].split(" && "):
        run(capsys, *shlex.split(command)[1:])
    assert table("apart", "--format", "markdown") == apart


def test_finetuning_stands_beside_scratch(encoder, sounds, tmp_path, capsys):
    words = ("--task", "csv", "--root", sounds, "--run", f"mine={encoder}", "--epochs", 4, "--fold", 2)
    words = (*words, "--frames", 32, "--batch-size", 4, "--out", tmp_path)
    printed = json.loads(run(capsys, "transfer", "finetune", *words, "--json"))
    with (tmp_path / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["encoder"], row["protocol"]) for row in rows] == [
        ("scratch", "finetune (last)"),
        ("mine", "finetune (last)"),
    ]
    assert [row["encoder"] for row in printed] == ["scratch", "mine"]
    assert not any("--json" in row["command"] for row in printed)


def test_a_comparison_is_one_table_one_figure_one_sentence(encoder, sounds, tmp_path, capsys):
    words = ("--task", "csv", "--root", sounds, "--run", encoder, "--fold", 1, "--frames", 32, "--epochs", 1)
    printed = run(capsys, "compare", *words, "--probe-seeds", 1, "--out", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "finetune",
        "predictions",
        "results.csv",
        "results.md",
        "results.parquet",
        "results.png",
    }
    text = (tmp_path / "results.md").read_text()
    cells = [line.strip("| ").split(" | ") for line in text.splitlines()[:6] if "--" not in line]
    assert cells[0][1:] == [f"{sounds.name} (csv), linear", f"{sounds.name} (csv), finetune (last)"]
    assert [row[0] for row in cells[1:]] == ["floor", "random", "scratch", "perlin"]
    assert [[cell == "–" for cell in row[1:]] for row in cells[1:]] == [
        [False, True],
        [False, True],
        [True, False],
        [False, False],
    ]
    assert text.splitlines()[-1].startswith(f"Linear probe on {sounds.name} (csv): perlin")
    assert text.splitlines()[-1] in printed


def test_recordings_are_pictures_to_learn_from(sounds, tmp_path, capsys):
    words = ("--task", "csv", "--root", sounds, "--frames", 32, "--join", "--out", tmp_path / "set")
    assert json.loads(run(capsys, "spectrograms", *words, "--json"))["clips"] == 16
    words = ("--data", tmp_path / "set", "--steps", 2, "--batch-size", 4, "--workers", 0, "--channels", 1)
    run(capsys, "pretrain", *words, "--image-size", "80x32", "--out", tmp_path / "run")
    assert (tmp_path / "run" / "export" / "config.json").exists()


def test_export_then_embed(encoder, sounds, tmp_path, capsys):
    run(capsys, "export", "--run", encoder, "--out", tmp_path / "sound", "--clips", sounds, "--frames", 64)
    out = run(capsys, "embed", sounds, "--run", tmp_path / "sound", "--out", tmp_path / "v.parquet")
    assert "16 clips" in out
    table = pq.read_table(tmp_path / "v.parquet")
    assert table.num_rows == 16
    assert len(table["embedding"][0]) == 2 * 5 * 192


def test_every_result_is_also_printed_as_json(encoder, patterns, sounds, tmp_path, capsys):
    def printed(*words):
        return json.loads(run(capsys, *words, "--json"))

    again = printed(*pretrain(patterns, encoder, "--steps", 4, "--workers", 0))  # all of it is done
    assert (again["run"], again["state"]) == (str(encoder), "finished")
    assert [again] == printed("show", encoder)
    exported = printed(
        "export", "--run", encoder, "--out", tmp_path / "sound", "--clips", sounds, "--frames", 64
    )
    assert exported["out"] == str(tmp_path / "sound")
    assert any("channels summed into 1" in line for line in exported["report"])
    out = tmp_path / "v.parquet"
    assert printed("embed", sounds, "--run", tmp_path / "sound", "--out", out) == {
        "out": str(out),
        "clips": 16,
    }
    assert printed("sound", "--audio", sounds) == {"task": "csv", "root": str(sounds)}


def test_sigterm_saves_and_the_same_command_goes_on(encoder, patterns, tmp_path):
    # A process of its own, for its workers; it knows our models alone.
    words = pretrain(patterns, tmp_path / "run", *TINY, "--steps", 400, "--save-every", 1000)
    stopped = subprocess.Popen(
        [sys.executable, "-m", "trainer.cli", *map(str, words)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300
    while len(read_metrics(tmp_path / "run")) < 3 and time.monotonic() < deadline:
        assert stopped.poll() is None, stopped.communicate()[1]
        time.sleep(0.02)
    stopped.send_signal(signal.SIGTERM)
    _, said = stopped.communicate(timeout=300)
    assert stopped.returncode == 143, said
    assert said.splitlines()[-1] == "error: terminated"
    assert "Traceback" not in said
    step = load_checkpoint(latest_checkpoint(tmp_path / "run")).step
    assert 3 <= step < 400
    assert read_metrics(tmp_path / "run")[-1]["step"] == step

    go_on = (*TINY, "--workers", 0, "--steps", 400, "--stop-at", step + 2)
    assert main([str(word) for word in pretrain(patterns, tmp_path / "run", *go_on)]) == 0
    assert main([str(word) for word in pretrain(patterns, tmp_path / "whole", *go_on)]) == 0
    parts, whole = ([row["loss"] for row in read_metrics(tmp_path / name)] for name in ("run", "whole"))
    assert len(whole) == step + 2
    assert parts == whole


# --- mistakes ----------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self):
        return print, ("boom",)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with all kinds of bad input, to work in."""
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("mute").mkdir()
    soundfile.write("mute/0.wav", np.zeros(0), RATE)
    for i in (1, 2, 3):
        soundfile.write(f"mute/{i}.wav", np.zeros(RATE), RATE)
    Path("mute/metadata.csv").write_text("file_name,label,fold\n0.wav,a,1\n1.wav,b,1\n2.wav,b,2\n3.wav,a,2\n")
    torch.save({"encoder": Bomb()}, "pickle.pt")
    return tmp_path


PROBE = ["transfer", "probe"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*PROBE, "--task", "csv", "--root", "nowhere"], ["nowhere: no such folder"]),
        ([*PROBE, "--task", "csv", "--root", "empty"], ["empty", "metadata.csv", "found an empty folder"]),
        ([*PROBE, "--task", "csv", "--root", "mute"], ["0.wav", "holds no samples"]),
        ([*PROBE, "--task", "esc5", "--root", "."], ["unknown task 'esc5'", "did you mean esc50"]),
        ([*PROBE, "--task", "csv", "--root", "SOUNDS", "--fold", "3"], ["fold 3", "1 … 2"]),
        (
            [*PROBE, "--task", "csv", "--root", "SOUNDS", "--run", "pickle.pt"],
            ["pickle.pt", "pickled objects"],
        ),
        ([*PROBE, "--task", "csv", "--root", "SOUNDS", "--run", "gone"], ["gone: no such run"]),
        (
            [*PROBE, "--task", "csv", "--root", "SOUNDS", "--run", "ENCODER", "--frames", "100"],
            ["width 100", "patch's width 16"],
        ),
        ([*PROBE, "--task", "csv", "--root", "SOUNDS", "--range-db", "-3"], ["range_db = -3"]),
        (["compare", "--task", "csv", "--root", "SOUNDS"], ["trainer compare needs --out"]),
        (["transfer", "finetune", "--task", "csv", "--root", "SOUNDS"], ["give an encoder with --run"]),
        (["transfer", "prob", "--task", "csv"], ["did you mean transfer probe"]),
        (["embed", "nowhere", "--run", "ENCODER", "--out", "v.parquet"], ["nowhere: no such folder"]),
        (["embed", "empty", "--run", "ENCODER", "--out", "v.parquet"], ["empty: no audio file"]),
        (["embed", "mute", "--run", "ENCODER", "--out", "v.parquet"], ["0.wav", "holds no samples"]),
        (["export", "--run", "pickle.pt", "--out", "x"], ["pickled objects"]),
        (pretrain("PATTERNS", "new", "--steps", 1, "--image-size", "64"), ["32×32", "--image-size 64x64"]),
        (
            pretrain("PATTERNS", "new", "--steps", "1", "--keep", "gone.parquet"),
            ["gone.parquet", "no such file"],
        ),
        (pretrain("PATTERNS", "new", "--steps", "1", "--device", "gpu"), ["device 'gpu'"]),
        (pretrain("PATTERNS", "ENCODER", "--steps", "4", "--seed", "9"), ["seed: 0 → 9"]),
    ],
)
def test_a_mistake_is_one_line_and_code_2(words, said, place, patterns, sounds, encoder, capsys):
    names = {"PATTERNS": patterns, "SOUNDS": sounds, "ENCODER": encoder}
    before = sorted(path.name for path in place.iterdir())
    assert main([str(names.get(word, word)) for word in words]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    lines = output.err.splitlines()
    assert lines[-1].startswith("error: ")
    progress = ("read: ", "log-mel", "csv: groups: ", "mute: left out: 1 file of other kinds (.csv 1)")
    assert all(line.startswith(progress) for line in lines[:-1]), output.err
    assert all(text in lines[-1] for text in said), output.err
    assert sorted(path.name for path in place.iterdir()) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_no_gpu_is_said(patterns, tmp_path, capsys):
    words = pretrain(patterns, tmp_path / "new", "--steps", 1, "--device", "cuda")
    assert main([str(word) for word in words]) == 2
    assert "device 'cuda': torch finds 0 CUDA GPUs here; use --device cpu" in capsys.readouterr().err


def test_a_diverging_run_is_code_1(patterns, tmp_path, capsys):
    words = pretrain(
        patterns, tmp_path / "run", "--steps", 40, "--lr", 1e30, "--clip-grad", 0, "--workers", 0
    )
    assert main([str(word) for word in words]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: loss ")
    assert all(text in last for text in ("at step ", "learning rate ", "lower --lr"))


def test_help_needs_no_torch():
    code = "import sys; from trainer.cli import main; main(['--help']); sys.exit('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "transfer probe" in done.stdout
