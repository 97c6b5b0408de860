"""Filters and orders of the page: what they show is what the manifest says, and what `filter` would keep."""

import shlex

import pyarrow.parquet as pq
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from patterngen.cli import main
from tests.end_to_end.browse_page.reader import COUNT

# Filters ------------------------------------------------------------------------------------------------


def test_the_brush_is_dragged(reader, manifest):
    reader.drag(0.3, 0.6)
    low, high = reader.bound("low"), reader.bound("high")
    span = [reader.bound(handle) for handle in ("low", "high")]
    assert reader.find("#range").text == f"{low:g} … {high:g}"
    expected = manifest[manifest.tv.between(*span)].key.tolist()
    assert 0 < len(expected) < COUNT
    assert reader.keys == expected
    reader.drag(0.45, 0.55)  # within the brush: it moves as it is
    assert reader.bound("low") > low
    assert reader.bound("high") / reader.bound("low") == pytest.approx(high / low, rel=0.02)
    reader.find("#plot").click()
    assert len(reader.keys) == COUNT


def test_the_brush_is_moved_by_keys(reader, manifest):
    reader.find("#low").send_keys(*[Keys.ARROW_RIGHT] * 20)
    reader.find("#high").send_keys(Keys.PAGE_DOWN, Keys.PAGE_DOWN)
    low, high = reader.bound("low"), reader.bound("high")
    expected = manifest[manifest.tv.between(low, high)].key.tolist()
    assert manifest.tv.min() < low < high < manifest.tv.max()
    assert reader.keys == expected != []
    reader.find("#low").send_keys(Keys.END)  # not beyond the other
    assert reader.bound("low") == high
    reader.find("#low").send_keys(Keys.HOME)
    assert reader.find("#low").get_attribute("aria-valuetext") == "no lower bound"
    reader.find("#high").send_keys(Keys.END)
    assert len(reader.keys) == COUNT


def test_facets_join_values_and_count_what_a_tick_would_show(reader, manifest):
    assert reader.numbers("family") == manifest.family.value_counts().to_dict()
    reader.tick("family", "perlin")
    reader.tick("family", "fbm?octaves=2")
    chosen = manifest[manifest.family.isin(["perlin", "fbm?octaves=2"])]
    assert reader.keys == chosen.key.tolist()
    assert reader.numbers("family") == manifest.family.value_counts().to_dict()  # of what ticking adds
    of_class = chosen.class_id.value_counts().to_dict()
    assert reader.numbers("class_id") == {str(c): of_class.get(c, 0) for c in manifest.class_id.unique()}
    reader.tick("family", "perlin")
    assert reader.keys == manifest[manifest.family == "fbm?octaves=2"].key.tolist()
    reader.find("#clear").click()
    assert len(reader.keys) == COUNT


def test_a_keep_list_is_a_facet(reader, folder):
    kept = pq.read_table(folder / "keep.parquet")["key"].to_pylist()
    reader.tick("kept", "kept")
    assert reader.keys == kept
    assert not reader.browser.find_elements(By.CSS_SELECTOR, "li:not([hidden]) > .left-out")
    reader.tick("kept", "left out")
    assert len(reader.browser.find_elements(By.CSS_SELECTOR, "li:not([hidden]) > .left-out")) == COUNT - len(
        kept
    )


def test_words_are_searched_in_family_and_parameters(reader, manifest):
    leaves = manifest[manifest.family == "dead-leaves-mixed"]
    number = leaves["params.leaves"].iloc[0]
    reader.press("/", f"DEAD leaves={number:g}")
    text = leaves["params.leaves"].map("{:g}".format)
    assert reader.keys == leaves[text.str.startswith(f"{number:g}")].key.tolist()
    reader.find("#search").send_keys(" nowhere")
    assert reader.keys == []
    assert reader.find("#nothing").is_displayed()
    reader.find("#nothing button").click()
    assert len(reader.keys) == COUNT


def test_the_filter_command_chooses_the_same(reader, tmp_path):
    reader.drag(0.2, 0.8)
    reader.tick("family", "fbm?octaves=2")
    reader.tick("family", "dead-leaves-mixed")
    words = shlex.split(reader.find("#as-command code").text)
    assert main([*words[1:], "--out", str(tmp_path / "keep.parquet")]) == 0
    assert reader.keys == pq.read_table(tmp_path / "keep.parquet")["key"].to_pylist() != []


# Order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "columns"),
    [
        ("tv", ["tv"]),
        ("family", ["family"]),
        ("class", ["class_id"]),
        ("file size", ["size"]),
        ("leaves", ["params.leaves"]),
    ],
)
def test_pictures_are_sorted_both_ways(reader, manifest, order, columns):
    Select(reader.find("#sort")).select_by_visible_text(order)
    up = manifest.sort_values(columns, kind="stable").key.tolist()
    assert reader.keys == up
    reader.find("#direction").click()
    assert reader.find("#direction").get_attribute("aria-pressed") == "true"
    down = manifest.sort_values(columns, ascending=False, kind="stable").key.tolist()
    assert reader.keys == down
