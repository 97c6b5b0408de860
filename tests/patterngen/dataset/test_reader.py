"""Any picture of a dataset by its number."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import patterngen
from patterngen.dataset.reader import Dataset
from patterngen.dataset.tar import read_members
from patterngen.errors import PatternGenError


@pytest.fixture(scope="module")
def pictures(sound_folder):
    return Dataset(str(sound_folder))


def test_every_picture_is_what_its_tar_holds(pictures, sound_folder):
    members = [m for path in sorted(sound_folder.glob("*.tar")) for m in read_members(path)]
    expected = {m.name: m.data for m in members if m.name.endswith(".jpg")}
    assert len(pictures) == 25
    assert {f"{p.row['key']}.{p.extension}": p.data for p in pictures} == expected


@given(index=st.integers(-25, 24))
def test_a_place_is_its_key_and_negative_ones_count_from_the_end(pictures, index):
    picture = pictures[index]
    assert int(picture.row["key"]) == index % 25
    assert picture.pixels.shape == (32, 32, 3)


def test_a_slice_is_a_list(pictures):
    assert [int(picture.row["key"]) for picture in pictures[8:23:7]] == [8, 15, 22]


@pytest.mark.parametrize("index", [25, -26])
def test_beyond_the_end_is_an_index_error(pictures, index):
    with pytest.raises(IndexError, match=f"picture {index} .* there are 25"):
        pictures[index]


def test_it_travels_to_other_processes(pictures):
    again = pickle.loads(pickle.dumps(pictures))
    assert np.array_equal(again[13].pixels, pictures[13].pixels)


def test_a_manifest_that_lies_is_found_out(folder):
    tar = folder / "train-000001.tar"
    data = bytearray(tar.read_bytes())
    data[:9] = b"999999999"
    tar.write_bytes(data)
    with pytest.raises(PatternGenError, match="does not hold picture '000000010'"):
        patterngen.open_dataset(str(folder))[10]
