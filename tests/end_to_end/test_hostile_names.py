"""Names that mean harm to whoever prints them: every command of both programs shows them, and obeys none.

Stdout and stderr know ASCII alone here, so that each command is also one whose output has no UTF-8.
"""

import contextlib
import io
import json
import shutil

import numpy as np
import pytest
import soundfile

from patterngen.cli import main as patterngen
from patterngen.escape import as_text, visible
from trainer.cli import main as trainer

NAME = "[b]c [red] :smile: é\x1b[31m\n\u202e\udce9"
"""Markup and an emoji of rich, a colour, a line break, what turns text around, a byte that is no UTF-8."""
SHOWN = visible(NAME).replace("é", r"\xe9")
TAG = "[/red]"
"""A folder and a file in it, for rich the end of what was never begun."""


def call(main, *words):
    """Run a command; return its exit code and what it wrote to stdout and stderr."""
    files = [io.TextIOWrapper(io.BytesIO(), "ascii", "strict") for _ in range(2)]
    with contextlib.redirect_stdout(files[0]), contextlib.redirect_stderr(files[1]):
        code = main([str(word) for word in words])
        for file in files:
            file.flush()
    out, err = (file.buffer.getvalue().decode("ascii") for file in files)
    assert (out + err).replace("\n", "").isprintable()
    return code, out, err


def joined(text):
    """Put together what a table has broken up."""
    return "".join(text.replace("|", "").split())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A dataset, a run on it, and clips, all called so."""
    folder = tmp_path_factory.mktemp("home") / TAG / NAME
    folder.mkdir(parents=True)
    render = ("render", "perlin", "--count", 4, "--size", 16, "--out", folder / "set")
    assert call(patterngen, *render)[0] == 0
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for label in (f"{NAME}1", f"{NAME}2"):
            (folder / f"clips{NAME}" / part / label).mkdir(parents=True)
            for i in range(2):
                wave = io.BytesIO()
                soundfile.write(wave, rng.normal(0, 0.1, 4000), 16_000, format="WAV")
                (folder / f"clips{NAME}" / part / label / f"{i}{NAME}.wav").write_bytes(wave.getvalue())
    (folder / "programs").mkdir()
    (folder / "programs" / f"{NAME}.glsl").write_text(
        "vec3 pattern(vec2 p, float t, vec4 r) { return [/red]; }"
    )
    return folder


@pytest.fixture(scope="module")
def run(home):
    """A run of one step."""
    words = ("--data", home / "set", "--image-size", 16, "--patch-size", 8, "--batch-size", 4, "--steps", 1)
    words = (*words, "--workers", 0, "--show-every", 0, "--out", home / NAME)
    assert call(trainer, "pretrain", *words)[0] == 0
    return home / NAME


@pytest.mark.parametrize(
    "words",
    [
        ("status", "{home}/set"),
        ("stats", "{home}/set", "--plot", "{home}/tv.png"),
        ("filter", "{home}/set", "--tv-max", "9"),
        ("filter", "{home}/set", "--tv-max", "9", "--repack", "{home}/packed"),
        ("browse", "{home}/set", "--out", "{home}/page.html"),
        ("publish", "{home}/set"),
        ("preview", "perlin", "--size", "16", "--count", "1", "--out", "{home}/sheet.png"),
        ("show", "perlin", "--seed", "1", "--size", "16", "--out", "{home}/one.png"),
        ("render", "--config", "{home}/set/job.yaml", "--dry-run"),
        ("shaders", "new", "--out", "{home}/written"),
    ],
)
def test_a_command_that_names_a_folder_or_file(home, words):
    code, out, _ = call(patterngen, *(word.format(home=home) for word in words))
    assert code == 0
    assert joined(SHOWN) in joined(out)
    assert TAG in joined(out)


@pytest.mark.parametrize(
    "words",
    [
        (NAME,),
        ("list", NAME),
        ("render", f"--{NAME}"),
        ("render", "--config", NAME),
        ("render", NAME, "--count", "1", "--out", "nowhere"),
        ("render", "perlin", "--count", NAME, "--out", "nowhere"),
        ("status", NAME),
        ("stats", NAME),
        ("verify", NAME),
        ("filter", NAME, "--tv-max", "1"),
        ("browse", NAME, "--out", "nowhere.html"),
        ("publish", NAME),
        ("doctor", "--device", NAME),
        ("shaders", "check", NAME),
        ("preview", NAME, "--out", "nowhere.png"),
    ],
)
def test_a_mistake_that_is_called_so(words):
    code, out, err = call(patterngen, *words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "[b]c [red] " in err


@pytest.mark.parametrize(
    "words",
    [
        ("show", NAME),
        ("results", NAME),
        ("tasks", "check", "folder", "--root", NAME),
        ("export", "--run", NAME, "--out", "nowhere"),
        ("embed", NAME, "--run", NAME, "--out", "nowhere.parquet"),
        ("map", "--task", "folder", "--root", "nowhere", "--run", NAME, "--out", "map.png"),
        ("import", NAME, "--out", "nowhere"),
        ("sound", "--audio", NAME),
        ("pretrain", "--data", NAME, "--steps", "1", "--out", "nowhere"),
        ("transfer", "probe", "--task", "folder", "--root", NAME),
    ],
)
def test_a_mistake_of_the_trainer_that_is_called_so(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(trainer, *words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert SHOWN in err


def test_programs_that_a_driver_refuses(home):
    code, out, _ = call(patterngen, "shaders", "check", home / "programs")
    assert code == 1
    assert joined(f"{SHOWN}.glsl") in joined(out)
    code, out, _ = call(patterngen, "shaders", "check", home / "programs", "--json")
    assert json.loads(out)[0]["name"] == as_text(f"{NAME}.glsl")


def test_a_damaged_dataset(home, tmp_path):
    shutil.copytree(home / "set", tmp_path / NAME)
    (tmp_path / NAME / "train-000000.tar").write_bytes(b"")
    code, _, err = call(patterngen, "verify", tmp_path / NAME)
    assert code == 1
    assert SHOWN in err


def test_json_of_a_dataset(home):
    code, out, _ = call(patterngen, "stats", home / "set", "--json")
    assert code == 0
    assert json.loads(out)["path"] == as_text(str(home / "set"))


def test_a_run(home, run):
    code, out, _ = call(trainer, "show", run)
    assert code == 0
    assert joined(SHOWN) in joined(out)
    code, out, _ = call(trainer, "show", run, "--json")
    assert json.loads(out)[0]["run"] == as_text(str(run))


def test_clips_and_classes(home):
    code, out, _ = call(trainer, "tasks", "check", "folder", "--root", home / f"clips{NAME}")
    assert (code, out.splitlines()[-1]) == (0, "usable")
    assert f"{SHOWN}/clips{SHOWN}" in out.splitlines()[0]


def test_from_clips_to_a_table_of_results(home, run):
    out = home / "scores"
    words = ("--run", f"{NAME}={run}", "--task", "folder", "--root", home / f"clips{NAME}", "--out", out)
    code, told, err = call(trainer, "transfer", "probe", *words, "--cache", "none")
    assert code == 0
    assert joined(SHOWN) in joined(told)
    assert SHOWN in err
    for form in ("table", "markdown", "latex", "csv"):
        assert call(trainer, "results", out, "--format", form)[0] == 0
    code, told, _ = call(trainer, "results", out, "--format", "csv", "--out", home / "table.csv")
    assert (code, told.count("\n")) == (0, 1)
    assert told.endswith(f"{SHOWN}/table.csv\n")
