"""A job: what makes it itself, what it draws, how it goes on."""

import dataclasses
import hashlib
import itertools
import json
import os
import tarfile
import time
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen import families
from patterngen.config import load_config
from patterngen.dataset import DatasetFolder
from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.executors import Silent
from patterngen.families import Family, Pictures, family, register
from patterngen.jobs.draw import choose, image_seed, render_shard
from patterngen.jobs.job import RenderJob
from patterngen.jobs.mixture import mixture
from patterngen.jobs.plan import plan
from patterngen.jobs.rendering import render
from patterngen.jobs.status import StatusConfig, status
from patterngen.metrics import TV_DEFINITION, total_variation
from patterngen.progress import Progress
from patterngen.verify import VerifyConfig, verify

MASTER = st.integers(0, 2**63 - 1)


def job(out="/nowhere", **changes) -> RenderJob:
    values = {"family": ("dead-leaves-mixed",), "count": 25, "size": 32, "seed": 7, "samples_per_shard": 10}
    return RenderJob(out=str(out), **(values | changes))


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def hashes(folder) -> list[str]:
    return [shard.stats.sha256 for shard in DatasetFolder.open(str(folder)).shards]


@pytest.fixture
def faulty(monkeypatch):
    """A family that raises what the test puts into it."""
    monkeypatch.setattr(families._registry, "_classes", families.families())
    mixture.cache_clear()

    @register
    @dataclasses.dataclass(frozen=True)
    class Faulty(Family):
        """Gray pictures, or trouble."""

        name = "faulty"
        version = 1
        source = "this test"
        num_classes = 5
        trouble = None

        def draw(self, seeds, size):
            if Faulty.trouble:
                raise Faulty.trouble
            pixels = np.stack([np.full((size, size, 3), seed % 256, np.uint8) for seed in seeds])
            return Pictures(
                pixels, [{"gray": seed % 256} for seed in seeds], np.array([s % 5 for s in seeds])
            )

    return Faulty


@given(MASTER, st.integers(0, 10**9))
def test_the_seed_of_a_picture_is_63_bits_and_follows_from_master_and_index(master, index):
    assert 0 <= image_seed(master, index) < 2**63
    assert image_seed(master, index) == image_seed(master, index)


@given(MASTER)
def test_seeds_of_pictures_and_of_masters_differ(master):
    assert len({image_seed(m, i) for i in range(50) for m in (master, (master + 1) % 2**63)}) == 100


def test_kin_share_the_upper_half_of_their_seeds_and_nothing_else(faulty, monkeypatch):
    monkeypatch.setattr(faulty, "kin", 10, raising=False)
    mixed = job(family=("faulty=0.25", "perlin=0.75"), count=400)
    drawn = [choose(mixed, index) for index in range(400)]
    kin = [(index, seed) for index, (choice, seed) in enumerate(drawn) if choice == 0]
    blocks = {index: seed >> 32 for index, seed in kin}
    assert len(set(blocks.values())) == 10  # about ten of a block's forty pictures are of this family
    assert len({seed for _, seed in kin}) == len(kin)
    assert all(blocks[index] == blocks[min(i for i in blocks if i // 40 == index // 40)] for index in blocks)
    assert all(seed == image_seed(7, index) for index, (choice, seed) in enumerate(drawn) if choice == 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"size": 0}, "size 0"),
        ({"size": -3}, "size -3"),
        ({"count": 0}, "count 0"),
        ({"seed": -1}, "seed -1"),
        ({"workers": 0}, "workers 0"),
        ({"samples_per_shard": 0}, "samples-per-shard 0"),
        ({"encode_format": "gif"}, "'gif'"),
        ({"encode_quality": 0}, "quality 0"),
        ({"count": 10**8, "samples_per_shard": 1}, "--samples-per-shard"),
    ],
)
def test_values_out_of_range_are_named(change, named):
    with pytest.raises(PatternGenError, match=named):
        job(**change)


@pytest.mark.parametrize(
    ("asked", "named"),
    [("dead-leaf-mixed", "dead-leaves-mixed"), ("perlin=0", "share '0'"), ("perlin?octave=3", "octave")],
)
def test_families_that_cannot_be_made_are_named_before_anything_is_written(tmp_path, asked, named):
    with pytest.raises(PatternGenError, match=named):
        render(job(tmp_path / "new", family=(asked,)))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"family": ("dead-leaves-squares",)},
        {"family": ("dead-leaves-mixed?radius_min=0.1",)},
        {"size": 33},
        {"seed": 8},
        {"encode_format": "png"},
        {"encode_quality": 94},
        {"samples_per_shard": 11},
    ],
)
def test_what_changes_pixels_or_layout_changes_the_hash(change):
    assert job(**change).job_hash != job().job_hash


@pytest.mark.parametrize(
    "change", [{"workers": 2}, {"out": "/elsewhere"}, {"count": 99}, {"family": ("dead-leaves-mixed=3",)}]
)
def test_nothing_else_changes_the_hash(change):
    assert dataclasses.replace(job(), **change).job_hash == job().job_hash


def test_a_raised_family_version_changes_the_hash(monkeypatch):
    before = job().job_hash
    monkeypatch.setattr(type(family("dead-leaves-mixed")), "version", 99)
    assert job().job_hash != before


def test_every_picture_is_what_its_row_says(sound_folder):
    rows = DatasetFolder.open(str(sound_folder)).manifest().to_pylist()
    assert [row["key"] for row in rows] == [f"{i:09d}" for i in range(25)]
    assert {row["family"] for row in rows} == {"dead-leaves-mixed", "dead-leaves-squares"}
    for i, row in enumerate(rows):
        drawn = family(row["family"]).draw([row["seed"]], row["width"])
        assert row["seed"] == image_seed(7, i)
        assert hashlib.sha256(drawn.pixels[0].tobytes()).hexdigest() == row["sha256"]
        assert total_variation(drawn.pixels).tv[0] == row["tv"]
        assert json.loads(row["params"]) == drawn.params[0]
        with (sound_folder / row["shard"]).open("rb") as tar:
            tar.seek(row["offset"])
            assert tar.read(row["size"]) == encode(drawn.pixels[0], Encoding())


def test_class_ids_are_shifted_by_the_families_before(faulty, tmp_path):
    render(job(tmp_path, family=("dead-leaves-mixed", "faulty"), count=40))
    rows = DatasetFolder.open(str(tmp_path)).manifest(["family", "class_id", "seed"]).to_pylist()
    assert {row["family"] for row in rows} == {"dead-leaves-mixed", "faulty"}
    for row in rows:
        assert row["class_id"] == (1 + row["seed"] % 5 if row["family"] == "faulty" else 0)


def test_families_appear_by_their_shares(faulty, tmp_path):
    render(
        job(
            tmp_path,
            family=("faulty=0.25", "dead-leaves-mixed=0.75"),
            count=800,
            size=4,
            samples_per_shard=800,
        )
    )
    drawn = DatasetFolder.open(str(tmp_path)).manifest(["family"])["family"].to_pylist()
    # Binomial(800, 1/4): four standard deviations are 49.
    assert abs(drawn.count("faulty") - 200) < 49


def test_shards_are_uniform_but_the_last(sound_folder):
    assert [shard.count for shard in DatasetFolder.open(str(sound_folder)).shards] == [10, 10, 5]


def test_the_job_file_draws_the_same_again(sound_folder, tmp_path):
    again = dataclasses.replace(load_config(str(sound_folder / "job.yaml"), RenderJob), out=str(tmp_path))
    render(again)
    assert hashes(tmp_path) == hashes(sound_folder)
    assert TV_DEFINITION in (tmp_path / "job.yaml").read_text()


def test_a_window_does_not_show(sound_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("patterngen.jobs.draw._WINDOW_IMAGES", 3)
    render(dataclasses.replace(load_config(str(sound_folder / "job.yaml"), RenderJob), out=str(tmp_path)))
    assert hashes(tmp_path) == hashes(sound_folder)


def test_a_finished_dataset_is_left_as_it_is(folder):
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    report = render(dataclasses.replace(load_config(str(folder / "job.yaml"), RenderJob), out=str(folder)))
    assert report.drawn == 0
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize("lost", ["train-000001.tar", "train-000001.parquet", "train-000001_stats.json"])
def test_what_is_lost_is_drawn_again(folder, sound_folder, lost):
    again = dataclasses.replace(load_config(str(folder / "job.yaml"), RenderJob), out=str(folder))
    (folder / lost).unlink()
    assert plan(again).missing == (1,)
    assert render(again).drawn == 10
    assert hashes(folder) == hashes(sound_folder)
    assert names(folder) == names(sound_folder)


def test_a_larger_count_extends_a_dataset(folder, tmp_path):
    settings = load_config(str(folder / "job.yaml"), RenderJob)
    report = render(dataclasses.replace(settings, out=str(folder), count=33))
    assert report.drawn == 13  # the last shard was not full
    render(dataclasses.replace(settings, out=str(tmp_path / "whole"), count=33))
    assert hashes(folder) == hashes(tmp_path / "whole")
    assert json.loads((folder / "_info.json").read_text())["splits"]["train"]["num_samples"] == 33


@pytest.mark.parametrize("count", [5, 20, 24])
def test_a_smaller_count_is_refused(folder, count):
    settings = load_config(str(folder / "job.yaml"), RenderJob)
    with pytest.raises(PatternGenError, match=f"more than {count} pictures"):
        render(dataclasses.replace(settings, out=str(folder), count=count))


def test_another_job_is_refused_and_the_differences_are_shown(folder):
    settings = load_config(str(folder / "job.yaml"), RenderJob)
    with pytest.raises(PatternGenError, match="seed 7 → 8") as caught:
        render(dataclasses.replace(settings, out=str(folder), seed=8, encode_quality=50))
    assert "encode_quality 95 → 50" in str(caught.value)
    assert "size" not in str(caught.value)


def test_a_dry_run_writes_nothing(tmp_path):
    report = render(job(tmp_path / "new", dry_run=True))
    assert not (tmp_path / "new").exists()
    assert (report.plan.missing, report.drawn) == ((0, 1, 2), 0)
    assert "25 pictures" in str(report)


def test_a_family_that_cannot_draw_stops_the_run(faulty, tmp_path):
    faulty.trouble = PatternGenError("faulty cannot draw size 32")
    with pytest.raises(PatternGenError, match="cannot draw size 32"):
        render(job(tmp_path, family=("faulty",)))
    assert names(tmp_path) == ["job.yaml"]


def test_shards_that_fail_are_listed_with_the_way_to_go_on(faulty, tmp_path):
    faulty.trouble = ZeroDivisionError("oops")
    with pytest.raises(RunFailedError, match="3 of 3 shards failed") as caught:
        render(job(tmp_path, family=("faulty",)))
    assert f"patterngen render --config {tmp_path}/job.yaml" in str(caught.value)
    assert "oops" in str(caught.value)
    assert not (tmp_path / "README.md").exists()
    assert set(status(StatusConfig(dir=str(tmp_path))).failed) == {f"train-00000{n}" for n in range(3)}
    faulty.trouble = None
    assert render(job(tmp_path, family=("faulty",))).drawn == 25


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PatternGenError, match="file"):
        render(job(tmp_path / "file"))


FOREIGN = (
    "notes.txt",
    ".hidden",
    "train-backup.zip",
    "train-foo.tar",
    "train-foo_stats.json",
    ".train-1.tar.part",
)


def test_foreign_files_are_left_alone(tmp_path):
    for name in FOREIGN:
        (tmp_path / name).write_text("mine")
    (tmp_path / "train-000000").mkdir()  # a folder
    render(job(tmp_path))
    render(job(tmp_path, count=40))
    verify(VerifyConfig(dir=str(tmp_path), redraw=0))
    assert [shard.count for shard in DatasetFolder.open(str(tmp_path)).shards] == [10, 10, 10, 10]
    assert {(tmp_path / name).read_text() for name in FOREIGN} == {"mine"}
    assert (tmp_path / "train-000000").is_dir()
    assert set(names(tmp_path)) >= {*FOREIGN, "train-000000"}


def test_a_clock_that_jumps_changes_no_figure(tmp_path, monkeypatch):
    """The clock of the wall goes back a day at each look; rates and pictures do not follow from it."""
    steps = itertools.count(0, -86_400)
    true = time.time()

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(true + next(steps), tz)

    monkeypatch.setattr(time, "time", lambda: true + next(steps))
    monkeypatch.setattr("patterngen.shard.datetime", Jumping)
    shown = Progress(25)
    report = render(job(tmp_path), lambda _: shown)
    shards = DatasetFolder.open(str(tmp_path)).shards
    assert shards[0].stats.ended < shards[0].stats.started  # the clock did jump
    assert 0 <= sum(shard.stats.seconds for shard in shards) <= report.seconds + 0.01
    assert 0 < report.seconds < 3600
    assert "25/25 images" in shown.status()
    assert "took 0:0" in shown.status()


@pytest.mark.parametrize("when", [0, 4_000_000_000])
def test_the_age_of_files_decides_nothing(folder, sound_folder, when):
    for path in folder.iterdir():
        os.utime(path, (when, when))
    again = dataclasses.replace(load_config(str(folder / "job.yaml"), RenderJob), out=str(folder))
    assert plan(again).missing == ()
    (folder / "train-000001_stats.json").unlink()
    assert render(again).drawn == 10
    assert hashes(folder) == hashes(sound_folder)


def test_progress_counts_every_picture(tmp_path):
    counted = []

    class Shown(Silent):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def advance(self, n=1):
            counted.append(n)

    def show(total):
        assert total == 25
        return Shown()

    render(job(tmp_path), show)
    assert sum(counted) == 25


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_formats_name_their_members(tmp_path, kind):
    one = job(tmp_path, count=2, encode_format=kind)
    render_shard(one, 0, lambda _: None)
    with tarfile.open(tmp_path / "train-000000.tar") as tar:
        assert tar.getnames()[0] == f"000000000.{kind}"
