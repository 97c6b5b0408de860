import os
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen import DatasetFolder, FilterConfig, decode, filter_dataset, select
from trainer import data
from trainer.data import PictureStream, batches, luma
from trainer.errors import TrainerError


def stream(folder, **settings):
    plain = {"image_size": (24, 24), "channels": 3, "batch_size": 4, "seed": 0, "flip": False}
    shards = settings.pop("shards", None) or select(str(folder))
    return PictureStream(shards=shards, **plain | settings)


def take(source, count):
    return list(islice(iter(source), count))


def identities(pictures):
    return [picture.numpy().tobytes() for picture in pictures]


def stored(folder):
    """Every picture of a dataset by its key, as it is in the tar."""
    pixels = {}
    for shard in DatasetFolder.open(str(folder)).shards:
        data = Path(shard.path).read_bytes()
        for row in shard.manifest(["key", "offset", "size", "tv"]).to_pylist():
            picture = decode(data[row["offset"] : row["offset"] + row["size"]])
            pixels[row["key"]] = picture.transpose(2, 0, 1).tobytes()
    return pixels


# --- order -------------------------------------------------------------------------------------


def test_every_picture_comes_once_a_pass_in_another_order(patterns):
    seen = identities(torch.cat(take(stream(patterns), 18)))
    first, second = seen[:36], seen[36:]
    assert sorted(first) == sorted(second) == sorted(stored(patterns).values())
    assert first != second


def test_a_seed_is_an_order(patterns):
    one, same, other = (torch.cat(take(stream(patterns, seed=seed), 3)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@given(first=st.integers(0, 40), batch=st.integers(1, 11))
@settings(max_examples=15)
def test_a_stream_from_batch_k_is_the_tail_of_the_whole(patterns, first, batch):
    # Crops and flips included.
    source = stream(patterns, image_size=(16, 8), batch_size=batch, flip=True, seed=5, buffer=7)
    whole = take(source, first + 3)
    assert torch.equal(torch.cat(take(replace(source, first_batch=first), 3)), torch.cat(whole[first:]))


def by_workers(source, workers, count, monkeypatch):
    """What a loader with so many processes gives, without starting them: it asks one after the other."""
    streams = []
    for worker in range(workers):
        told = SimpleNamespace(id=worker, num_workers=workers)
        monkeypatch.setattr(data, "get_worker_info", lambda told=told: told)
        streams.append(take(source, count))
    return [streams[i % workers][i // workers] for i in range(count)]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("first", [1, 2, 5])
def test_so_it_is_whatever_the_workers(patterns, workers, first, monkeypatch):
    source = stream(patterns, batch_size=5)
    whole = by_workers(source, workers, first + 6, monkeypatch)
    tail = by_workers(replace(source, first_batch=first), workers, 6, monkeypatch)
    assert torch.equal(torch.cat(tail), torch.cat(whole[first:]))


def test_processes_read_ahead_in_that_order(patterns, monkeypatch):
    source = stream(patterns, batch_size=5, first_batch=3)
    read = take(batches(source, 2), 5)
    assert torch.equal(torch.cat(read), torch.cat(by_workers(source, 2, 5, monkeypatch)))


def test_one_process_reads_as_none_does(patterns, monkeypatch):
    source = stream(patterns, batch_size=5, first_batch=3)
    with_none = take(batches(source, 0), 6)
    assert torch.equal(torch.cat(with_none), torch.cat(by_workers(source, 1, 6, monkeypatch)))


def test_ranks_share_the_shards_among_them(patterns):
    seen = [set(identities(torch.cat(take(stream(patterns, rank=rank, ranks=3), 3)))) for rank in range(3)]
    assert [len(part) for part in seen] == [12, 12, 12]
    assert set.union(*seen) == set(stored(patterns).values())


# --- what is kept ------------------------------------------------------------------------------


def keys_of_one_pass(folder, shards):
    names = {pixels: key for key, pixels in stored(folder).items()}
    kept = sum(shard.count for shard in shards)
    pictures = torch.cat(take(stream(folder, shards=shards, batch_size=1), kept))
    return sorted(names[pixels] for pixels in identities(pictures))


def test_bounds_of_total_variation_are_kept(patterns):
    rows = DatasetFolder.open(str(patterns)).manifest(["key", "tv"]).to_pylist()
    low, high = np.quantile([row["tv"] for row in rows], [0.3, 0.8])
    wanted = [row["key"] for row in rows if low <= row["tv"] <= high]
    assert keys_of_one_pass(patterns, select(str(patterns), tv_min=low, tv_max=high)) == wanted


def test_a_keep_list_is_kept(patterns, tmp_path):
    keep = tmp_path / "keep.parquet"
    filter_dataset(FilterConfig(dir=str(patterns), family=("fbm",), out=str(keep)))
    rows = DatasetFolder.open(str(patterns)).manifest(["key", "family"]).to_pylist()
    wanted = [row["key"] for row in rows if row["family"] == "fbm"]
    assert keys_of_one_pass(patterns, select(str(patterns), keep=str(keep))) == wanted


# --- pictures ----------------------------------------------------------------------------------


def test_a_crop_is_a_part_of_its_picture(patterns):
    whole = list(stored(patterns).values())
    pictures = [np.frombuffer(data, np.uint8).reshape(3, 24, 24) for data in whole]
    windows = np.lib.stride_tricks.sliding_window_view(np.stack(pictures), (20, 12), axis=(2, 3))
    for crop in torch.cat(take(stream(patterns, image_size=(20, 12)), 2)).numpy():
        assert (windows == crop[None, :, None, None]).all(axis=(1, 4, 5)).any()


def test_half_of_the_pictures_are_mirrored(patterns):
    plain, mirrored = (torch.cat(take(stream(patterns, flip=flip), 45)) for flip in (False, True))
    turned = [not torch.equal(one, other) for one, other in zip(plain, mirrored, strict=True)]
    assert 60 < sum(turned) < 120
    assert torch.equal(mirrored[turned], plain[turned].flip(3))


def test_luma_weighs_the_colours_by_bt_601():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    exact = pixels @ np.array([0.299, 0.587, 0.114])
    assert np.abs(luma(pixels) - exact).max() <= 0.5 + 1e-9
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    assert np.array_equal(luma(gray), gray[..., 0])


def test_one_channel_is_the_luma(patterns):
    colour, gray = (take(stream(patterns, channels=channels), 1)[0] for channels in (3, 1))
    assert gray.shape == (4, 1, 24, 24)
    expected = np.stack([luma(picture.transpose(1, 2, 0)) for picture in colour.numpy()])
    assert np.array_equal(gray[:, 0].numpy(), expected)


# --- mistakes ----------------------------------------------------------------------------------


def test_more_readers_than_shards_are_refused(patterns):
    with pytest.raises(TrainerError, match="3 shards cannot feed 2 ranks × 2 workers = 4 readers"):
        batches(stream(patterns, ranks=2), 2)


def test_pictures_smaller_than_the_input_are_refused(patterns):
    with pytest.raises(TrainerError, match=r"set/train-.*\d{9} is 24×24, smaller than --image-size 32x16"):
        take(batches(stream(patterns, image_size=(32, 16)), 0), 1)


@pytest.mark.parametrize(("share", "workers"), [(0, 0), (0.01, 0), (0.5, 0), (0.5, 1)])
def test_a_truncated_tar_is_one_clear_line(damaged, share, workers):
    tar = damaged / "train-000001.tar"
    shards = select(str(damaged))
    os.truncate(tar, round(share * tar.stat().st_size))
    with pytest.raises(TrainerError, match=r"train-000001\.tar: .*`patterngen verify` says more") as error:
        take(batches(stream(damaged, shards=shards), workers), 9)
    assert "\n" not in str(error.value)
    assert "<_io" not in str(error.value)


def test_a_missing_tar_is_named(damaged):
    shards = select(str(damaged))
    (damaged / "train-000001.tar").unlink()
    with pytest.raises(TrainerError, match=r"train-000001\.tar: .*No such file"):
        take(stream(damaged, shards=shards), 9)


def test_a_damaged_picture_is_named(damaged):
    tar = damaged / "train-000002.tar"
    data = bytearray(tar.read_bytes())
    row = DatasetFolder.open(str(damaged)).manifest(["key", "offset", "size"]).to_pylist()[30]
    data[row["offset"] : row["offset"] + row["size"]] = bytes(row["size"])
    tar.write_bytes(data)
    with pytest.raises(TrainerError, match=rf"train-000002\.tar: picture {row['key']}: .*cannot be decoded"):
        take(stream(damaged), 9)


def test_a_folder_may_have_any_name(damaged):
    odd = damaged.rename(damaged.with_name("50 % #1? {a,b}"))
    assert len(identities(torch.cat(take(stream(odd), 9)))) == 36
