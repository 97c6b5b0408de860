"""Files, folders, classes and encoders whose names are not UTF-8, through commands of both programs."""

import json
import os
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile

from patterngen.cli import main as patterngen
from trainer.cli import main as trainer

BYTES, WRITTEN = os.fsdecode(b"\xe9"), "\\udce9"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sound_encoder_folder):
    """Two classes of four clips in two splits, and an encoder: a class, a clip of each and more in bytes."""
    folder = tmp_path_factory.mktemp("names") / BYTES
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for label in ("dog", BYTES):
            (folder / "clips" / split / label).mkdir(parents=True)
            for clip in ("a", "b", "c", BYTES):
                path = folder / "clips" / split / label / f"{clip}.wav"
                soundfile.write(os.fsencode(path), 0.1 * rng.standard_normal(1600), 16_000)
    shutil.copytree(sound_encoder_folder, folder / f"sound{BYTES}")
    return folder


@pytest.fixture
def run(folder, capsys):
    """Run a command in which {} stands for the folder; return what it printed."""

    def call(main, command):
        code = main([word.replace("{}", str(folder)) for word in command.split()])
        told = capsys.readouterr()
        assert code == 0, told.err
        assert told.out.encode().decode() == told.out
        return told.out

    return call


def test_a_task_is_counted_and_scored(run, folder):
    report = json.loads(run(trainer, "tasks check folder --root {}/clips --json"))
    assert (report["clips"], report["classes"], report["usable"]) == (16, 2, True)
    assert WRITTEN in report["root"]
    probe = "transfer probe --task folder --root {}/clips --seeds 1 --device cpu"
    run(trainer, f"{probe} --run {{}}/sound{BYTES} --out {{}}/scores")
    with (folder / "scores" / "results.parquet").open("rb") as file:
        assert f"sound{WRITTEN}" in pq.read_table(file)["encoder"].to_pylist()
    assert f"sound{WRITTEN}" in run(trainer, "results {}/scores --format csv")


def test_clips_are_embedded_by_names_that_can_be_written(run, folder):
    run(trainer, f"embed {{}}/clips --run {{}}/sound{BYTES} --out {{}}/vectors.parquet --device cpu")
    with (folder / "vectors.parquet").open("rb") as file:
        names = pq.read_table(file)["file_name"].to_pylist()
    assert f"train/{WRITTEN}/{WRITTEN}.wav" in names
    assert len(set(names)) == 16


def test_recordings_are_packed_measured_and_shown(run):
    run(trainer, "spectrograms --task folder --root {}/clips --out {}/set --frames 16")
    assert "recordings:folder" in run(patterngen, "stats {}/set --plot {}/tv.png")
    run(patterngen, "browse {}/set --out {}/page.html")
