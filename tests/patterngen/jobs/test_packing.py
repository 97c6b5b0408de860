import hashlib
import json

import numpy as np
import pytest

import patterngen
from patterngen import PatternGenError, Pictures
from patterngen.browse.contents import show_command
from patterngen.dataset.card import dataset_card
from patterngen.dataset.folder import DatasetFolder
from patterngen.encode import Encoding, decode
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.jobs.packing import pack
from patterngen.jobs.verify import VerifyConfig, verify

PNG = Encoding(format="png")


def pictures(count, seed=0, height=5, width=9):
    pixels = np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), np.uint8)
    return Pictures(pixels, [{"from": f"{seed}/{n}"} for n in range(count)], np.arange(count) % 2)


def packed(folder, parts=None, **changed):
    parts = parts or [lambda: [pictures(3), pictures(1, 1)], lambda: [pictures(2, 2)]]
    settings = {"label": "found", "identity": "1", "num_classes": 2, "encoding": PNG} | changed
    return pack(str(folder), parts, **settings)


def test_pictures_come_back_with_what_was_said_of_them(tmp_path):
    dataset = packed(tmp_path / "set")
    assert [shard.count for shard in dataset.shards] == [4, 2]
    made = [pictures(3), pictures(1, 1), pictures(2, 2)]
    pixels = np.concatenate([batch.pixels for batch in made])
    said = [params for batch in made for params in batch.params]
    found = patterngen.open_dataset(str(tmp_path / "set"))
    for n in range(6):
        assert np.array_equal(decode(found[n].data), pixels[n])
        assert json.loads(found[n].row["params"]) == said[n]
        assert found[n].row["sha256"] == hashlib.sha256(pixels[n].tobytes()).hexdigest()
    rows = dataset.manifest().to_pylist()
    assert [row["key"] for row in rows] == [f"{n:09d}" for n in range(6)]
    assert [row["class_id"] for row in rows] == [0, 1, 0, 0, 0, 1]
    assert {(row["family"], row["family_version"], row["width"], row["height"]) for row in rows} == {
        ("found", 0, 9, 5)
    }


def test_such_a_dataset_is_sound_and_nobody_draws_it_again(tmp_path):
    dataset = packed(tmp_path / "set")
    report = verify(VerifyConfig(dir=str(tmp_path / "set")))
    assert report.redrawn == 0
    assert all("no family drew it" in reason for reason in report.skipped)
    assert show_command(dataset.manifest().to_pylist()[0], None) is None


def test_its_card_gives_nothing_away(tmp_path):
    card = dataset_card(packed(tmp_path / "set"))
    assert "license: other" in card
    assert "5 × 9 pixels" in card
    assert not any(word in card.lower() for word in ("cc0", "public domain", "no photograph", "synthetic"))


def test_a_run_goes_on_where_it_stopped(tmp_path):
    asked = []

    def part(number):
        def make():
            asked.append(number)
            if number == 1 and asked.count(1) == 1:
                raise RuntimeError
            yield pictures(2, number)

        return make

    parts = [part(n) for n in range(3)]
    with pytest.raises(RuntimeError):
        packed(tmp_path / "set", parts)
    again = packed(tmp_path / "set", parts)
    assert asked == [0, 1, 1, 2]
    whole = packed(tmp_path / "whole", [part(n) for n in (0, 5, 2)], identity="1")
    assert again.manifest(["key"]) == whole.manifest(["key"])


def test_another_datasets_folder_is_refused(tmp_path):
    packed(tmp_path / "set")
    for other in ({"identity": "2"}, {"label": "other"}, {"encoding": Encoding()}):
        with pytest.raises(PatternGenError, match="holds another dataset"):
            packed(tmp_path / "set", **other)


def test_a_part_without_pictures_is_named(tmp_path):
    with pytest.raises(PatternGenError, match="part 1 of 2 has no pictures"):
        packed(tmp_path / "set", [lambda: [pictures(1)], list])


def test_a_url_is_refused(tmp_path):
    with pytest.raises(PatternGenError, match="local folder"):
        packed("memory://set")


def test_chosen_pictures_can_be_repacked(tmp_path):
    packed(tmp_path / "set")
    out = str(tmp_path / "chosen")
    filter_dataset(FilterConfig(dir=str(tmp_path / "set"), tv_min=0.0, repack=out))
    assert DatasetFolder.open(out).count == 6
