import io
import tarfile

import numpy as np
import pytest
import webdataset
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from patterngen import (
    DatasetFolder,
    DatasetSpec,
    FilterConfig,
    PatternGenError,
    family,
    filter_dataset,
    open_dataset,
)
from patterngen.dataset.npy import npy_bytes, read_npy
from patterngen.errors import RunFailedError
from patterngen.jobs.verify import VerifyConfig, verify
from tests.drawn import draw

LEAVES = "dead-leaves-mixed"
ROLLS = "spectro?scene=music"


@given(
    arrays.arrays(
        st.sampled_from(["u1", "<u2", "<i4", "<f2", "<f8"]), arrays.array_shapes(max_dims=3, max_side=6)
    )
)
def test_arrays_are_written_as_numpy_writes_them_and_read_back(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    assert npy_bytes(array) == buffer.getvalue()
    found = read_npy(npy_bytes(array), "x.npy")
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@given(st.binary(max_size=200))
def test_what_is_no_array_is_refused(data):
    with pytest.raises(PatternGenError, match=r"^x\.npy is no array of numbers"):
        read_npy(data, "x.npy")


def test_what_would_be_unpickled_or_claims_more_than_is_there_is_refused():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    huge = npy_bytes(np.zeros((2, 2), np.uint8)).replace(b"(2, 2)", b"(2e9,)").replace(b"(2e9,)", b"(1<<9)")
    claims = npy_bytes(np.zeros((11, 11), np.uint8)).replace(b"(11, 11)", b"(99, 99)")
    for data in (buffer.getvalue(), huge, claims, npy_bytes(np.zeros(3))[:-1]):
        with pytest.raises(PatternGenError, match="is no array of numbers"):
            read_npy(data, "x.npy")


@pytest.fixture(scope="module")
def leaves(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaves") / "set"
    return draw(folder, LEAVES, count=7, size="24x32", samples_per_shard=3, arrays=("label_map",))


def test_arrays_are_those_of_the_seeds_and_pictures_are_as_without_them(leaves, tmp_path):
    plain = open_dataset(str(draw(tmp_path / "plain", LEAVES, count=7, size="24x32", samples_per_shard=3)))
    dataset = open_dataset(str(leaves))
    assert dataset.folder.arrays == ("label_map",)
    assert dataset.folder.job_hash != plain.folder.job_hash
    for one, other in zip(dataset, plain, strict=True):
        assert one.data == other.data
        assert one.row["seed"] == other.row["seed"]
        labels = one.array("label_map")
        assert labels.dtype == np.uint16
        np.testing.assert_array_equal(labels, family(LEAVES).label_map([one.row["seed"]], (24, 32))[0])
    with pytest.raises(PatternGenError, match=r"has no array 'piano_roll' beside it \(it has: label_map\)"):
        dataset[0].array("piano_roll")
    with pytest.raises(PatternGenError, match=r"\(it has: none\)"):
        plain[0].array("label_map")


def test_other_readers_find_them(leaves):
    samples = list(webdataset.WebDataset(str(leaves / "train-000000.tar"), shardshuffle=False).decode("rgb8"))
    dataset = open_dataset(str(leaves))
    assert [sample["__key__"] for sample in samples] == [dataset[i].row["key"] for i in range(3)]
    for sample, picture in zip(samples, dataset, strict=False):
        np.testing.assert_array_equal(sample["label_map.npy"], picture.array("label_map"))


def test_piano_rolls_are_stored_too_and_rounded_to_half_precision(tmp_path):
    folder = draw(tmp_path / "set", ROLLS, count=2, size="40x64", arrays=("piano_roll",))
    picture = open_dataset(str(folder))[1]
    roll = picture.array("piano_roll")
    assert roll.dtype == np.float16
    exact = family(ROLLS).piano_roll([picture.row["seed"]], (40, 64))[0]
    np.testing.assert_allclose(roll, exact, rtol=2**-11, atol=2**-24)


def test_a_part_that_is_repacked_keeps_its_arrays(leaves, tmp_path):
    filter_dataset(FilterConfig(dir=str(leaves), where="tv >= 0", repack=str(tmp_path / "all")))
    for shard in DatasetFolder.open(str(leaves)).shards:
        assert (tmp_path / "all" / shard.path.name).read_bytes() == shard.path.read_bytes()
    assert verify(VerifyConfig(dir=str(tmp_path / "all"))).images == 7


def test_a_tar_without_its_arrays_is_found_damaged(tmp_path):
    """A tar of the same length in which an array has another name."""
    folder = draw(tmp_path / "set", LEAVES, count=2, size=16, arrays=("label_map",))
    path = folder / "train-000000.tar"
    with tarfile.open(path) as tar:
        offset = next(info.offset for info in tar if info.name.endswith(".npy"))
    data = bytearray(path.read_bytes())
    data[offset : offset + 20] = b"000000000.other_map."
    path.write_bytes(data)
    with pytest.raises(RunFailedError, match="its SHA-256 differs"):
        verify(VerifyConfig(dir=str(folder)))
    with pytest.raises(PatternGenError, match=r"does not hold 000000000\.label_map\.npy after its picture"):
        _ = open_dataset(str(folder))[0]


def test_families_without_the_array_are_refused():
    with pytest.raises(PatternGenError, match=r"^perlin has no label_map; these families have: dead-leaves"):
        DatasetSpec(family=(LEAVES, "perlin"), count=1, arrays=("label_map",))
    with pytest.raises(PatternGenError, match=r"unknown array 'label_maps'.*label_map"):
        DatasetSpec(family=(LEAVES,), count=1, arrays=("label_maps",))
