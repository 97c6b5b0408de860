"""The recipes as they lie in examples/recipes, and the commands around a run, at tiny sizes."""

import json
import shutil
from pathlib import Path

import pytest

from patterngen.common.config import load_config
from tests.drawn import draw
from tests.shallow import SHALLOW
from trainer import PretrainConfig
from trainer.cli import main
from trainer.pretraining.plan import plan

RECIPES = sorted((Path(__file__).parents[2] / "examples" / "recipes").glob("vit-*.yaml"))
TINY = {
    "--model": SHALLOW,
    "--image-size": "32",
    "--decoder-dim": "16",
    "--decoder-depth": "1",
    "--decoder-heads": "4",
    "--batch-size": "4",
    "--workers": "0",
    "--log-every": "1",
}
SHORT = {
    "vit-base-paper": {"--epochs": "1", "--warmup-epochs": "0.5"},
    "vit-base-one-gpu": {"--epochs": "2", "--warmup-epochs": "1", "--no-compile": None},
    "vit-tiny-two-cores": {"--steps": "3"},
}


@pytest.fixture(scope="module")
def patterns(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patterns") / "set"
    return draw(folder, count=24, size=40, seed=1, samples_per_shard=12)


def run(capsys, *words):
    code = main([str(word) for word in words])
    output = capsys.readouterr()
    assert code == 0, output.err
    return output.out


def flags(settings):
    return [word for pair in settings.items() for word in pair if word is not None]


def recipe(name):
    return next(path for path in RECIPES if path.stem == name)


def test_every_recipe_is_run_here():
    assert [path.stem for path in RECIPES] == sorted(SHORT)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_with_flags_that_make_it_small(path, patterns, tmp_path, capsys):
    out = tmp_path / "run"
    small = flags(TINY | SHORT[path.stem])
    run(capsys, "pretrain", "--config", path, "--data", patterns, "--out", out, *small)
    [found] = json.loads(run(capsys, "show", out, "--json"))
    assert (found["state"], found["step"]) == ("finished", found["steps"])
    own, asked = load_config(out / "config.yaml", PretrainConfig), load_config(path, PretrainConfig)
    changed = {
        flag.removeprefix("--no-").removeprefix("--").replace("-", "_") for flag in small if flag[:2] == "--"
    }
    assert own.mirrors == asked.mirrors  # written down as it took effect
    for name in PretrainConfig.__dataclass_fields__:
        assert name in changed | {"data", "out", "mirror"} or getattr(own, name) == getattr(asked, name), name


def test_the_papers_recipe_is_the_papers():
    paper = load_config(recipe("vit-base-paper"), PretrainConfig)
    pictures = 1_281_167  # of ImageNet-1k
    found = plan(paper, pictures=pictures, ranks=8)
    assert (found.batch, found.lr) == (4096, pytest.approx(1.5e-4 * 4096 / 256))
    assert found.steps == pytest.approx(800 * pictures / 4096, abs=1)
    assert found.warmup == pytest.approx(found.steps * 40 / 800, rel=1e-4)
    assert (paper.model, paper.patch_size, paper.image_size, paper.mask_ratio) == ("vit_base", 16, 224, 0.75)
    assert (paper.decoder_dim, paper.decoder_depth, paper.decoder_heads) == (512, 8, 16)
    assert (paper.norm_pix, paper.weight_decay, paper.augment) == (True, 0.05, "mae")


def test_a_run_is_estimated_made_and_shown(patterns, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("trainer.pretraining.measure._SIDE", {"cpu": 256})
    given = ["--data", patterns, *flags(TINY), "--steps", 2]
    estimated = json.loads(run(capsys, "estimate", *given, "--measured-steps", 1, "--json"))
    assert estimated["images"] == 8
    assert "GFLOP/s" in run(capsys, "estimate", *given, "--measured-steps", 1)
    assert not (tmp_path / "run").exists()
    run(capsys, "pretrain", *given, "--out", tmp_path / "run")
    shown = run(capsys, "show", tmp_path / "run", tmp_path / "run")
    assert shown.count("finished: 2 steps") == 2


def test_a_sweep_is_resumed_and_laid_out(patterns, tmp_path, capsys):
    words = ["sweep", "--config", recipe("vit-tiny-two-cores"), "--data", patterns]
    words += ["--out", tmp_path / "grid"]
    words += [*flags(TINY | {"--steps": "1"}), "--over", "mask_ratio=0.5,0.75", "--over", "patch-size=8,16"]
    assert run(capsys, *words).count("finished") == 4
    shutil.rmtree(tmp_path / "grid" / "mask_ratio=0.5,patch_size=16")
    assert run(capsys, *words).count("finished") == 4
    assert "4 are done" in (tmp_path / "grid" / "report.md").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "/nowhere"], "/nowhere: no such folder"),
        (["show", "/"], "is no run of `trainer pretrain`"),
        (["estimate", "--data", "/nowhere", "--steps", "1"], "no such folder"),
        (["sweep", "--data", "x", "--out", "y", "--steps", "1"], "needs --over"),
        (["study", "/nowhere.yaml", "--out", "y"], "/nowhere.yaml: No such file"),
        (["pretrain", "--data", "x", "--out", "y", "--steps", "1", "--no-compil"], "did you mean"),
    ],
)
def test_mistakes_are_one_line(words, said, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
