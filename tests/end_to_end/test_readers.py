"""Other people's readers open the folder without an argument of ours."""

import io
import subprocess
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import patterngen
from patterngen.families import family
from patterngen.publishing.publish import PublishConfig, publish_folder
from tests.drawn import draw

COUNT = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("readers") / "patterns"
    families = ("dead-leaves-mixed", "perlin", "dead-leaves-squares?radius_min=0.2")
    return draw(out, *families, count=COUNT, size=48, seed=3, samples_per_shard=10)


@pytest.fixture(scope="module")
def rows(folder) -> list[dict]:
    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def check(key: str, label: int, described: dict, picture, rows: list[dict]) -> None:
    """Compare a sample that a reader gave with its row, and its picture with a new drawing."""
    row = rows[int(key)]
    assert label == row["class_id"]
    assert described == {name: row[name] for name in described}
    assert {"key", "family", "seed", "tv", "tv_iso", "tv_rgb", "sha256", "params"} <= set(described)
    drawn = family(row["family"]).draw([row["seed"]], row["width"]).pixels[0]
    found = np.asarray(picture)
    assert found.shape == drawn.shape
    # JPEG at 4:2:0 keeps the luma: its mean over the picture is all but exact.
    luma = np.array([0.299, 0.587, 0.114])
    assert abs((found @ luma).mean() - (drawn @ luma).mean()) < 2


def test_webdataset(folder, rows):
    wds = pytest.importorskip("webdataset")
    names = sorted(str(path) for path in folder.glob("train-*.tar"))
    samples = list(wds.WebDataset(names, shardshuffle=False).decode("pil"))
    assert [sample["__key__"] for sample in samples] == [row["key"] for row in rows]
    for sample in samples:
        check(sample["__key__"], sample["cls"], sample["json"], sample["jpg"], rows)


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("how", ["folder", "webdataset"])
def test_hugging_face_datasets(folder, rows, tmp_path, how, streaming):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    place = [str(folder)] if how == "folder" else ["webdataset"]
    files = {} if how == "folder" else {"data_files": str(folder / "train-*.tar")}
    dataset = datasets.load_dataset(
        *place, **files, split="train", streaming=streaming, cache_dir=str(tmp_path)
    )
    samples = list(dataset)
    assert [sample["__key__"] for sample in samples] == [row["key"] for row in rows]
    for sample in samples:
        check(sample["__key__"], sample["cls"], sample["json"], sample["jpg"], rows)


def test_hugging_face_datasets_keep_63_bits_of_a_seed(tmp_path):
    """As folders of format 1 have them."""
    datasets = pytest.importorskip("datasets")
    old = Path(patterngen.__file__).parent.parent / "tests/patterngen/data/format-1"
    samples = datasets.load_dataset(
        "webdataset", data_files=str(old / "train-*.tar"), split="train", cache_dir=str(tmp_path)
    )
    seeds = patterngen.DatasetFolder.open(str(old)).manifest(["seed"])["seed"].to_pylist()
    assert [sample["seed"] for sample in samples["json"]] == seeds
    assert max(seeds) > 2**53


def test_timm(folder, rows):
    pytest.importorskip("timm")
    from timm.data import create_dataset

    dataset = create_dataset("wds/patterns", root=str(folder), split="train", is_training=False, batch_size=5)
    labels = [label for _, label in dataset]
    assert labels == [row["class_id"] for row in rows]
    assert len(dataset.reader) == COUNT


@pytest.mark.parametrize("published", [False, True])
def test_wids(folder, rows, tmp_path, published):
    wids = pytest.importorskip("wids")
    if published:
        publish_folder(PublishConfig(dir=str(folder)))
    pictures = wids.ShardListDataset(str(folder / "shards.json"), cache_dir=str(tmp_path))
    assert len(pictures) == COUNT
    for number in (17, 0, 29, 18):
        sample = pictures[number]
        check(sample["__key__"], sample[".cls"], sample[".json"], sample[".jpg"], rows)
        assert int(sample["__key__"]) == number
    pictures.close()
    if published:
        for one in pictures.shards:
            tar = folder / Path(one["url"]).name
            samples = wids.wids.IndexedTarSamples(
                path=str(tar), md5sum=one["md5sum"], expected_size=one["nsamples"]
            )
            samples.close()


def test_a_picture_is_read_without_the_others(folder, rows, monkeypatch):
    read = []

    class Watched(io.FileIO):
        def readinto(self, buffer):
            read.append(super().readinto(buffer))
            return read[-1]

    def watched(path, mode="rb"):
        return io.BufferedReader(Watched(path))

    pictures = patterngen.open_dataset(str(folder))
    tars = {path.name for path in folder.glob("*.tar")}
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda p, *a, **k: watched(p) if p.name in tars else real(p, *a, **k))
    assert pictures[17].row == rows[17]
    # A header and a picture, and what a buffer of this size reads with them.
    assert rows[17]["size"] <= sum(read) <= rows[17]["size"] + 512 + 2 * io.DEFAULT_BUFFER_SIZE
    assert sum(read) < (folder / "train-000001.tar").stat().st_size / 2


def test_tar_lists_it(folder):
    listed = subprocess.run(
        ["tar", "tvf", folder / "train-000000.tar"], capture_output=True, text=True, check=True
    )
    lines = listed.stdout.splitlines()
    assert len(lines) == 3 * 10
    assert all(line.startswith("-r--r--r-- 0/0") for line in lines)
