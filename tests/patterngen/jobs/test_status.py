"""How far a folder has come, and what a job will cost."""

import json
import os
import socket

import pytest

from patterngen.cli import main
from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.jobs.estimate import LEAST, EstimateConfig, estimate
from patterngen.jobs.failures import remember
from patterngen.jobs.spec import DatasetSpec
from patterngen.jobs.status import StatusConfig, status


def test_a_finished_folder_lacks_nothing(folder):
    result = status(StatusConfig(dir=str(folder)))
    assert result.plan.missing == ()
    assert result.bytes == sum(path.stat().st_size for path in folder.glob("*.tar"))
    assert str(result).startswith(f"{folder}: 25 of 25 pictures (100.0 %), 3 of 3 shards")


def test_what_is_missing_is_counted_and_the_way_on_is_named(folder, capsys):
    (folder / "train-000001_stats.json").unlink()
    (folder / f".train-000001.tar.patterngen-{socket.gethostname()}-{os.getpid()}-abcdef").write_bytes(
        b"half"
    )
    assert main(["status", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "15 of 25 pictures (60.0 %), 2 of 3 shards" in said
    assert "1 shards are being drawn, or were when a run was killed" in said
    command = said.split("to go on: patterngen ")[1].split()
    assert main([*command, "--out", str(folder)]) == 0
    capsys.readouterr()
    assert main(["status", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found | {"seconds": 0, "images_per_second": 0} == {
        "families": ["dead-leaves-mixed", "dead-leaves-squares=0.5"],
        "size": 32,
        "seed": 7,
        "format_version": 2,
        "job_hash": DatasetFolder.open(str(folder)).job_hash,
        "count": 25,
        "images": 25,
        "shards": 3,
        "missing": [],
        "failed": {},
        "bytes": DatasetFolder.open(str(folder)).bytes,
        "seconds": 0,
        "images_per_second": 0,
        "begun": 0,
        "command": None,
    }


def test_errors_are_remembered_until_their_shard_is_whole(folder, capsys):
    (folder / "train-000001_stats.json").unlink()
    remember(folder, {"train-000001": "OSError: the cable", "train-000002": "long ago"})
    assert main(["status", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "1 shards failed:\n  train-000001: OSError: the cable\n" in said
    assert "long ago" not in said  # it is whole
    assert main(["render", "--config", str(folder / "job.yaml"), "--out", str(folder)]) == 0
    assert not list(folder.glob("*_failed.json"))
    assert status(StatusConfig(dir=str(folder))).failed == {}


def test_a_folder_that_was_moved_is_gone_on_with_where_it_is(folder, tmp_path):
    (folder / "train-000001_stats.json").unlink()
    moved = folder.rename(tmp_path / "else where")
    command = status(StatusConfig(dir=str(moved))).command
    assert command == f"patterngen render --config '{moved}/job.yaml' --out '{moved}'"


def test_a_folder_of_something_else_is_named(tmp_path):
    with pytest.raises(PatternGenError, match=r"holds no job\.yaml"):
        status(StatusConfig(dir=str(tmp_path)))


def test_the_estimated_bytes_are_those_of_the_shards(sound_folder):
    families = ("dead-leaves-mixed", "dead-leaves-squares=0.5")
    whole = estimate(DatasetSpec(family=families, count=25, size=32, seed=7))
    archives = 3 * 10240  # what ends each of the three tars is not of a picture
    written = DatasetFolder.open(str(sound_folder)).bytes
    assert whole.measured == 25
    assert written - archives <= whole.total_bytes <= written


def test_more_workers_and_fewer_pictures_take_less_time():
    def hours(**changes):
        return estimate(DatasetSpec(family=("perlin",), count=10**6, size=16), sample=8, **changes)

    one = hours()
    assert one.total_seconds == pytest.approx(10**6 * one.seconds / one.measured)
    two = hours(workers=2)
    assert two.images_per_second == pytest.approx(2 * two.measured / two.seconds)


def test_a_rare_family_is_measured_and_counts_by_its_share():
    rare = DatasetSpec(family=("perlin", "dead-leaves-mixed=0.01"), count=10**6, size=16)
    found = estimate(rare, sample=20)
    assert 20 + LEAST // 2 <= found.measured <= 20 + LEAST  # the first 20 may hold a few
    alone = [
        estimate(DatasetSpec(family=(name,), count=10**6, size=16), sample=20).total_bytes
        for name in ("perlin", "dead-leaves-mixed")
    ]
    assert min(alone) * 0.9 <= found.total_bytes <= max(alone) * 1.1


def test_an_estimate_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["estimate", "perlin", "--count", "100000", "--size", "16", "--sample", "4"]) == 0
    assert "100000 pictures of 16²" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_an_estimate_needs_a_picture():
    with pytest.raises(PatternGenError, match="sample 0"):
        EstimateConfig(family=("perlin",), count=10, sample=0)
