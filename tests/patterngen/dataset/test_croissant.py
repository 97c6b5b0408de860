"""What a dataset folder says of itself in Croissant, as the specification's own library reads it."""

import json

import mlcroissant
import pytest

from patterngen.dataset.croissant import dataset_croissant
from patterngen.dataset.folder import DatasetFolder
from tests.drawn import draw
from tests.test_documents import fenced_blocks


def read(path):
    """Read a description; its library has nothing to say against it, nor for want of anything."""
    dataset = mlcroissant.Dataset(path)
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    return dataset


def test_the_library_of_croissant_reads_what_the_manifests_hold(sound_folder):
    dataset = read(sound_folder / "croissant.json")
    manifest = DatasetFolder.open(str(sound_folder)).manifest()
    rows = list(dataset.records("pictures"))
    assert len(rows) == 25
    assert {name.removeprefix("pictures/") for name in rows[0]} == set(manifest.column_names)
    tv = dict(zip(manifest["key"].to_pylist(), manifest["tv"].to_pylist(), strict=True))
    assert {row["pictures/key"].decode(): row["pictures/tv"] for row in rows} == tv


def test_it_says_who_drew_the_pictures_and_what_one_may_do_with_them(sound_folder):
    metadata = read(sound_folder / "croissant.json").metadata
    assert metadata.license == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert "no recording" in metadata.data_collection.lower()
    assert metadata.data_collection_type == ["Software"]
    assert metadata.name == sound_folder.name


def test_measures_that_were_asked_for_are_fields(tmp_path):
    folder = draw(tmp_path / "set", count=2, size=16, measures=("zlib_bpp",))
    (records,) = json.loads((folder / "croissant.json").read_text())["recordSet"]
    assert "zlib_bpp" in [field["name"] for field in records["field"]]


@pytest.mark.parametrize("ended", ["", "<script>", "yesterday"])
def test_a_marker_that_tells_no_date_gives_none(folder, ended):
    for marker in folder.glob("*_stats.json"):
        marker.write_text(json.dumps(json.loads(marker.read_text()) | {"ended": ended}))
    assert "datePublished" not in json.loads(dataset_croissant(DatasetFolder.open(str(folder))))


def test_the_examples_of_the_card_run(sound_folder, monkeypatch, capsys):
    monkeypatch.chdir(sound_folder)
    names = {}
    blocks = fenced_blocks((sound_folder / "README.md").read_text(), "python")
    assert len(blocks) == 2
    for block in blocks:
        exec(block, names)
    assert "(32, 32, 3)" in capsys.readouterr().out
