"""What a run writes, counts and reports, and how it fails."""

import hashlib
import itertools
import json
import tarfile
import time
from datetime import datetime

import pytest

from patterngen.common.config import load_config
from patterngen.common.progress import Progress
from patterngen.dataset.folder import DatasetFolder
from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.executors import Silent
from patterngen.families import family
from patterngen.jobs.draw import render_shard
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.seeds import image_draw
from patterngen.jobs.spec import DatasetSpec
from patterngen.jobs.status import StatusConfig, status
from patterngen.metrics import TV_DEFINITION, total_variation
from tests.patterngen.jobs.small import hashes, job, names


@pytest.mark.parametrize(
    ("asked", "named"),
    [("dead-leaf-mixed", "dead-leaves-mixed"), ("perlin=0", "share '0'"), ("perlin?octave=3", "octave")],
)
def test_families_that_cannot_be_made_are_named_before_anything_is_written(tmp_path, asked, named):
    with pytest.raises(PatternGenError, match=named):
        render(*job(tmp_path / "new", family=(asked,)))
    assert not (tmp_path / "new").exists()


def test_every_picture_is_what_its_row_says(sound_folder):
    rows = DatasetFolder.open(str(sound_folder)).manifest().to_pylist()
    assert [row["key"] for row in rows] == [f"{i:09d}" for i in range(25)]
    assert {row["family"] for row in rows} == {"dead-leaves-mixed", "dead-leaves-squares"}
    for i, row in enumerate(rows):
        drawn = family(row["family"]).draw([row["seed"]], row["width"])
        assert row["seed"] == image_draw(7, i, 2)[0]
        assert hashlib.sha256(drawn.pixels[0].tobytes()).hexdigest() == row["sha256"]
        assert total_variation(drawn.pixels).tv[0] == row["tv"]
        assert json.loads(row["params"]) == drawn.params[0]
        with (sound_folder / row["shard"]).open("rb") as tar:
            tar.seek(row["offset"])
            assert tar.read(row["size"]) == encode(drawn.pixels[0], Encoding())


def test_class_ids_are_shifted_by_the_families_before(faulty, tmp_path):
    render(*job(tmp_path, family=("dead-leaves-mixed", "faulty"), count=40))
    rows = DatasetFolder.open(str(tmp_path)).manifest(["family", "class_id", "seed"]).to_pylist()
    assert {row["family"] for row in rows} == {"dead-leaves-mixed", "faulty"}
    for row in rows:
        assert row["class_id"] == (1 + row["seed"] % 5 if row["family"] == "faulty" else 0)


def test_families_appear_by_their_shares(faulty, tmp_path):
    render(
        *job(
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
    render(load_config(str(sound_folder / "job.yaml"), DatasetSpec), RunOptions(out=str(tmp_path)))
    assert hashes(tmp_path) == hashes(sound_folder)
    assert TV_DEFINITION in (tmp_path / "job.yaml").read_text()


def test_a_window_does_not_show(sound_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("patterngen.jobs.draw._WINDOW_IMAGES", 3)
    render(load_config(str(sound_folder / "job.yaml"), DatasetSpec), RunOptions(out=str(tmp_path)))
    assert hashes(tmp_path) == hashes(sound_folder)


def test_a_dry_run_writes_nothing(tmp_path):
    report = render(*job(tmp_path / "new", dry_run=True))
    assert not (tmp_path / "new").exists()
    assert (report.plan.missing, report.drawn) == ((0, 1, 2), 0)
    assert "25 pictures" in str(report)


def test_a_family_that_cannot_draw_stops_the_run(faulty, tmp_path):
    faulty.trouble = PatternGenError("faulty cannot draw size 32")
    with pytest.raises(PatternGenError, match="cannot draw size 32"):
        render(*job(tmp_path, family=("faulty",)))
    assert names(tmp_path) == ["job.yaml"]


def test_shards_that_fail_are_listed_with_the_way_to_go_on(faulty, tmp_path):
    faulty.trouble = ZeroDivisionError("oops")
    with pytest.raises(RunFailedError, match="3 of 3 shards failed") as caught:
        render(*job(tmp_path, family=("faulty",), retries=1))
    assert f"`patterngen render --config {tmp_path}/job.yaml --retries 1` tries again" in str(caught.value)
    assert "oops" in str(caught.value)
    assert not (tmp_path / "README.md").exists()
    assert set(status(StatusConfig(dir=str(tmp_path))).failed) == {f"train-00000{n}" for n in range(3)}
    faulty.trouble = None
    assert render(*job(tmp_path, family=("faulty",))).drawn == 25


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PatternGenError, match="file"):
        render(*job(tmp_path / "file"))


def test_a_clock_that_jumps_changes_no_figure(tmp_path, monkeypatch):
    """The clock of the wall goes back a day at each look; rates and pictures do not follow from it."""
    steps = itertools.count(0, -86_400)
    true = time.time()

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(true + next(steps), tz)

    monkeypatch.setattr(time, "time", lambda: true + next(steps))
    monkeypatch.setattr("patterngen.dataset.shard.datetime", Jumping)
    shown = Progress(25)
    report = render(*job(tmp_path), lambda _: shown)
    shards = DatasetFolder.open(str(tmp_path)).shards
    assert shards[0].stats.ended < shards[0].stats.started  # the clock did jump
    assert 0 <= sum(shard.stats.seconds for shard in shards) <= report.seconds + 0.01
    assert 0 < report.seconds < 3600
    assert "25/25 images" in shown.status()
    assert "took 0:0" in shown.status()


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

    render(*job(tmp_path), show)
    assert sum(counted) == 25


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_formats_name_their_members(tmp_path, kind):
    render_shard(*job(tmp_path, count=2, encode_format=kind), 0, lambda _: None)
    with tarfile.open(tmp_path / "train-000000.tar") as tar:
        assert tar.getnames()[0] == f"000000000.{kind}"
