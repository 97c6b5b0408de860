"""What other tools are told of a dataset."""

import hashlib
import json

import pytest
import yaml

from patterngen.dataset import DatasetFolder
from patterngen.metrics import TV_DEFINITION
from patterngen.publish import dataset_card, size_category


def header(card: str) -> dict:
    return yaml.safe_load(card.split("---\n")[1])


def test_the_card_has_the_hub_s_header(sound_folder):
    card = header((sound_folder / "README.md").read_text())
    assert card["license"] == "cc0-1.0"
    assert card["size_categories"] == ["n<1K"]
    assert {"synthetic", "webdataset"} <= set(card["tags"])
    assert card["configs"][0]["data_files"] == [{"split": "train", "path": "train-*.tar"}]
    assert card["tv_definition"] == TV_DEFINITION


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
        (10**10, "n>1B"),
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
