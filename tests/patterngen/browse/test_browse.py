import base64
import json
import re
import shlex

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.browse import BrowseConfig, browse
from patterngen.browse.choice import shares, spread
from patterngen.browse.contents import page_text, params_of, show_command, thumbnail, value_of
from patterngen.browse.page import embedded, page
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.tv_bins import tv_edges, tv_histogram
from patterngen.encode import decode
from patterngen.errors import PatternGenError
from patterngen.filtering.filter import FilterConfig, filter_dataset


def contents_of(path):
    """Return what a page shows."""
    text = path.read_text("utf-8")
    return json.loads(re.search(r'<script type="application/json" id="contents">(.*?)</script>', text)[1])


def change(folder, column, value, row=0):
    """Write a value into the manifest of the first shard."""
    path = folder / "train-000000.parquet"
    table = pq.read_table(path)
    columns = table.to_pydict()
    columns[column][row] = value
    pq.write_table(pa.table(columns, schema=table.schema), path)


# The choice ---------------------------------------------------------------------------------------------


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=12), count=st.integers(1, 200))
def test_places_are_shared_as_equally_as_sizes_allow(sizes, count):
    places = shares(np.array(sizes), count, np.random.default_rng(0))
    assert places.sum() == min(count, sum(sizes))
    assert (places <= sizes).all()
    least = min((given for given, size in zip(places, sizes, strict=True) if given < size), default=None)
    assert least is None or places.max() <= least + 1  # who has room has at most one place less than anyone


@given(
    pictures=st.lists(st.tuples(st.integers(0, 3), st.floats(0, 2)), min_size=1, max_size=60),
    count=st.integers(1, 80),
)
def test_every_family_is_seen_from_its_smoothest_to_its_roughest(pictures, count):
    family, tv = np.array([p[0] for p in pictures], np.int32), np.array([p[1] for p in pictures])
    chosen = spread(family, tv, count, np.random.default_rng(0))
    assert len(chosen) == min(count, len(pictures))
    assert (np.diff(chosen) > 0).all()
    for one in np.unique(family[chosen]):
        of_family = chosen[family[chosen] == one]
        if len(of_family) > 1:
            assert tv[of_family].min() == tv[family == one].min()
            assert tv[of_family].max() == tv[family == one].max()
    if count >= 4:
        assert set(family[chosen]) == set(family)


def test_a_choice_covers_the_spread_and_follows_from_its_seed():
    tv = np.random.default_rng(1).permutation(1000) / 500
    family = np.zeros(1000, np.int32)

    def chosen(seed):
        return spread(family, tv, 10, np.random.default_rng(seed))

    assert sorted(tv[chosen(0)] // 0.2) == list(range(10))  # one of each tenth
    assert chosen(0).tolist() == chosen(0).tolist() != chosen(1).tolist()


# What is said of a picture ------------------------------------------------------------------------------


def test_what_cannot_be_seen_is_written_as_its_code():
    assert page_text("fbm?octaves=3 – Größe 雲") == "fbm?octaves=3 – Größe 雲"
    assert page_text("a\u202eb\u2028c\nd\x1b[31m\u200b") == r"a\u202eb\u2028c\nd\x1b[31m\u200b"
    assert len(page_text("x" * 10**6)) < 10**4


def test_numbers_stay_numbers_only_as_far_as_a_browser_knows_them():
    assert [value_of(3), value_of(0.25), value_of(2**53)] == [3, 0.25, str(2**53)]
    assert [value_of(True), value_of(None), value_of([1, "ü"])] == ["true", "null", '[1, "ü"]']
    assert [value_of(float("nan")), value_of(float("inf"))] == ["NaN", "Infinity"]


@pytest.mark.parametrize("text", ["", "no json", "[1]", "{" * 10_000, '{"a": ' * 10_000, "x" * 10**6])
def test_params_that_are_no_object_are_one_text(text):
    assert params_of(text) == [["params", page_text(text)]]


def test_params_keep_their_order_and_any_name():
    assert params_of('{"b": 1, "__proto__": "x", "a": 1e999}') == [
        ["b", 1],
        ["__proto__", "x"],
        ["a", "Infinity"],
    ]


def row(**changes):
    return {"key": "000000042", "family": "fbm?octaves=3", "seed": 7, "width": 64, "height": 64} | changes


def test_a_command_names_family_seed_and_size():
    plain = "patterngen show 'fbm?octaves=3' --seed 7 --size 64 --out 000000042.png"
    assert show_command(row(), None) == plain
    quoted = show_command(row(family="it's; rm -rf ~ $(x)"), "my data/quarantine.jsonl")
    assert shlex.split(quoted)[2] == "it's; rm -rf ~ $(x)"
    assert shlex.split(quoted)[-2:] == ["--quarantine", "my data/quarantine.jsonl"]


@pytest.mark.parametrize(
    "family", ["--out=/etc/passwd", "a\nrm -rf ~", "a\x1b[201~b", "a\u202eb", "x" * 10**5]
)
def test_no_command_is_offered_that_may_do_something_else(family):
    assert show_command(row(family=family), None) is None


def test_a_key_never_becomes_another_path():
    assert shlex.split(show_command(row(key="../../x"), None))[-1] == "picture.png"


@pytest.mark.parametrize(
    ("size", "small"), [((40, 60), (33, 50)), ((300, 100), (50, 17)), ((1, 500), (1, 50)), ((8, 8), (8, 8))]
)
def test_copies_are_small_and_keep_their_proportions(size, small):
    assert thumbnail(np.zeros((*size, 3), np.uint8), 50).shape == (*small, 3)


# The page -----------------------------------------------------------------------------------------------

STRANGE = "</script><script>alert(1)</script><!--\u2028&amp;\"'{{script}} \ud800\u202e"


@given(st.text() | st.just(STRANGE))
def test_embedded_json_is_never_markup(text):
    written = embedded({text: [text]})
    assert written.isascii()
    assert not set(written) & set("<>&")
    assert json.loads(written) == {text: [text]}


def test_contents_stay_in_their_block():
    text = page({"name": STRANGE})
    assert len(re.findall("<script", text)) == 2
    assert "<!--" not in text
    assert json.loads(re.search(r'id="contents">(.*?)</script>', text)[1]) == {"name": STRANGE}


def test_the_page_allows_only_its_own_script_and_style():
    text = page({})
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert all(re.fullmatch(r"'sha256-[\w+/]{43}='", rules[name]) for name in ("script-src", "style-src"))
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)  # the name of SVG is no address
    assert not re.search(r"\son\w+=|\sstyle=|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)


def test_a_page_of_a_dataset(folder, tmp_path):
    report = browse(BrowseConfig(dir=str(folder), out=str(tmp_path / "page.html"), sample=12))
    assert str(report) == f"{tmp_path}/page.html: 12 of 25 pictures, {report.bytes / 1e6:.1f} MB"
    manifest = DatasetFolder.open(str(folder)).manifest().to_pandas().set_index("key")
    shown = contents_of(tmp_path / "page.html")
    families = [shown["facets"][0]["values"][picture["facets"][0]] for picture in shown["pictures"]]
    assert families.count("dead-leaves-mixed") == families.count("dead-leaves-squares") == 6
    for picture, family in zip(shown["pictures"], families, strict=True):
        of_picture = manifest.loc[picture["key"]]
        fields = dict(picture["fields"])
        assert (family, picture["tv"]) == (of_picture.family, of_picture.tv)
        assert (fields["seed"], fields["sha256"]) == (of_picture.seed, of_picture.sha256)
        assert dict(picture["params"]) == json.loads(of_picture.params)
    assert sum(shown["counts"]) == shown["count"] == 25
    assert shown["job"].startswith("# patterngen")
    assert dict(shown["facts"])["job"] == DatasetFolder.open(str(folder)).job_hash[:16]


def test_equal_settings_give_equal_bytes_and_another_seed_another_choice(folder, tmp_path):
    def written(name, seed):
        browse(BrowseConfig(dir=str(folder), out=str(tmp_path / name), sample=9, seed=seed))
        return (tmp_path / name).read_bytes()

    assert written("a.html", 1) == written("b.html", 1) != written("c.html", 2)


def test_a_keep_list_tells_kept_from_left_out(folder, tmp_path):
    kept = filter_dataset(FilterConfig(dir=str(folder), quantile="0:0.4", out=str(tmp_path / "keep.parquet")))
    out = tmp_path / "page.html"
    browse(BrowseConfig(dir=str(folder), out=str(out), keep=str(kept.path)))
    shown = contents_of(out)
    named = {
        picture["key"]
        for picture in shown["pictures"]
        if shown["facets"][2]["values"][picture["facets"][2]] == "kept"
    }
    assert named == set(pq.read_table(kept.path)["key"].to_pylist())
    assert dict(shown["facts"])["keep-list"] == f"{kept.path}: {kept.kept} kept"


def test_small_pictures_are_shown_as_they_are(folder, tmp_path):
    browse(BrowseConfig(dir=str(folder), out=str(tmp_path / "page.html"), sample=1))
    (picture,) = contents_of(tmp_path / "page.html")["pictures"]
    assert picture["copy"] == ""
    assert decode(base64.b64decode(picture["image"])).shape == (32, 32, 3)


@pytest.mark.parametrize("tv", [float("nan"), -0.1, 3.0, float("inf")])
def test_a_total_variation_that_cannot_be_is_refused(folder, tmp_path, tv):
    change(folder, "tv", tv)
    with pytest.raises(PatternGenError, match="tv"):
        browse(BrowseConfig(dir=str(folder), out=str(tmp_path / "page.html")))
    assert not (tmp_path / "page.html").exists()


def test_a_flat_dataset_has_a_histogram():
    edges = tv_edges(np.zeros(5), 10)
    assert tv_histogram(np.zeros(5), edges).tolist() == [5] + [0] * 9
    assert (np.diff(tv_edges(np.array([5e-324, 1.0]), 10)) > 0).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"out": "page.txt"}, "name a .html or .htm file"),
        ({"out": "/nowhere/page.html"}, "make it first"),
        ({"sample": 0}, "sample 0: give a number from 1"),
        ({"sample": 10**6}, "sample 1000000"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_pages_that_cannot_be(settings, said):
    with pytest.raises(PatternGenError, match=said):
        BrowseConfig(**{"dir": "anywhere", "out": "page.html"} | settings)
