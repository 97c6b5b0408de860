"""What newcomers have at hand where a page begins: sounds, programs, and what other pages have made."""

import argparse
import re
import shutil
from itertools import product
from pathlib import Path

import pytest
import soundfile
import torch
from published.mae_reference import PlainMAE

import trainer.cli
from tests.drawn import draw
from tests.end_to_end.pages.reading import SMALL_MODEL, Step
from tests.recordings import write_hums_and_hisses
from tests.shallow import SHALLOW
from tests.test_documents import ROOT

PROGRAMS = {
    "ramp.glsl": "fract(p / iResolution.xy + iTime), 0.5, 1.0",
    "waves/rings.frag": "vec3(0.5 + 0.5 * sin(0.3 * length(p - 0.5 * iResolution.xy))), 1.0",
    "squares.glsl": "vec3(0.3 + 0.4 * mod(floor(p.x / 2.0) + floor(p.y / 2.0), 2.0)), 1.0",
}
"""Shader programs: what each gives a pixel `p`; the last is rough."""


def write_sounds(home: Path) -> None:
    """Write recordings in the layouts that pages name: tables, folders of classes, published data sets."""
    tables = ("my-clips", "ESC-50", "data/ESC-50", "recordings", "field-recordings")
    first = write_hums_and_hisses(home / tables[0], 16)
    for name in tables[1:]:
        shutil.copytree(first, home / name)
    shutil.copytree(first, home / "ESC-50/audio", ignore=shutil.ignore_patterns("*.csv"))
    sound, rate = soundfile.read(first / "0.wav")
    for digit, speaker, take in product("01", ("george", "jackson"), range(2)):
        place = home / f"fsdd/recordings/{digit}_{speaker}_{take}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(place, sound * (1 - 0.1 * take - 0.2 * int(digit)), rate)
    for name, label in product(("sounds", "clips"), ("dog", "cat")):
        (home / name / label).mkdir(parents=True)
        for number in range(5):
            file = first / f"{2 * number + (label == 'cat')}.wav"
            shutil.copyfile(file, home / name / label / f"{number}.wav")
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for fold, (number, label) in product(range(1, 11), enumerate(("drilling", "siren"))):
        name = f"{100 + 10 * fold + number}-{number}-0-0.wav"
        (home / f"UrbanSound8K/audio/fold{fold}").mkdir(parents=True, exist_ok=True)
        sound, rate = soundfile.read(first / f"{number}.wav")
        soundfile.write(home / f"UrbanSound8K/audio/fold{fold}/{name}", sound / fold, rate)
        rows.append(f"{name},{100 + 10 * fold + number},0.0,0.2,1,{fold},{number},{label}")
    (home / "UrbanSound8K/metadata").mkdir()
    (home / "UrbanSound8K/metadata/UrbanSound8K.csv").write_text("\n".join(rows) + "\n")
    shutil.copyfile(first / "0.wav", home / "clip.wav")


def write_programs(home: Path) -> None:
    """Write shader programs of one's own."""
    for name, colour in PROGRAMS.items():
        (home / "my-shaders" / name).parent.mkdir(parents=True, exist_ok=True)
        program = f"void mainImage(out vec4 c, in vec2 p) {{ c = vec4({colour}); }}"
        (home / "my-shaders" / name).write_text(program)


def call(*words: object) -> None:
    """Run a command of `trainer`."""
    assert trainer.cli.main([*map(str, words)]) == 0


def _pretrained(home: Path, name: str) -> None:
    data = home / "data/smooth"
    size = ("--model", SHALLOW, "--image-size", 32, "--channels", 1, "--batch-size", 4, "--steps", 2)
    call("pretrain", "--data", data, "--out", home / name, *size, *SMALL_MODEL.split())


def _dataset(home: Path, name: str) -> None:
    families = ("perlin", "dead-leaves-mixed", "smooth:perlin?tv=0.02")
    draw(home / name, *families, count=24, size=40, samples_per_shard=12)


def _published(home: Path, name: str) -> None:
    model = PlainMAE("vit_tiny", size=32, patch=16, decoder_dim=16, decoder_depth=1, decoder_heads=4)
    torch.save({"model": model.state_dict(), "args": argparse.Namespace(epochs=800)}, home / name)


def _exported(home: Path, name: str) -> None:
    call("export", "--run", home / "runs/smooth", "--clips", home / "recordings", "--out", home / name)


MADE = {
    "data/mixed": _dataset,
    "data/smooth": _dataset,
    "runs/smooth": _pretrained,
    "runs/rough": _pretrained,
    "encoders/smooth": _exported,
    "mae.pth": _published,
}
"""What pages take for granted because another page has made it, or somebody else."""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Make a folder with sounds, programs and all of `MADE`, once for all pages."""
    home = tmp_path_factory.mktemp("made")
    write_sounds(home)
    write_programs(home)
    for name, make in MADE.items():
        (home / name).parent.mkdir(exist_ok=True)
        make(home, name)
    return home


def lacking(steps: list[Step]) -> set[str]:
    """Return which of `MADE` the steps of a page use before they make it."""
    there: set[str] = set()
    found: set[str] = set()
    for step in steps:
        text = step.code or " ".join(step.words)
        begun = {name for name in MADE if re.search(rf"--(out|repack) {name}\b", text)}
        found |= {name for name in MADE if name in text} - there - begun
        there |= begun
    return found


@pytest.fixture
def desk(made, tmp_path, monkeypatch):
    """Return what makes a newcomer's folder for the steps of a page, with all that they take for granted."""

    def prepared(steps: list[Step]) -> Path:
        left_out = {made / name for name in MADE.keys() - lacking(steps)}

        def ignored(folder: str, names: list[str]) -> list[str]:
            return [name for name in names if Path(folder, name) in left_out]

        shutil.copytree(made, tmp_path, ignore=ignored, dirs_exist_ok=True)
        (tmp_path / "examples").symlink_to(ROOT / "examples")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return prepared
