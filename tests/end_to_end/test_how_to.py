"""Every command of the pages for newcomers, found in their text and run in its order at toy size."""

import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import patterngen.cli
import trainer.cli
from tests.command_lines import understood
from tests.recordings import write_hums_and_hisses
from tests.shallow import SHALLOW
from tests.test_documents import blocks

ROOT = Path(__file__).parents[2]
MAIN = {"patterngen": patterngen.cli.main, "trainer": trainer.cli.main}
PAGES = ["docs/index.md", *(f"docs/how-to/{page.name}" for page in sorted(ROOT.glob("docs/how-to/*.md")))]
TOY = {
    "--batch-size": "4",
    "--count": "72",
    "--epochs": "1",
    "--image-size": "32",
    "--model": SHALLOW,
    "--samples-per-shard": "12",
    "--size": "64",
    "--steps": "2",
    "--workers": "1",
}
"""What stands in place of the values of these flags."""
SMALL_MODEL = ["--decoder-dim", "16", "--decoder-depth", "1", "--decoder-heads", "4", "--workers", "0"]
RECIPE = ["--model", SHALLOW, "--batch-size", "4", "--epochs", "1", "--warmup-epochs", "0.5", "--no-compile"]
ELSEWHERE = ("s3://", "hf://")
"""Begins what is at no test's hand; the command is parsed then."""


def commands(page):
    """Return the commands of a page that are ours."""
    lines = "\n".join(blocks(page)).replace("\\\n", " ").splitlines()
    found = [words for line in lines if (words := shlex.split(line, comments=True))]
    return [words for words in found if words[0] in MAIN]


def toy(words, home):
    """Return a command with small numbers in place of large ones."""
    small = [word.replace("~", str(home), 1) if word.startswith("~") else word for word in words]
    for place, word in enumerate(small[1:], 1):
        small[place] = TOY.get(small[place - 1], word)
    if small[1] in ("pretrain", "estimate") and words[0] == "trainer":
        small += SMALL_MODEL
        small += RECIPE if "--config" in small else []
        small += [] if "--image-size" in small else ["--image-size", "32"]
        small += ["--measured-steps", "1"] if small[1] == "estimate" else []
    if small[1:3] == ["transfer", "finetune"]:
        small += ["--epochs", "1", "--seeds", "1"]
    if small[1:3] == ["transfer", "probe"]:
        small += ["--seeds", "1", "--protocol", "knn"]
    if small[:2] == ["patterngen", "estimate"]:
        small += ["--sample", "8"]
    if small[:2] == ["patterngen", "preview"]:
        small += ["--count", "2", "--size", "32"]
    return small


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Stand where a newcomer would, with sounds, shader programs, and a dataset that others have drawn."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    write_hums_and_hisses(tmp_path / "my-clips", 16)
    shutil.copytree(tmp_path / "my-clips", tmp_path / "ESC-50")
    rng = np.random.default_rng(0)
    for name in ("dog", "cat"):
        (tmp_path / "sounds" / name).mkdir(parents=True)
        for number in range(5):
            soundfile.write(tmp_path / f"sounds/{name}/{number}.wav", 0.1 * rng.standard_normal(4000), 16_000)
    (tmp_path / "my-shaders").mkdir()
    program = (
        "void mainImage(out vec4 c, in vec2 p) { c = vec4(fract(p / iResolution.xy + iTime), 0.5, 1.0); }"
    )
    (tmp_path / "my-shaders/ramp.glsl").write_text(program)
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_the_commands_of_a_page_run_in_their_order(page, desk, capsys):
    every = commands(page)
    if any("data/mixed" in words for words in every) and not any("render" in words for words in every):
        drawn = "render perlin --count 24 --size 40 --samples-per-shard 12 --out data/mixed"
        assert MAIN["patterngen"](drawn.split()) == 0
    for words in every:
        if any(word.startswith(ELSEWHERE) for word in words) and "--dry-run" not in words:
            understood(words)
        else:
            program, *arguments = toy(words, desk)
            assert MAIN[program](arguments) == 0, f"{shlex.join(words)}\n{capsys.readouterr().err}"
