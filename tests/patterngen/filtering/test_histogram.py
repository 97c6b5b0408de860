"""Histograms of Total Variation, of datasets and from tables."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.filtering.histogram import BINS, Histogram, read_histogram


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_shares_are_those_of_the_values_in_their_bins(values):
    found = Histogram.of(np.array(values))
    assert found.shares.sum() == pytest.approx(1)
    assert (found.edges[0], found.edges[-1]) == (min(values), max(values))
    assert len(found.edges) == len(found.shares) + 1
    counted, _ = np.histogram(values, found.edges) if found.edges[0] < found.edges[-1] else ([len(values)], 0)
    assert found.shares * len(values) == pytest.approx(counted)


def test_many_different_values_fill_the_bins_equally():
    found = Histogram.of(np.random.default_rng(0).gamma(2, 0.05, 100 * BINS))
    assert found.shares == pytest.approx(np.full(BINS, 1 / BINS), rel=0.02)


def test_a_dataset_s_histogram_is_its_manifest_s(sound_folder):
    tv = DatasetFolder.open(str(sound_folder)).manifest(["tv"])["tv"].to_numpy()
    assert np.array_equal(read_histogram(str(sound_folder)).edges, Histogram.of(tv).edges)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_matched(folder, tmp_path, encoding):
    tv = DatasetFolder.open(str(folder)).manifest(["tv"])["tv"].to_numpy()
    low, middle, high = np.quantile(tv, [0.1, 0.5, 0.9])
    table = tmp_path / "wanted.csv"
    table.write_text(f"tv_min, tv_max,share\n{low},{middle},1\n{middle}, {high},3\n", encoding)
    filter_dataset(FilterConfig(dir=str(folder), match=str(table), out=str(tmp_path / "k.parquet")))
    keys = set(pq.read_table(tmp_path / "k.parquet")["key"].to_pylist())
    rows = DatasetFolder.open(str(folder)).manifest(["key", "tv"]).to_pylist()
    kept = np.array([row["tv"] for row in rows if row["key"] in keys])
    below, above = np.sum((kept >= low) & (kept < middle)), np.sum((kept >= middle) & (kept <= high))
    assert below + above == len(kept)
    # As many as there are in the bin that runs out, and a third of them, rounded down, in the other.
    assert above == np.sum((tv >= middle) & (tv <= high))
    assert below == above // 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "give bins"),
        ("tv_min,tv_max\n0,1\n", "not a table with the columns tv_min,tv_max,share"),
        ("tv_min,tv_max,share\n0,1,x\n", "not a table"),
        ("tv_min,tv_max,share, share\n0,1,1,0\n", "two columns are called 'share'; rename or remove one"),
        ("tv_min,tv_max,share\n0,1\n", "not a table"),
        ("tv_min,tv_max,share\n1,0,1\n", "tv_min < tv_max"),
        ("tv_min,tv_max,share\n0,1,1\n2,3,1\n", "each from where the last one ended"),
        ("tv_min,tv_max,share\n0,1,0\n", "not all 0"),
        ("tv_min,tv_max,share\n0,1,-1\n", "0 or more"),
        ("tv_min,tv_max,share\n0,inf,1\n", "give bins"),
        ("tv_min,tv_max,share\n0,nan,1\n", "give bins"),
        ("\0\xff", "not a table|give bins"),
    ],
)
def test_what_is_no_histogram_is_refused(tmp_path, text, said):
    path = tmp_path / "wanted.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(PatternGenError, match=said) as caught:
        read_histogram(str(path))
    assert "\n" not in str(caught.value)
    with pytest.raises(PatternGenError, match="no such file"):
        read_histogram(str(tmp_path / "missing.csv"))
