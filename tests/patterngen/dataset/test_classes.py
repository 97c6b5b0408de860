"""Class ids of a dataset: whose they are, and that its folder says so."""

import json
from itertools import pairwise

import pytest

from patterngen.dataset.classes import ClassRange, read_classes, write_classes
from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.jobs.mixture import mixture
from tests.drawn import draw

FAMILIES = ("perlin", "visual-atom", "smooth:visual-atom", "rcdb")
SPEC = {"count": 40, "size": 16, "samples_per_shard": 40}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("classes") / "set", *FAMILIES, **SPEC)


def test_ranges_follow_one_another_and_stay_when_families_are_added():
    ranges = mixture(FAMILIES).classes
    assert ranges[0] == ClassRange("perlin", 0, 1)
    for before, after in pairwise(ranges):
        assert after.first_class == before.first_class + before.num_classes
    assert mixture((*FAMILIES, "worley")).classes[: len(ranges)] == ranges
    assert mixture(("visual-atom",)).classes[0].num_classes == family("visual-atom").num_classes


def test_the_folder_says_whose_class_a_picture_is(rendered):
    ranges = {one.family: one for one in read_classes(rendered)}
    assert list(ranges) == list(FAMILIES)
    rows = DatasetFolder.open(str(rendered)).manifest(["family", "class_id", "seed"]).to_pylist()
    assert {row["family"] for row in rows} == set(FAMILIES)
    for row in rows:
        own = ranges[row["family"]]
        drawn = family(row["family"]).draw([row["seed"]], 16).class_id[0]
        assert row["class_id"] == own.first_class + drawn
        assert 0 <= drawn < own.num_classes


def test_indexes_and_card_repeat_it(rendered):
    info = json.loads((rendered / "_info.json").read_text())
    assert info["num_classes"] == sum(one.num_classes for one in read_classes(rendered))
    assert info["classes"] == json.loads((rendered / "classes.json").read_text())
    card = (rendered / "README.md").read_text()
    for one in read_classes(rendered):
        assert any(
            f"| `{one.family}` |" in line and line.endswith(f"| {one} |") for line in card.splitlines()
        )


def test_a_repacked_folder_keeps_it(rendered, tmp_path):
    filter_dataset(FilterConfig(dir=str(rendered), family=("visual-atom",), repack=str(tmp_path / "packed")))
    assert read_classes(tmp_path / "packed") == read_classes(rendered)


def test_a_folder_without_the_table_is_read_and_the_table_written_again(rendered, tmp_path):
    before = (rendered / "classes.json").read_bytes()
    (rendered / "classes.json").unlink()
    assert read_classes(rendered) == ()
    draw(rendered, *FAMILIES, **SPEC)
    assert (rendered / "classes.json").read_bytes() == before


@pytest.mark.parametrize("text", ["nonsense", "{}[", '[{"family": "perlin"}]', "[3]"])
def test_a_damaged_table_is_named(tmp_path, text):
    write_classes(tmp_path, [])
    (tmp_path / "classes.json").write_text(text)
    with pytest.raises(PatternGenError, match=r"classes\.json is damaged"):
        read_classes(tmp_path)
