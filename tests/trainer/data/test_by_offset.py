"""One random order over all shards, and decoded pictures that are kept: just what they stand for."""

import os
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pytest

from patterngen import DatasetFolder, FilterConfig, filter_dataset
from patterngen.encode import decode
from trainer.data.contract import Reader
from trainer.data.pixel_cache import PixelFile, make_room
from trainer.data.sources import open_sources
from trainer.errors import TrainerError

BIG = 10**9


def source(folder, **settings):
    return open_sources((str(folder),), size=(24, 24), seed=0, order="global", **settings)


def keys(shards, reader, count, passed=0):
    samples = shards.samples(reader, passed)
    return [(sample.epoch, sample.key) for sample, _ in zip(samples, range(count), strict=False)]


# --- order -------------------------------------------------------------------------------------


@pytest.mark.parametrize("readers", [1, 2, 5, 36])
def test_each_pass_is_a_permutation_that_the_readers_share(patterns, readers):
    shards = source(patterns)
    parts = [keys(shards, Reader(index, readers), 2 * 36 // readers + 2) for index in range(readers)]
    orders = []
    for epoch in range(2):
        found = [[key for number, key in part if number == epoch] for part in parts]
        assert sorted(key for part in found for key in part) == [f"{i:09d}" for i in range(36)]
        orders.append(found)
    assert orders[0] != orders[1]
    # Neighbours in the order come from any tar: of 36 pictures in three, about two in three change it.
    order = [int(key) // 12 for key in (part[i] for i in range(36 // readers) for part in orders[0])]
    assert 10 < sum(a != b for a, b in pairwise(order)) < 35


def test_a_seed_is_an_order(patterns):
    one, same = (keys(source(patterns), Reader(0, 2), 30) for _ in range(2))
    other = open_sources((str(patterns),), size=(24, 24), seed=1, order="global")
    assert one == same != keys(other, Reader(0, 2), 30)


@pytest.mark.parametrize("passed", [1, 17, 18, 19, 100])
def test_a_stream_goes_on_exactly(patterns, passed):
    shards, reader = source(patterns), Reader(1, 2)
    assert keys(shards, reader, 20, passed) == keys(shards, reader, passed + 20)[passed:]


def test_pictures_and_classes_are_those_of_the_tars(patterns, tools):
    stored = tools.stored(patterns)
    classes = {
        row["key"]: row["class_id"]
        for row in DatasetFolder.open(str(patterns)).manifest(["key", "class_id"]).to_pylist()
    }
    for sample, _ in zip(source(patterns).samples(Reader(0, 1), 0), range(36), strict=False):
        assert decode(sample.content).transpose(2, 0, 1).tobytes() == stored[sample.key]
        assert sample.class_id == classes[sample.key]


def test_only_chosen_pictures_come(patterns, tmp_path):
    listed = tmp_path / "keep.parquet"
    filter_dataset(FilterConfig(dir=str(patterns), family=("fbm",), out=str(listed)))
    shards = source(patterns, keep=str(listed))
    assert 0 < shards.count < 36
    found = {key for _, key in keys(shards, Reader(0, 1), shards.count)}
    rows = DatasetFolder.open(str(patterns)).manifest(["key", "family"]).to_pylist()
    assert found == {row["key"] for row in rows if row["family"] == "fbm"}


def test_it_is_the_same_dataset_in_either_order(patterns):
    assert source(patterns).identity == open_sources((str(patterns),), size=(24, 24), seed=0).identity


def test_a_truncated_tar_loses_what_it_lacks(damaged, tools):
    tar = damaged / "train-000001.tar"
    os.truncate(tar, tar.stat().st_size // 2)
    shards = source(damaged, skip_bad=True)
    lost = [s.key for s, _ in zip(shards.samples(Reader(0, 1), 0), range(36), strict=False) if not good(s)]
    assert 4 <= len(lost) <= 8
    assert all("000000012" <= key <= "000000023" for key in lost)
    tar.unlink()
    shards = source(damaged, skip_bad=True)
    samples = [s for s, _ in zip(shards.samples(Reader(0, 1), 0), range(36), strict=False)]
    assert sum(not good(sample) for sample in samples) == 12
    with pytest.raises(TrainerError, match=r"train-000001\.tar: No such file"):
        tools.pictures(tools.stream(damaged, source=shards), 9)


def good(sample):
    return not isinstance(sample.content, Exception)


def test_more_readers_than_pictures_are_refused(patterns):
    with pytest.raises(TrainerError, match="36 pictures cannot feed 37 ranks"):
        source(patterns).check(37, 1)


# --- decoded pictures --------------------------------------------------------------------------


@pytest.fixture
def cached(patterns, tmp_path):
    def opened(gb=1.0, channels=3):
        return source(patterns, channels=channels, pixel_cache=str(tmp_path / "cache"), pixel_cache_gb=gb)

    return opened


def inputs(tools, shards, count=18, **settings):
    stream = tools.stream(None, source=shards, size=(16, 20), augment="crop", **settings)
    return tools.pictures(stream, count)


def files(tmp_path):
    return sorted((tmp_path / "cache").glob("*.pixels"))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("augment", ["crop", "mae", "none"])
def test_kept_pictures_give_equal_inputs(patterns, cached, tools, channels, augment):
    plain = tools.stream(None, source=source(patterns, channels=channels), channels=channels, augment=augment)
    kept = tools.stream(None, source=cached(channels=channels), channels=channels, augment=augment)
    expected = tools.pictures(plain, 18)
    for _ in range(2):  # decoded and written down, then read
        assert np.array_equal(tools.pictures(kept, 18), expected)


def test_what_is_kept_is_not_decoded_again(cached, tools, monkeypatch):
    first = inputs(tools, cached())
    monkeypatch.setattr("trainer.data.by_offset.decode", None)
    assert np.array_equal(inputs(tools, cached()), first)


def test_a_damaged_entry_is_decoded_again(patterns, cached, tools, tmp_path):
    expected = inputs(tools, source(patterns))
    inputs(tools, cached())
    whole = [path.read_bytes() for path in files(tmp_path)]
    assert len(whole) == 3
    for place in (0, 5, 100, len(whole[0]) - 1):  # of a check, or of a picture
        for path, content in zip(files(tmp_path), whole, strict=True):
            spoilt = bytearray(content)
            spoilt[place] ^= 1
            path.write_bytes(spoilt)
        assert np.array_equal(inputs(tools, cached()), expected)
        assert [path.read_bytes() for path in files(tmp_path)] == whole
    for path in files(tmp_path):
        os.truncate(path, len(whole[0]) // 2)
    assert np.array_equal(inputs(tools, cached()), expected)
    assert [path.read_bytes() for path in files(tmp_path)] == whole


def test_a_half_written_entry_is_not_there(tmp_path):
    """Whether its check or its pixels came to the disk first."""
    shapes, picture = np.array([[2, 3]]), np.full((2, 3, 1), 7, np.uint8)
    make_room(tmp_path, {"a.pixels": 10}, BIG)
    PixelFile(tmp_path / "a.pixels", shapes, 1).save(0, picture)
    whole = (tmp_path / "a.pixels").read_bytes()
    for half in (whole[:4] + bytes(6), whole[:7] + bytes(3), bytes(4) + whole[4:]):
        (tmp_path / "a.pixels").write_bytes(half)
        assert PixelFile(tmp_path / "a.pixels", shapes, 1).load(0) is None
    (tmp_path / "a.pixels").write_bytes(whole)
    assert np.array_equal(PixelFile(tmp_path / "a.pixels", shapes, 1).load(0), picture)


def test_pictures_of_another_shape_than_promised_are_not_kept(tmp_path):
    make_room(tmp_path, {"a.pixels": 10}, BIG)
    file = PixelFile(tmp_path / "a.pixels", np.array([[2, 3]]), 1)
    file.save(0, np.ones((3, 2, 1), np.uint8))
    assert file.load(0) is None


def test_the_limit_is_kept(patterns, cached, tools, tmp_path):
    """Two shards of three fit; they stay, and what the third holds is decoded every time."""
    expected, limit = inputs(tools, source(patterns)), 2.5 * 12 * (24 * 24 * 3 + 4) / BIG
    for _ in range(2):
        assert np.array_equal(inputs(tools, cached(limit)), expected)
        assert len(files(tmp_path)) == 2
    inputs(
        tools, cached(limit, channels=1), channels=1
    )  # as large as one of the others, of which the older leaves
    assert sum(path.stat().st_size for path in files(tmp_path)) <= limit * BIG
    assert len(files(tmp_path)) == 4
    assert np.array_equal(inputs(tools, cached(0.0)), expected)
    assert not files(tmp_path)


def test_a_file_that_others_removed_holds_nothing(cached, patterns, tools, tmp_path):
    shards = cached()
    for path in files(tmp_path):
        path.unlink()
    assert np.array_equal(inputs(tools, shards), inputs(tools, source(patterns)))


def test_a_full_disk_ends_only_the_keeping(patterns, cached, tools, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    shards = cached()
    monkeypatch.setattr(os, "pwrite", full)
    assert np.array_equal(inputs(tools, shards), inputs(tools, source(patterns)))
    assert capsys.readouterr().err.count("No space left on device; nothing more") == 3


def read_all(shards):
    found = {}
    for sample, _ in zip(shards.samples(Reader(0, 1), 0), range(36), strict=False):
        found[sample.key] = np.array(sample.content).tobytes()
    return found


def test_processes_share_what_is_kept(cached, tmp_path):
    shards = cached()
    with ProcessPoolExecutor(2, get_context("fork")) as pool:
        one, other = pool.map(read_all, [shards] * 2)
    assert one == other == read_all(cached())
    assert all(np.frombuffer(path.read_bytes()[:48], np.uint32).all() for path in files(tmp_path))


def test_keeping_needs_the_order_by_offset(patterns):
    with pytest.raises(TrainerError, match=r"--pixel-cache x .* give --order global"):
        open_sources((str(patterns),), size=(24, 24), seed=0, pixel_cache="x")
