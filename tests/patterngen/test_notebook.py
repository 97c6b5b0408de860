"""What objects show of themselves in a notebook: strangers' names are text, and it is never too much."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import patterngen
from patterngen.notebook import MOST_PICTURES, MOST_ROWS, curve, histogram, shown_text, table
from tests.patterngen.dataset.test_hostile_manifests import rewrite

HARM = '</td><script>alert(1)</script>" onmouseover="x()" \u202e\x1b[31m'
OURS = {"p", "b", "div", "figure", "figcaption", "img", "table", "tr", "th", "td"}
OURS |= {"svg", "g", "rect", "path", "polyline", "text"}


class Page(HTMLParser):
    """Collects the elements of a piece of HTML, their attributes, and the text between them."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.words = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words += data

    def count(self, tag):
        return len(self.of(tag))

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def shown(thing):
    """Return what a notebook shows of a thing, which is nothing but what we write."""
    html = thing if isinstance(thing, str) else thing._repr_html_()
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= OURS
    attributes = {name for _, found in page.elements for name in found}
    assert not {name for name in attributes if name.startswith("on") or name == "href"}
    assert all(found["src"].startswith("data:image/") for found in page.of("img"))
    assert page.words.isprintable()
    return page


@given(st.text())
def test_any_text_reads_as_itself(text):
    page = Page(f"<p title='{shown_text(text)}'>{shown_text(text)}</p>")
    assert [tag for tag, _ in page.elements] == ["p"]
    assert page.words == page.elements[0][1]["title"]
    if text.isprintable():
        assert page.words == text


def test_pictures_show_themselves_and_what_drew_them():
    pictures = patterngen.family("dead-leaves-mixed").draw(range(3), 300)
    page = shown(pictures)
    assert page.count("img") == 3
    assert "3 pictures · 300 × 300 pixels" in page.words
    name, value = next(iter(pictures.params[0].items()))
    assert f"{name}: {value}" in page.of("figure")[0]["title"]


@pytest.mark.parametrize("count", [0, MOST_PICTURES, 400])
def test_a_sheet_never_shows_more_pictures_than_can_be_sent(count):
    noise = np.random.default_rng(0).integers(0, 256, (count, 256, 256, 3), np.uint8)
    html = patterngen.Pictures(noise, [{}] * count, np.zeros(count, np.int64))._repr_html_()
    assert shown(html).count("img") == min(count, MOST_PICTURES)
    assert f"{count} pictures" in html
    assert len(html) < 1 << 20  # of noise, which nothing makes smaller


def test_names_in_params_are_text():
    pictures = patterngen.Pictures(np.zeros((1, 8, 8, 3), np.uint8), [{HARM: HARM}], np.zeros(1, np.int64))
    assert "<script>" in shown(pictures).of("figure")[0]["title"]


def test_a_dataset_shows_its_families_and_their_smoothness(sound_folder):
    dataset = patterngen.open_dataset(str(sound_folder))
    tv = dataset.folder.manifest(["tv"])["tv"].to_numpy()
    page = shown(dataset)
    assert page.count("img") == 13  # of 25, every second
    assert "25 pictures" in page.words
    assert "dead-leaves-mixed" in page.words
    counts = dataset.folder.manifest(["family"])["family"].value_counts().to_pylist()
    assert all(str(one["counts"]) in page.words for one in counts)
    assert page.count("rect") > 1  # bars of the histogram
    assert shown(dataset.folder).count("img") == 0
    picture = shown(dataset[3])
    assert picture.count("img") == 1
    assert str(tv[3]) in picture.words


def test_names_in_a_manifest_are_text(folder):
    rewrite(folder, family=HARM, params=json.dumps({"name": HARM}))
    dataset = patterngen.open_dataset(str(folder))
    for thing in (dataset, dataset.folder, dataset[0]):
        assert "<script>alert(1)</script>" in shown(thing).words


@pytest.mark.parametrize("tv", [np.nan, np.inf, 1e300, -1.0, 0.0])
def test_a_dataset_of_absurd_smoothness_is_shown(folder, tv):
    rewrite(folder, tv=tv)
    assert "dead-leaves-mixed" in shown(patterngen.DatasetFolder.open(str(folder))).words


def test_a_damaged_dataset_says_so_where_it_would_be_shown(folder):
    dataset = patterngen.open_dataset(str(folder))
    for manifest in folder.glob("*.parquet"):
        manifest.write_bytes(b"<script>")
    assert "is damaged" in shown(dataset).words


def test_of_many_shards_some_are_read(monkeypatch, sound_folder):
    monkeypatch.setattr("patterngen.dataset.folder._SHOWN", 2)
    folder = patterngen.DatasetFolder.open(str(sound_folder))
    assert "25 pictures" in shown(folder).words
    assert "below, 15 pictures of 2 shards" in shown(folder).words


def test_long_tables_end(sound_folder):
    page = shown(table(("a",), [(i,) for i in range(1000)]))
    assert page.count("tr") == MOST_ROWS + 2
    assert f"and {1000 - MOST_ROWS} more" in page.words


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_the_bars_of_a_histogram_are_as_high_as_their_counts(counts):
    page = shown(histogram(counts, "pictures", "0", "1"))
    heights = [float(found["height"]) for found in page.of("rect")]
    expected = [120 * count / max(counts) for count in counts if count]
    assert np.allclose(heights, expected, atol=0.06)


@given(st.lists(st.floats(allow_infinity=True, allow_nan=True, width=32), max_size=1000))
def test_a_curve_stays_inside_of_its_plot(values):
    page = shown(curve(range(len(values)), values, "loss"))
    (points,) = [re.findall(r"([\d.-]+),([\d.-]+)", line["points"]) for line in page.of("polyline")] or [[]]
    assert bool(points) == bool(np.isfinite(values).any())
    assert len(points) <= 400
    assert all(0 <= float(x) <= 480 and 0 <= float(y) <= 120 for x, y in points)
