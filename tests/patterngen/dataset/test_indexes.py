"""What other tools are told of a dataset."""

import hashlib
import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
import yaml
from datasets.utils.metadata import MetadataConfigs
from fsspec.implementations.memory import MemoryFileSystem
from huggingface_hub import DatasetCard

from patterngen.dataset import indexes
from patterngen.dataset.card import dataset_card, size_category
from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.metrics import TV_DEFINITION
from patterngen.publishing.publish import PublishConfig, publish_folder
from tests.drawn import draw


def header(card: str) -> dict:
    return yaml.safe_load(card.split("---\n")[1])


def test_the_card_has_the_hub_s_header(sound_folder):
    card = header((sound_folder / "README.md").read_text())
    assert card["license"] == "cc0-1.0"
    assert card["size_categories"] == ["n<1K"]
    assert {"synthetic", "webdataset"} <= set(card["tags"])
    assert card["configs"][0]["data_files"] == [{"split": "train", "path": "train-*.tar"}]
    assert card["tv_definition"] == TV_DEFINITION


def test_hugging_face_s_own_tools_understand_the_card(sound_folder):
    card = DatasetCard.load(sound_folder / "README.md")
    assert (card.data.license, card.data.size_categories) == ("cc0-1.0", ["n<1K"])
    # What the Hub asks its server of a card, the library that reads it checks here.
    found = MetadataConfigs.from_dataset_card_data(card.data)
    (default,) = found.values()
    assert default["data_files"] == [{"split": "train", "path": "train-*.tar"}]
    assert DatasetCard(str(card)).data.to_dict() == card.data.to_dict()


def test_a_family_s_name_cannot_write_the_card(folder):
    path = folder / "train-000000.parquet"
    table = pq.read_table(path)
    names = ["a|b`\n---\nlicense: mine\n"] * len(table)
    pq.write_table(
        table.set_column(table.column_names.index("family"), table.schema.field("family"), [names]), path
    )
    card = dataset_card(DatasetFolder.open(str(folder)))
    assert header(card)["license"] == DatasetCard(card).data.license == "cc0-1.0"
    (row,) = [line for line in card.splitlines() if line.startswith("| ") and "mine" in line]
    assert row.count(" | ") == 2


def test_the_index_that_says_complete_is_written_last(folder, monkeypatch):
    publish_folder(PublishConfig(dir=str(folder)))
    written = []
    monkeypatch.setattr(indexes, "write_atomic", lambda path, data: written.append((path.name, data)))
    publish_folder(PublishConfig(dir=str(folder)))
    assert [name for name, _ in written] == list(indexes.INDEXES)
    assert all(data == (folder / name).read_bytes() for name, data in written)


def test_private_without_push_is_refused(folder):
    with pytest.raises(PatternGenError, match=r"--private .* give --push"):
        PublishConfig(dir=str(folder), private=True)


def test_the_card_counts_families(sound_folder):
    dataset = DatasetFolder.open(str(sound_folder))
    families = dataset.manifest(["family"])["family"].to_pylist()
    for name in set(families):
        assert f"| `{name}` | {families.count(name)} |" in dataset_card(dataset)


@pytest.mark.parametrize(
    ("count", "category"),
    [
        (1, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (105_000, "100K<n<1M"),
        (1_300_000, "1M<n<10M"),
        (10**10 - 1, "1B<n<10B"),
        (10**10, "10B<n<100B"),
        (10**15, "n>1T"),
    ],
)
def test_size_categories_are_the_hub_s(count, category):
    assert size_category(count) == category


def entries(folder) -> list[dict]:
    return json.loads((folder / "shards.json").read_text())["shardlist"]


def md5(path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def tars_read(folder, **options) -> int:
    return publish_folder(PublishConfig(dir=str(folder), **options)).read


def test_indexes_list_every_shard(sound_folder):
    split = json.loads((sound_folder / "_info.json").read_text())["splits"]["train"]
    assert split["num_samples"] == sum(split["shard_lengths"]) == 25
    listed = entries(sound_folder)
    assert [entry["url"] for entry in listed] == split["filenames"]
    for entry, length in zip(listed, split["shard_lengths"], strict=True):
        size = (sound_folder / entry["url"]).stat().st_size
        assert (entry["nsamples"], entry["filesize"]) == (length, size)


def test_each_tar_is_read_once_for_its_md5(folder):
    assert not any("md5sum" in entry for entry in entries(folder))  # drawing takes none
    assert tars_read(folder, dry_run=True) == 3
    assert tars_read(folder, skip_md5=True) == 0
    assert tars_read(folder) == 3
    assert [entry["md5sum"] for entry in entries(folder)] == [
        md5(path) for path in sorted(folder.glob("*.tar"))
    ]
    before = (folder / "shards.json").read_bytes()
    assert tars_read(folder) == tars_read(folder, dry_run=True) == 0
    assert tars_read(folder, skip_md5=True) == 0
    assert (folder / "shards.json").read_bytes() == before


def test_remote_tars_are_fetched_once_too(sound_folder):
    files = MemoryFileSystem()
    files.put(f"{sound_folder}/", "/published", recursive=True)
    assert tars_read("memory://published", dry_run=True) == tars_read("memory://published") == 3
    index = json.loads(files.cat_file("/published/shards.json"))
    expected = [md5(path) for path in sorted(sound_folder.glob("*.tar"))]
    assert [entry["md5sum"] for entry in index["shardlist"]] == expected
    assert tars_read("memory://published") == 0
    files.rm("/published", recursive=True)


def test_what_is_drawn_anew_has_no_md5_of_before(tmp_path):
    def drawn_to(count):
        draw(tmp_path, count=count, size=16, samples_per_shard=4)
        return {entry["url"]: entry.get("md5sum") for entry in entries(tmp_path)}

    drawn_to(6)
    publish_folder(PublishConfig(dir=str(tmp_path)))
    drawn = drawn_to(12)  # the second shard was half full
    whole = tmp_path / "train-000000.tar"
    assert drawn == {whole.name: md5(whole), "train-000001.tar": None, "train-000002.tar": None}
    assert tars_read(tmp_path) == 2
    assert {entry["url"]: entry["md5sum"] for entry in entries(tmp_path)} == {
        path.name: md5(path) for path in tmp_path.glob("*.tar")
    }
    (tmp_path / "train-000002_stats.json").unlink()
    assert drawn_to(12)["train-000002.tar"] == md5(tmp_path / "train-000002.tar")  # the same bytes again


@pytest.mark.parametrize("left", ["that of fewer", "half of it", "none"])
def test_a_run_killed_before_its_index_is_made_up_for(tmp_path, left):
    run = RunOptions(out=str(tmp_path))
    spec = DatasetSpec(family=("perlin",), count=6, size=16, samples_per_shard=4)
    render(spec, run)
    index = tmp_path / "shards.json"
    before = index.read_bytes()
    render(replace(spec, count=12), run)
    after = index.read_bytes()
    index.write_bytes({"that of fewer": before, "half of it": after[: len(after) // 2], "none": b""}[left])
    if left == "none":
        index.unlink()
    assert render(replace(spec, count=12), run).drawn == 0
    assert index.read_bytes() == after


def test_a_damaged_tar_is_not_published(folder):
    path = folder / "train-000001.tar"
    data = bytearray(path.read_bytes())
    data[700] ^= 1
    path.write_bytes(data)
    before = (folder / "shards.json").read_bytes()
    with pytest.raises(PatternGenError, match=r"train-000001.tar has other bytes than were written"):
        publish_folder(PublishConfig(dir=str(folder)))
    assert (folder / "shards.json").read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", '{"shardlist": 3}', '{"shardlist": [3]}', '{"shardlist": [{}]}'])
def test_a_damaged_index_is_written_anew(folder, text):
    (folder / "shards.json").write_text(text)
    assert tars_read(folder) == 3
    assert len(entries(folder)) == 3


@pytest.mark.parametrize("value", [None, 3, "", "z" * 32, ["0" * 32]])
def test_what_is_no_md5_is_taken_again(folder, value):
    tars_read(folder)
    index = json.loads((folder / "shards.json").read_text())
    index["shardlist"][1]["md5sum"] = value
    (folder / "shards.json").write_text(json.dumps(index))
    assert tars_read(folder) == 1
    assert entries(folder)[1]["md5sum"] == md5(folder / "train-000001.tar")
