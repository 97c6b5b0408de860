"""What a run learns from, in every version of the dataset format: from folders, or drawn as one goes."""

import dataclasses
import json
import shutil
from itertools import islice
from pathlib import Path

import pytest

import patterngen
from patterngen import DatasetSpec, PatternGenError
from tests.shallow import shallow_settings
from trainer.cli import main
from trainer.data.contract import Reader
from trainer.data.sources import open_sources
from trainer.pretraining.pretrain import pretrain
from trainer.training.metrics_log import read_metrics

DATA = Path(patterngen.__file__).parent.parent / "tests/patterngen/data"


@pytest.fixture
def plain(monkeypatch):
    """Runs leave no plots, which take longer than these runs learn."""
    monkeypatch.setattr("trainer.pretraining.run_figures.RunFigures.draw", lambda *_: [])


def test_a_folder_of_format_1_is_learned_from(plain, tmp_path):
    pretrain(shallow_settings(DATA / "format-1", tmp_path / "run", steps=2))
    assert [row["step"] for row in read_metrics(tmp_path / "run")] == [1, 2]


def test_folders_of_several_versions_are_a_mixture():
    source = open_sources(tuple(str(DATA / f"format-{n}") for n in (1, 2)), size=(16, 16), seed=1)
    samples = islice(source.samples(Reader(0, 1), 0), 24)
    assert len({(Path(sample.place).parent.name, sample.key) for sample in samples}) > 12


@pytest.mark.parametrize("version", [1, 2])
def test_a_job_file_of_any_version_is_drawn_as_its_shards_are(version):
    source = open_sources((), (str(DATA / f"format-{version}/job.yaml"),), size=(16, 16), seed=1)
    assert source.identity == patterngen.DatasetFolder.open(str(DATA / f"format-{version}")).job_hash[:16]


def test_a_newer_folder_is_refused_in_one_line(tmp_path, capsys):
    folder = Path(shutil.copytree(DATA / "format-2", tmp_path / "later"))
    for path in folder.glob("*_stats.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 3}))
    assert main(["pretrain", "--data", str(folder), "--steps", "2", "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), f"{folder} is of dataset format 3" in error) == (1, True)
    job = folder / "job.yaml"
    job.write_text(job.read_text().replace("format_version: 2", "format_version: 3"))
    with pytest.raises(PatternGenError, match="is of dataset format 3"):
        open_sources((), (str(job),), size=(16, 16), seed=1)


def test_a_run_that_draws_goes_on_in_the_format_that_it_was_begun_in(plain, tmp_path, monkeypatch):
    asked = shallow_settings(None, tmp_path / "run", draw=("dead-leaves-mixed",), steps=2)
    with monkeypatch.context() as before:  # there was a second format
        before.setattr(DatasetSpec, "version", property(lambda spec: 1))
        before.setattr(DatasetSpec, "versions", property(lambda spec: (spec,)))
        pretrain(dataclasses.replace(asked, stop_at=1))
    pretrain(asked)
    assert [row["step"] for row in read_metrics(tmp_path / "run")] == [1, 2]
    spec = DatasetSpec(family=asked.draw, count=1, size=16, format_version=1)
    assert json.loads((tmp_path / "run/environment.json").read_text())["dataset"] == spec.job_hash[:16]


def test_drawing_begins_in_the_newest_format_and_goes_on_in_another_only_if_it_was_begun_so(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("family: [dead-leaves-mixed]\nout: x\ncount: 9\nsize: 16\nseed: 1\n")
    for draw in (str(mine), "dead-leaves-mixed"):
        new = open_sources((), (draw,), size=(16, 16), seed=1)
        first, second = (dataclasses.replace(new.spec, format_version=version) for version in (1, 2))
        assert new.spec == second
        for spec in (first, second):
            assert open_sources((), (draw,), size=(16, 16), seed=1, begun=spec.job_hash[:16]).spec == spec
        assert open_sources((), (draw,), size=(16, 16), seed=1, begun="another").spec == second
