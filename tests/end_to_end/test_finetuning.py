"""Fine-tuning as a user runs it: recipes on miniatures of their sets, stopping and going on."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import torch
import yaml
from PIL import Image
from safetensors.torch import load_file

from patterngen.common.config import load_config
from tests.shallow import SHALLOW
from trainer import FinetuneConfig
from trainer.cli import main
from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.exported import export_encoder
from trainer.transfer.finetune.training import Finetuning

RECIPES = sorted((Path(__file__).parents[2] / "examples" / "recipes").glob("finetune-*.yaml"))
RATE = 16_000


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    """Two untrained encoders of pictures."""
    folder = tmp_path_factory.mktemp("encoders")
    config = EncoderConfig(
        model=SHALLOW, input_size=(80, 64), patch_size=(16, 16), channels=1, mean=0.5, std=0.25
    )
    for seed, name in enumerate(("smooth", "rough")):
        torch.manual_seed(seed)
        export_encoder(folder / name, config, new_encoder(config).state_dict())
    return folder


def tone(path, label, seconds=0.3):
    """Write a tone whose pitch is its label's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * RATE))
    noise = np.random.default_rng(len(path.name)).standard_normal(len(times))
    pitch = 0.03 * (1 + sum(map(ord, label)) % 7)
    soundfile.write(path, 0.3 * np.sin(pitch * times) + 0.01 * noise, RATE)


# Miniatures in the layouts of their publication ---------------------------------------------------------


def small(root):
    rows = ["file_name,label,fold"]
    for i in range(8):
        tone(root / f"{i}.wav", "ab"[i % 2])
        rows.append(f"{i}.wav,{'ab'[i % 2]},{i // 4 + 1}")
    (root / "metadata.csv").write_text("\n".join(rows))


def esc50(root):
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    for fold in range(1, 6):
        for target, name in enumerate(("dog", "rain")):
            tone(root / "audio" / f"{fold}-1000{target}-A-{target}.wav", name)
            rows.append(f"{fold}-1000{target}-A-{target}.wav,{fold},{target},{name},True,1000{target},A")
    (root / "meta").mkdir()
    (root / "meta" / "esc50.csv").write_text("\n".join(rows) + "\n")


def as20k(root):
    for part in ("balanced_train_segments", "eval_segments"):
        rows = ["# made", "# num_ytids=4", "# YTID, start_seconds, end_seconds, positive_labels"]
        for i in range(4):
            labels = ["/m/0bt9lr", "/m/09x0r"][i % 2 :]
            tone(root / part / f"{part[:4]}aaaaaa{i}.wav", labels[0])
            rows.append(f'{part[:4]}aaaaaa{i}, 0.000, 10.000, "{",".join(labels)}"')
        (root / f"{part}.csv").write_text("\n".join(rows) + "\n")


def spcv2(root):
    lists = {"valid": [], "test": [], "train": []}
    for word in ("yes", "no"):
        for speaker, part in (("0a", "train"), ("0b", "train"), ("1a", "valid"), ("2a", "test")):
            tone(root / word / f"{speaker}_nohash_0.wav", word)
            lists[part].append(f"{word}/{speaker}_nohash_0.wav")
    (root / "validation_list.txt").write_text("\n".join(lists["valid"]) + "\n")
    (root / "testing_list.txt").write_text("\n".join(lists["test"]) + "\n")


def vc1(root):
    rows = []
    for speaker in ("id10001", "id10002"):
        for part, video in enumerate(("aaa", "bbb", "ccc"), start=1):
            tone(root / "wav" / speaker / video / "00001.wav", speaker)
            rows.append(f"{part} {speaker}/{video}/00001.wav")
    (root / "iden_split.txt").write_text("\n".join(rows) + "\n")


MINIATURES = {"small": small, "esc50": esc50, "as20k": as20k, "spcv2": spcv2, "vc1": vc1}


def run(*words):
    return main(["transfer", "finetune", *map(str, words), "--cache", "none"])


def outputs(out):
    """Return the logits of every evaluation, by file."""
    files = sorted((out / "finetune").glob("*/*.safetensors"))
    return {str(file.relative_to(out)): load_file(file)["outputs"] for file in files}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_every_recipe_is_run_here():
    assert [path.stem for path in RECIPES] == sorted(f"finetune-{name}" for name in MINIATURES)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_on_a_miniature_of_its_set(path, encoders, tmp_path, capsys):
    config = load_config(path, FinetuneConfig)
    root, out = tmp_path / "set", tmp_path / "out"
    root.mkdir()
    MINIATURES[path.stem.removeprefix("finetune-")](root)
    given = ("--root", root, "--run", f"mine={encoders / 'smooth'}", "--out", out)
    assert run("--config", path, *given, "--epochs", 2, "--seeds", 1) == 0, capsys.readouterr().err
    rows = pq.read_table(out / "results.parquet").to_pylist()
    assert {row["encoder"] for row in rows} == {"scratch", "mine"}
    assert {row["protocol"] for row in rows} == {f"finetune ({config.selection})"}
    assert {row["metric"] for row in rows} == {"mAP" if config.task == "as20k" else "accuracy"}
    settings = json.loads(rows[0]["settings"])
    asked = yaml.safe_load(path.read_text())
    assert all(settings[name] == asked[name] for name in settings.keys() & asked.keys() - {"epochs"})
    for encoder in ("scratch", "mine"):
        for name in ("confusion.png", "mistakes.html"):
            assert (out / "finetune" / encoder / name).stat().st_size > 0
        with Image.open(out / "finetune" / encoder / "confusion.png") as picture:
            assert min(picture.size) > 150


# Stopping and going on ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    root = tmp_path_factory.mktemp("clips")
    small(root)
    return root


@pytest.fixture
def command(clips, encoders):
    """The words of a command but for its --out, with all that draws at random turned on."""
    return (
        *("--task", "csv", "--root", clips, "--run", encoders / "smooth", "--epochs", 2, "--batch-size", 2),
        *("--mixup", 0.3, "--time-mask", 0.2, "--freq-mask", 0.2, "--patch-mask", 0.3, "--drop-path", 0.2),
        *("--crop-time", 0.6, 1.5, "--crop-freq", 0.8, 1.0, "--ema", 0.9, "--balance", 1),
    )


def test_an_interrupted_command_goes_on_to_the_same_bits(command, tmp_path, capsys, monkeypatch):
    assert run(*command, "--out", tmp_path / "whole") == 0
    expected = outputs(tmp_path / "whole")
    assert len(expected) == 4
    taken = []
    step = Finetuning.take_step

    def interrupted(self):
        if len(taken) in (2, 7, 11):  # in the first evaluation, in the second, and in the third
            taken.append("Ctrl-C")
            raise KeyboardInterrupt
        taken.append("step")
        return step(self)

    monkeypatch.setattr(Finetuning, "take_step", interrupted)
    out = tmp_path / "parts"
    for _ in range(3):
        assert run(*command, "--out", out) == 130
        assert len(list((out / "finetune").glob("*/*.state.pt"))) == 1
    assert run(*command, "--out", out) == 0
    assert taken.count("step") == 4 * 2 * 2  # no step was taken twice
    assert same(outputs(out), expected)
    assert not list(out.rglob("*.state.pt"))
    capsys.readouterr()
    assert run(*command, "--out", out) == 0  # and now there is nothing left to do
    assert taken.count("step") == 16
    rows = pq.read_table(out / "results.parquet").to_pylist()
    assert sorted((row["encoder"], row["fold"]) for row in rows) == sorted(
        (encoder, fold) for encoder in ("scratch", "smooth") for fold in ("fold 1", "fold 2")
    )


def test_more_seeds_folds_and_encoders_are_added_to_what_is_there(clips, encoders, tmp_path, monkeypatch):
    words = ("--task", "csv", "--root", clips, "--epochs", 1, "--out", tmp_path, "--run", encoders / "smooth")
    trained = []
    step = Finetuning.take_step
    monkeypatch.setattr(Finetuning, "take_step", lambda self: trained.append(self.seed) or step(self))
    assert run(*words, "--fold", 1) == 0
    assert trained == [0, 0]
    assert run(*words, "--fold", 1, "--seeds", 2) == 0
    assert trained == [0, 0, 1, 1]
    assert run(*words, "--fold", 1, "--run", encoders / "rough") == 0
    assert trained == [0, 0, 1, 1, 0]


# What it refuses ----------------------------------------------------------------------------------------


def refused(capsys, *words):
    capsys.readouterr()
    assert run(*words) == 2
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    return line


def test_a_folder_of_other_settings_clips_or_encoders_is_refused(clips, encoders, tmp_path, capsys):
    out = tmp_path / "out"
    shared = ("--task", "csv", "--fold", 1, "--epochs", 1, "--out", out)
    assert run(*shared, "--root", clips, "--run", f"mine={encoders / 'smooth'}") == 0
    given = ("--root", clips, "--run", f"mine={encoders / 'smooth'}")
    line = refused(capsys, *shared, *given, "--mixup", 0.3, "--lr", 0.1)
    assert "other settings (lr: 0.0005 → 0.1; mixup: 0.0 → 0.3): choose another --out" in line
    line = refused(capsys, *shared, "--root", clips, "--run", f"mine={encoders / 'rough'}")
    assert "another encoder of the name mine" in line
    small(tmp_path)
    tone(tmp_path / "3.wav", "b", seconds=0.4)
    line = refused(capsys, *shared, "--root", tmp_path, "--run", f"mine={encoders / 'smooth'}")
    assert "on other clips, labels or splits" in line


@pytest.mark.parametrize("kind", ["safetensors", "state.pt"])
def test_a_damaged_file_is_named(clips, encoders, tmp_path, capsys, kind):
    words = ("--task", "csv", "--root", clips, "--run", encoders / "smooth", "--fold", 1, "--epochs", 1)
    assert run(*words, "--out", tmp_path) == 0
    done = tmp_path / "finetune" / "smooth" / "fold-1.seed-0.safetensors"
    if kind == "state.pt":
        done.unlink()
    damaged = done.with_name(f"fold-1.seed-0.{kind}")
    damaged.write_bytes(b"damaged")
    line = refused(capsys, *words, "--out", tmp_path)
    assert str(damaged) in line
    assert "remove it" in line or "not loaded" in line


def test_a_pickle_in_place_of_a_state_is_not_loaded(clips, encoders, tmp_path, capsys):
    words = ("--task", "csv", "--root", clips, "--run", encoders / "smooth", "--fold", 1, "--epochs", 1)
    assert run(*words, "--out", tmp_path) == 0
    done = tmp_path / "finetune" / "smooth" / "fold-1.seed-0.safetensors"
    done.unlink()
    torch.save({"encoder_sha256": Path("/")}, done.with_name("fold-1.seed-0.state.pt"))
    assert "holds pickled objects" in refused(capsys, *words, "--out", tmp_path)


def test_best_on_test_is_called_so_and_warned_of(clips, encoders, tmp_path, capsys):
    words = ("--task", "csv", "--root", clips, "--run", encoders / "smooth", "--fold", 1, "--epochs", 1)
    assert run(*words, "--out", tmp_path, "--selection", "best-on-test") == 0
    printed = capsys.readouterr()
    assert "warning: --selection best-on-test lets the test clips choose" in printed.err
    assert "best-on-test" in printed.out
    assert {row["protocol"] for row in pq.read_table(tmp_path / "results.parquet").to_pylist()} == {
        "finetune (best-on-test)"
    }
    assert refused(capsys, *words, "--selection", "best").count("\n") == 0
