"""Shards as a source: which picture comes when, and what happens to damaged ones."""

import io
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patterngen import DatasetFolder, FilterConfig, filter_dataset, select
from trainer.data.contract import Reader
from trainer.data.loader import batches
from trainer.data.shards import Shards
from trainer.data.sources import open_sources
from trainer.errors import TrainerError


def source(folder, **settings):
    return Shards(**{"shards": select(str(folder)), "seed": 0} | settings)


def keys(shards, part, count, passed=0):
    samples = shards.samples(part, passed)
    return [(sample.epoch, sample.key) for sample, _ in zip(samples, range(count), strict=False)]


ALONE = Reader(0, 1)


# --- order -------------------------------------------------------------------------------------


def test_every_picture_comes_once_a_pass_in_another_order(patterns, tools):
    seen = tools.identities(tools.pictures(tools.stream(patterns), 18))
    first, second = seen[:36], seen[36:]
    assert sorted(first) == sorted(second) == sorted(tools.stored(patterns).values())
    assert first != second


def test_a_seed_is_an_order(patterns, tools):
    one, same, other = (tools.pictures(tools.stream(patterns, seed=seed), 3) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("ranks", "workers"), [(1, 1), (1, 3), (3, 1), (2, 1), (1, 2)])
def test_the_parts_of_a_pass_are_disjoint_and_complete(patterns, ranks, workers):
    # Also where three shards do not divide by two readers: then a part is longer in some passes.
    shards, parts = source(patterns), ranks * workers
    seen = [keys(shards, Reader(index, parts), 200) for index in range(parts)]
    for epoch in range(3):
        found = [key for part in seen for number, key in part if number == epoch]
        assert sorted(found) == sorted(row["key"] for row in manifest(patterns))


def test_in_the_long_run_no_shard_is_read_more_often(patterns):
    shards = source(patterns)
    dealt = [shards._dealt(Reader(1, 2), epoch) for epoch in range(300)]
    often = np.bincount([shard for mine in dealt for shard in mine])
    assert often.min() > 0.7 * often.max()


@given(passed=st.integers(0, 100), part=st.integers(0, 1))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_sample_is_found_by_its_number(patterns, passed, part):
    shards = source(patterns, buffer=7, seed=3)
    assert keys(shards, Reader(part, 2), 5, passed) == keys(shards, Reader(part, 2), passed + 5)[passed:]


# --- what is kept ------------------------------------------------------------------------------


def manifest(folder):
    return DatasetFolder.open(str(folder)).manifest(["key", "tv", "family"]).to_pylist()


def keys_of_one_pass(shards):
    return sorted(
        key for _, key in keys(Shards(shards=shards, seed=0), Reader(0, 1), sum(s.count for s in shards))
    )


def test_bounds_of_total_variation_are_kept(patterns):
    low, high = np.quantile([row["tv"] for row in manifest(patterns)], [0.3, 0.8])
    wanted = [row["key"] for row in manifest(patterns) if low <= row["tv"] <= high]
    assert keys_of_one_pass(select(str(patterns), tv_min=low, tv_max=high)) == wanted


def test_a_keep_list_is_kept(patterns, tmp_path):
    keep = tmp_path / "keep.parquet"
    filter_dataset(FilterConfig(dir=str(patterns), family=("fbm",), out=str(keep)))
    wanted = [row["key"] for row in manifest(patterns) if row["family"] == "fbm"]
    assert keys_of_one_pass(select(str(patterns), keep=str(keep))) == wanted


def test_identity_tells_what_is_read(patterns, damaged):
    whole, copy = source(patterns, job_hash="a"), source(damaged, job_hash="a")
    assert whole.identity == copy.identity != source(patterns, job_hash="b").identity
    some = select(str(patterns), tv_min=float(np.median([row["tv"] for row in manifest(patterns)])))
    assert source(patterns, job_hash="a", shards=some).identity != whole.identity


def test_shards_are_read_from_any_place(patterns, tools):
    memory = fsspec.filesystem("memory")
    memory.put(f"{patterns}/", "memory://training/set/", recursive=True)
    try:
        remote = tools.pictures(tools.stream("memory://training/set"), 9)
    finally:
        memory.rm("/training", recursive=True)
    assert np.array_equal(remote, tools.pictures(tools.stream(patterns), 9))


def test_a_folder_may_have_any_name(damaged, tools):
    odd = damaged.rename(damaged.with_name("50 % #1? {a,b}"))
    assert len(tools.pictures(tools.stream(odd), 9)) == 36


def test_classes_are_the_manifest_s(patterns):
    shards = open_sources((str(patterns),), size=(24, 24), seed=0)
    assert shards.num_classes == 2  # one for each family
    rows = DatasetFolder.open(str(patterns)).manifest(["key", "class_id"]).to_pylist()
    known = {row["key"]: row["class_id"] for row in rows}
    read = {
        sample.key: sample.class_id
        for sample, _ in zip(shards.samples(Reader(0, 1), 0), range(36), strict=False)
    }
    assert read == known
    assert set(read.values()) == {0, 1}


# --- mistakes and damage -----------------------------------------------------------------------


def test_more_readers_than_shards_are_refused(patterns, tools):
    with pytest.raises(TrainerError, match="set: 3 shards cannot feed 2 ranks × 2 workers = 4 readers"):
        batches(tools.stream(patterns, ranks=2), 2)


@pytest.mark.parametrize(("share", "workers"), [(0, 0), (0.01, 0), (0.5, 0), (0.5, 1)])
def test_a_truncated_tar_is_one_clear_line(damaged, share, workers, tools):
    tar = damaged / "train-000001.tar"
    stream = tools.stream(damaged)
    os.truncate(tar, round(share * tar.stat().st_size))
    with pytest.raises(TrainerError, match=r"train-000001\.tar: .*`patterngen verify` says more") as error:
        for _ in zip(batches(stream, workers), range(9), strict=False):
            pass
    assert "\n" not in str(error.value)
    assert "<_io" not in str(error.value)


def rewritten(tar, change):
    """Write the members (name, bytes) of a tar anew, as `change` gives them; None leaves one out."""
    with tarfile.open(tar) as old:
        members = [(one.name, old.extractfile(one).read()) for one in old]
    with tarfile.open(tar, "w") as new:
        for name, data in filter(None, (change(name, data) for name, data in members)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize("text", [b"cat", b"-3", b"9" * 400])
def test_what_is_no_class_matters_to_nobody_who_learns_none(damaged, text):
    for shard in range(3):
        rewritten(
            damaged / f"train-00000{shard}.tar",
            lambda name, data: (name, text if name.endswith(".cls") else data),
        )
    samples = [sample for sample, _ in zip(source(damaged).samples(ALONE, 0), range(36), strict=False)]
    assert {sample.class_id for sample in samples} == {-1}
    assert all(isinstance(sample.content, bytes) for sample in samples)


def test_a_class_without_its_picture_is_a_picture_lost(damaged):
    rewritten(
        damaged / "train-000000.tar",
        lambda name, data: None if name == "000000004.jpg" else (name, data),
    )
    samples = [sample for sample, _ in zip(source(damaged).samples(ALONE, 0), range(36), strict=False)]
    (lost,) = (sample.content for sample in samples if not isinstance(sample.content, bytes))
    assert "11 pictures found where the manifest promises 12" in str(lost)


def test_a_missing_tar_is_named(damaged, tools):
    stream = tools.stream(damaged)
    (damaged / "train-000001.tar").unlink()
    with pytest.raises(TrainerError, match=r"train-000001\.tar: .*No such file"):
        tools.pictures(stream, 9)


def test_a_tar_that_holds_more_is_not_the_dataset_s(damaged, tools):
    shards = select(str(damaged))
    fewer = (replace(shards[0], count=5), *shards[1:])
    with pytest.raises(
        TrainerError, match=r"train-000000\.tar: 6 pictures found where the manifest promises 5"
    ):
        tools.pictures(tools.stream(damaged, shards=fewer, skip_bad=True), 9)


def damage(folder):
    """Overwrite picture 30, in the last shard, and return its key."""
    tar = folder / "train-000002.tar"
    data = bytearray(tar.read_bytes())
    row = DatasetFolder.open(str(folder)).manifest(["key", "offset", "size"]).to_pylist()[30]
    data[row["offset"] : row["offset"] + row["size"]] = bytes(row["size"])
    tar.write_bytes(data)
    return row["key"]


def test_a_damaged_picture_is_named(damaged, tools):
    key = damage(damaged)
    with pytest.raises(TrainerError, match=rf"train-000002\.tar: picture {key}: .*cannot be decoded"):
        tools.pictures(tools.stream(damaged), 9)


def test_skipped_pictures_are_counted_and_the_next_one_stands_in(damaged, tools):
    stored = tools.stored(damaged)
    key = damage(damaged)
    read = batches(tools.stream(damaged, skip_bad=True), 1)
    seen = tools.identities(np.concatenate([next(read).pictures.numpy() for _ in range(9)]))
    assert read.skipped == 1
    assert set(seen) == set(stored.values()) - {stored[key]}
    assert len(seen) == 36  # one of them twice


@pytest.mark.parametrize("how", ["truncated", "missing"])
def test_a_bad_shard_is_skipped_and_counted(damaged, tools, how):
    stored, stream = tools.stored(damaged), tools.stream(damaged, skip_bad=True, buffer=1)
    tar = Path(damaged / "train-000001.tar")
    if how == "missing":
        tar.unlink()
    else:
        os.truncate(tar, tar.stat().st_size // 2)
    read = batches(stream, 0)
    seen = set(tools.identities(np.concatenate([next(read).pictures.numpy() for _ in range(9)])))
    assert read.skipped + len(seen) >= 36 - 1
    assert {pixels for key, pixels in stored.items() if not 12 <= int(key) < 24} <= seen
    assert read.skipped == 12 if how == "missing" else 0 < read.skipped < 12


def test_a_stream_with_bad_pictures_resumes_exactly(damaged, tools):
    stream = tools.stream(damaged, skip_bad=True, batch_size=3, augment="crop", size=(16, 16))
    damage(damaged)
    os.truncate(damaged / "train-000000.tar", 8000)
    whole = tools.pictures(stream, 16)
    for first in (1, 5, 12):
        tail = tools.pictures(replace(stream, first_batch=first), 16 - first)
        assert np.array_equal(tail, whole[3 * first :])


def test_a_dataset_of_bad_pictures_is_given_up(damaged, tools, monkeypatch):
    monkeypatch.setattr("trainer.data.stream._MOST_BAD", 50)
    stream = tools.stream(damaged, skip_bad=True)
    for tar in damaged.glob("*.tar"):
        tar.unlink()
    with pytest.raises(TrainerError, match=r"50 pictures one after another cannot be read; the last: .*tar"):
        tools.pictures(stream, 1)
