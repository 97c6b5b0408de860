import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.selection import select, within
from patterngen.dataset.stats import dataset_stats
from patterngen.dataset.tar import read_members
from patterngen.errors import PatternGenError
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.metrics import TV_DEFINITION
from tests.drawn import draw


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Fifty small pictures of two families in three shards."""
    folder = tmp_path_factory.mktemp("rendered") / "set"
    return draw(folder, "perlin", "fbm?octaves=2", "fbm?octaves=8", count=50, size=16, samples_per_shard=20)


@pytest.fixture
def folder(rendered, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(rendered, tmp_path / "set")


@pytest.fixture(scope="module")
def manifest(rendered):
    return DatasetFolder.open(str(rendered)).manifest().to_pandas()


def keys(selection):
    return {key for shard in selection for key in shard.keys or ()}


def test_without_a_rule_everything_is_selected(rendered):
    selection = select(str(rendered))
    assert [(shard.count, shard.keys) for shard in selection] == [(20, None), (20, None), (10, None)]


@given(bounds=st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)).map(sorted))
def test_selection_is_the_manifest_between_the_bounds(rendered, manifest, bounds):
    low, high = bounds
    expected = manifest[(manifest.tv >= low) & (manifest.tv <= high)]
    if expected.empty:
        with pytest.raises(PatternGenError, match="have tv"):
            select(str(rendered), tv_min=low, tv_max=high)
        return
    selection = select(str(rendered), tv_min=low, tv_max=high)
    assert sum(shard.count for shard in selection) == len(expected)
    for shard in selection:
        everything = manifest[manifest.shard == Path(shard.path).name]
        of_shard = set(everything.key) & set(expected.key)
        assert shard.count == len(of_shard)
        assert (shard.keys or set(everything.key)) == of_shard


def test_bounds_are_inclusive(rendered, manifest):
    tv = manifest.tv[7]
    assert manifest.key[7] in keys(select(str(rendered), tv_min=tv, tv_max=tv))


@given(
    values=st.lists(st.floats(0, 2), min_size=1),
    low=st.none() | st.floats(0, 2),
    high=st.none() | st.floats(0, 2),
)
def test_within_agrees_with_comparison(values, low, high):
    expected = [(low is None or v >= low) and (high is None or v <= high) for v in values]
    assert within(np.array(values), low, high).tolist() == expected


def test_a_keep_list_names_its_dataset_and_selects_the_same(folder):
    median = float(np.median(DatasetFolder.open(str(folder)).manifest(["tv"])["tv"]))
    report = filter_dataset(FilterConfig(dir=str(folder), tv_max=median))
    assert report.path == folder / f"keep-tv-max-{median:g}.parquet"
    assert (report.kept, report.total) == (25, 50)
    table = pq.read_table(report.path)
    assert table.column_names == ["key"]
    metadata = table.schema.metadata
    assert metadata[b"job_hash"].decode() == DatasetFolder.open(str(folder)).job_hash
    assert metadata[b"tv_definition"].decode() == TV_DEFINITION
    assert set(table["key"].to_pylist()) == keys(select(str(folder), tv_max=median))
    assert select(str(folder), keep=report.path.name) == select(str(folder), tv_max=median)


def test_a_keep_list_and_bounds_both_hold(folder, manifest):
    filter_dataset(FilterConfig(dir=str(folder), quantile="0.0:0.6", out=str(folder / "low.parquet")))
    both = keys(select(str(folder), keep="low.parquet", tv_min=float(manifest.tv.quantile(0.4))))
    expected = manifest[manifest.tv.between(manifest.tv.quantile(0.4), manifest.tv.quantile(0.6))]
    assert both == set(expected.key)


@pytest.mark.parametrize("share", [0.1, 0.3, 1.0])
def test_a_quantile_keeps_its_share(folder, share):
    report = filter_dataset(FilterConfig(dir=str(folder), quantile=f"0:{share}"))
    assert report.kept == pytest.approx(share * 50, abs=1)
    assert (report.warning is not None) is (share < 0.2)


def test_a_family_is_chosen_by_its_name_or_with_its_settings(folder, manifest):
    every = filter_dataset(FilterConfig(dir=str(folder), family=("fbm",)))
    one = filter_dataset(FilterConfig(dir=str(folder), family=("fbm?octaves=2", "perlin")))
    assert every.kept == manifest.family.str.startswith("fbm").sum()
    assert one.kept == manifest.family.isin(["fbm?octaves=2", "perlin"]).sum()


def test_repacking_keeps_the_bytes_in_uniform_shards(folder, manifest, tmp_path):
    out = tmp_path / "packed"
    report = filter_dataset(FilterConfig(dir=str(folder), quantile="0:0.5", repack=str(out)))
    packed = DatasetFolder.open(str(out))
    assert [shard.count for shard in packed.shards] == [20, 5]
    assert packed.job_hash != DatasetFolder.open(str(folder)).job_hash
    before = {m.name: m.data for path in folder.glob("*.tar") for m in read_members(path)}
    after = {m.name: m.data for path in out.glob("*.tar") for m in read_members(path)}
    assert len(after) == 3 * report.kept
    assert all(before[name] == data for name, data in after.items())
    rows = packed.manifest().to_pandas()
    expected = manifest[manifest.tv <= manifest.tv.quantile(0.5)]
    columns = [name for name in rows if name not in ("shard", "offset")]
    assert rows[columns].equals(expected[columns].reset_index(drop=True))
    assert dataset_stats(str(out)).total.count == 25
    assert sum(shard.count for shard in select(str(out))) == 25


def test_repacking_twice_gives_equal_bytes_and_another_choice_is_refused(folder, tmp_path):
    out = tmp_path / "packed"
    config = FilterConfig(dir=str(folder), quantile="0:0.5", repack=str(out))
    hashes = [
        [shard.stats.sha256 for shard in DatasetFolder.open(str(filter_dataset(config).path)).shards]
        for _ in "ab"
    ]
    assert hashes[0] == hashes[1]
    with pytest.raises(PatternGenError, match="another dataset"):
        filter_dataset(FilterConfig(dir=str(folder), quantile="0:0.2", repack=str(out)))


def test_a_manifest_that_lies_about_its_tar_is_found_out(folder, tmp_path):
    path = folder / "train-000000.parquet"
    table = pq.read_table(path)
    columns = table.to_pydict() | {"offset": [offset + 512 for offset in table["offset"].to_pylist()]}
    pq.write_table(pa.table(columns, schema=table.schema), path)
    with pytest.raises(PatternGenError, match="does not hold picture '000000000'"):
        filter_dataset(FilterConfig(dir=str(folder), quantile="0:1", repack=str(tmp_path / "packed")))
    assert not list((tmp_path / "packed").iterdir())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "needs a rule"),
        ({"tv_min": 0.2, "tv_max": 0.1}, "--tv-min 0.2 is above --tv-max 0.1"),
        ({"tv_max": -1.0}, "--tv-max -1"),
        ({"tv_max": float("nan")}, "--tv-max nan"),
        ({"quantile": "0.3"}, "LOW:HIGH"),
        ({"quantile": "0.0:1.5"}, "0 ≤ LOW ≤ HIGH ≤ 1"),
        ({"quantile": "0.6:0.5"}, "0 ≤ LOW ≤ HIGH ≤ 1"),
        ({"tv_max": 0.1, "out": "a.parquet", "repack": "b"}, "one of them"),
    ],
)
def test_rules_that_cannot_be(settings, said):
    with pytest.raises(PatternGenError, match=said):
        FilterConfig(dir="anywhere", **settings)


def test_keeping_nothing_states_what_there_is(folder, manifest):
    with pytest.raises(PatternGenError, match=f"{manifest.tv.min():.4g} … {manifest.tv.max():.4g}"):
        filter_dataset(FilterConfig(dir=str(folder), tv_min=1.9))


def test_an_unknown_family_is_answered_with_close_names(folder):
    with pytest.raises(PatternGenError, match="did you mean perlin"):
        filter_dataset(FilterConfig(dir=str(folder), family=("perlim",)))


def test_keep_lists_that_do_not_fit(folder, tmp_path):
    other = tmp_path / "other"
    draw(other, count=4, size=16, seed=1)
    filter_dataset(FilterConfig(dir=str(folder), quantile="0:1", out=str(tmp_path / "keep.parquet")))
    with pytest.raises(PatternGenError, match="another dataset"):
        select(str(other), keep=str(tmp_path / "keep.parquet"))
    with pytest.raises(PatternGenError, match="no such file"):
        select(str(folder), keep="nothing.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(PatternGenError, match="no keep-list"):
        select(str(folder), keep=str(tmp_path / "broken.parquet"))
    with pytest.raises(PatternGenError, match="no keep-list"):
        select(str(folder), keep="train-000000.tar")


def test_a_condition_keeps_what_it_says(folder, manifest):
    text = "0.05 < tv <= 0.2 and not family == 'perlin' or class_id in [0] and seed / 2 > 1e18"
    report = filter_dataset(FilterConfig(dir=str(folder), where=text, out=str(folder / "kept.parquet")))
    rows = manifest
    expected = (rows.tv > 0.05) & (rows.tv <= 0.2) & (rows.family != "perlin") | (rows.class_id == 0) & (
        rows.seed / 2 > 1e18
    )
    assert pq.read_table(report.path)["key"].to_pylist() == rows.key[expected].tolist()


def test_a_class_is_chosen_by_its_number(folder, manifest):
    assert filter_dataset(FilterConfig(dir=str(folder), class_id=(1,))).kept == (manifest.class_id == 1).sum()


def test_families_are_made_equal_in_number(folder, manifest):
    report = filter_dataset(FilterConfig(dir=str(folder), equal="family"))
    kept = manifest[manifest.key.isin(pq.read_table(report.path)["key"].to_pylist())]
    assert kept.family.value_counts().tolist() == [manifest.family.value_counts().min()] * 3


def test_an_equal_seed_keeps_the_same_and_another_keeps_others(folder):
    def kept(seed):
        report = filter_dataset(FilterConfig(dir=str(folder), sample=20, seed=seed))
        return pq.read_table(report.path)["key"].to_pylist()

    assert kept(1) == kept(1) == sorted(kept(1))
    assert len(kept(1)) == 20
    assert kept(1) != kept(2)


def test_another_dataset_s_spread_is_matched(folder, tmp_path):
    filter_dataset(FilterConfig(dir=str(folder), quantile="0.3:0.8", repack=str(tmp_path / "target")))
    filter_dataset(
        FilterConfig(dir=str(folder), match=str(tmp_path / "target"), out=str(folder / "k.parquet"))
    )
    target = DatasetFolder.open(str(tmp_path / "target")).manifest(["key"])["key"].to_pylist()
    assert keys(select(str(folder), keep="k.parquet")) <= set(target)


def test_a_keep_list_of_many_shards_is_read_shard_by_shard(folder, manifest):
    filter_dataset(FilterConfig(dir=str(folder), sample=13, out=str(folder / "few.parquet")))
    listed = set(pq.read_table(folder / "few.parquet")["key"].to_pylist())
    assert keys(select(str(folder), keep="few.parquet")) == listed
