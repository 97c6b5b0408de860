"""What other tools are told of a dataset."""

import hashlib
import json

import pyarrow.parquet as pq
import pytest
import yaml
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard

from patterngen.dataset import DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.metrics import TV_DEFINITION
from patterngen.publishing import indexes as publish_module
from patterngen.publishing.card import dataset_card, size_category
from patterngen.publishing.command import PublishConfig, publish_folder


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
    monkeypatch.setattr(publish_module, "write_atomic", lambda path, data: written.append((path.name, data)))
    publish_folder(PublishConfig(dir=str(folder)))
    assert [name for name, _ in written] == ["README.md", "_info.json", "shards.json"]
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


def test_indexes_list_every_shard(sound_folder):
    split = json.loads((sound_folder / "_info.json").read_text())["splits"]["train"]
    assert split["num_samples"] == sum(split["shard_lengths"]) == 25
    index = json.loads((sound_folder / "shards.json").read_text())
    assert [entry["url"] for entry in index["shardlist"]] == split["filenames"]
    for entry, length in zip(index["shardlist"], split["shard_lengths"], strict=True):
        data = (sound_folder / entry["url"]).read_bytes()
        assert entry["md5sum"] == hashlib.md5(data).hexdigest()
        assert (entry["nsamples"], entry["filesize"]) == (length, len(data))
