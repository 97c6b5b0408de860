"""The page of `patterngen browse` in a browser, used as its readers use it: by mouse and by keyboard."""

import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from patterngen.browse import BrowseConfig, browse
from patterngen.cli import main
from patterngen.dataset import DatasetFolder
from patterngen.jobs.job import RenderJob
from patterngen.jobs.rendering import render
from patterngen.shard import MANIFEST

FAMILIES = ("perlin", "fbm?octaves=2", "fbm?octaves=6", "dead-leaves-mixed")
COUNT = 48


def manifest_of(folder):
    """Return the manifest with a column for each parameter of a picture."""
    rows = DatasetFolder.open(str(folder)).manifest().to_pandas()
    return pd.concat([rows, pd.json_normalize(rows.params.map(json.loads)).add_prefix("params.")], axis=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browse") / "set"
    render(RenderJob(family=FAMILIES, count=COUNT, size=32, samples_per_shard=20, out=str(folder)))
    return folder


@pytest.fixture(scope="module")
def manifest(folder):
    return manifest_of(folder)


@pytest.fixture(scope="module")
def page(folder):
    keep = folder / "keep.parquet"
    assert main(["filter", str(folder), "--quantile", "0:0.5", "--out", str(keep)]) == 0
    return browse(BrowseConfig(dir=str(folder), out=str(folder / "page.html"), keep=str(keep))).path


class Reader:
    """Somebody who looks at a page."""

    def __init__(self, browser, path):
        self.browser = browser
        self.emulate()
        self.browser.get(Path(path).resolve().as_uri())

    def emulate(self, width=1280, height=900, **features):
        media = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def ask(self, script):
        return self.browser.execute_script(f"return {script}")

    def press(self, *keys):
        ActionChains(self.browser, duration=0).send_keys(*keys).perform()

    @property
    def keys(self):
        """Of the pictures that are shown, in their order."""
        return self.ask(
            "[...document.querySelectorAll('#grid li:not([hidden]) .tile')].map((tile) => tile.dataset.key)"
        )

    @property
    def focused(self):
        return self.ask("document.activeElement.dataset.key || document.activeElement.id")

    def tick(self, facet, value):
        self.find(f'[data-facet="{facet}"] label[title="{value}"]').click()

    def numbers(self, facet):
        """Return the number beside each value of a facet."""
        labels = self.ask(
            f"[...document.querySelectorAll('[data-facet=\"{facet}\"] label')]"
            ".map((label) => [label.title, Number(label.querySelector('.number').textContent)])"
        )
        return dict(labels)

    def drag(self, start, end):
        """Drag the mouse over the histogram, from one place to another, each 0 … 1."""
        plot = self.find("#plot")
        width = plot.size["width"]
        left = ActionChains(self.browser, duration=0).move_to_element_with_offset(
            plot, round((start - 0.5) * width), 25
        )
        left.click_and_hold().move_by_offset(round((end - start) * width), 0).release().perform()

    def bound(self, handle):
        return float(self.find(f"#{handle}").get_attribute("aria-valuenow"))


@pytest.fixture
def reader(chromium, page):
    return Reader(chromium, page)


def test_a_page_opens_from_a_file_and_asks_for_nothing(reader, manifest):
    assert reader.keys == manifest.key.tolist()
    assert reader.find("#result").text == f"{COUNT} of {COUNT} pictures"
    assert reader.ask(
        "[...grid.querySelectorAll('img')].every((image) => image.complete && image.naturalWidth === 32)"
    )
    assert "set" in reader.browser.title
    assert problems(reader) == []


def problems(reader):
    """Return the page's complaints (such as what its policy forbids) and its requests beyond its own file."""
    complaints = [entry["message"] for entry in reader.browser.get_log("browser")]
    events = [json.loads(entry["message"])["message"] for entry in reader.browser.get_log("performance")]
    urls = {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert any(url.startswith("file:") for url in urls), "the log shows the page's own request"
    return complaints + [url for url in urls if not url.startswith(("data:", "file:"))]


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


# By keyboard --------------------------------------------------------------------------------------------


def test_everything_is_reached_without_a_mouse(reader, manifest):
    keys = manifest[manifest.family.str.startswith("fbm")].key.tolist()
    reader.press("/", "fbm", Keys.ENTER)
    assert reader.focused == keys[0]
    columns = reader.ask(
        "getComputedStyle(document.getElementById('grid')).gridTemplateColumns.split(' ').length"
    )
    reader.press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    assert reader.focused == keys[1 + columns]
    reader.press(Keys.ARROW_UP, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert reader.focused == keys[0]
    reader.press(Keys.END)
    assert reader.focused == keys[-1]
    reader.press(Keys.HOME, Keys.ENTER)
    assert reader.ask("document.getElementById('detail').open")
    assert reader.find("#detail-name").text == keys[0]
    reader.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert reader.find("#detail-name").text == keys[1]
    assert reader.find("#place").text == f"2 of {len(keys)}"
    reader.press("/")  # no search behind the opened picture
    assert reader.focused == "close"
    reader.press(Keys.ESCAPE)
    assert not reader.ask("document.getElementById('detail').open")
    assert reader.focused == keys[1]


def test_tab_goes_through_all_controls_and_once_into_the_pictures(reader):
    seen = []
    for _ in range(60):
        reader.press(Keys.TAB)
        seen.append(reader.focused)
        outlined = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        assert reader.ask(f"document.activeElement === document.body || {outlined}"), (
            f"{seen[-1]}: visible focus"
        )
        if re.fullmatch(r"\d{9}", seen[-1]):
            break
    order = [name for name in seen if name]
    assert order == ["skip", "search", "sort", "direction", "zoom", "low", "high", "000000000"]
    reader.find("#skip").send_keys(Keys.ENTER)
    assert reader.focused == "000000000"


def test_whatever_takes_the_focus_has_a_name(reader):
    reader.find(".tile").click()
    tree = reader.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = ("button", "checkbox", "combobox", "searchbox", "slider", "dialog", "img", "list")
    named = [node for node in tree if not node["ignored"] and node["role"]["value"] in roles]
    reader.press(Keys.ESCAPE)
    tree = reader.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named += [node for node in tree if not node["ignored"] and node["role"]["value"] in roles[:6]]
    assert {node["role"]["value"] for node in named} >= {
        "button",
        "checkbox",
        "slider",
        "dialog",
        "searchbox",
    }
    assert [node["role"]["value"] for node in named if not node.get("name", {}).get("value")] == []


# One picture --------------------------------------------------------------------------------------------


def test_a_picture_tells_all_and_its_copied_command_draws_it_again(reader, manifest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    row = manifest.iloc[17]
    reader.find(f'[data-key="{row.key}"]').click()
    shown = reader.ask(
        "[...document.querySelectorAll('#params div, #fields div')].map((pair) => "
        "[pair.children[0].textContent, pair.children[1].textContent])"
    )
    expected = [(n, str(v)) for n, v in json.loads(row.params).items()]
    assert [tuple(pair) for pair in shown[: len(expected)]] == expected
    assert [name for name, _ in shown[len(expected) :]] == [
        name for name in MANIFEST.names if name != "params"
    ]
    button = reader.find("#detail .command button")
    button.click()
    WebDriverWait(reader.browser, 20).until(lambda _: button.text == "Copied")
    reader.press(Keys.ESCAPE, "/")
    reader.find("#search").send_keys(Keys.CONTROL, "v")
    words = shlex.split(reader.find("#search").get_property("value"))
    assert main(words[1:]) == 0
    with Image.open(f"{row.key}.png") as image:
        assert hashlib.sha256(image.tobytes()).hexdigest() == row.sha256


# Screens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 800, 1280, 3840])
def test_nothing_sticks_out_at_any_width(reader, width):
    reader.emulate(width, 900)
    assert reader.ask("document.documentElement.scrollWidth") <= width
    reader.find(".tile").click()
    box = reader.ask("document.getElementById('detail').getBoundingClientRect().toJSON()")
    assert 0 <= box["left"] < box["right"] <= width
    if width < 960:  # filters fold away where they would push the pictures down
        reader.press(Keys.ESCAPE)
        assert not reader.find("#filters").is_displayed()
        reader.find("#fold").click()
        assert reader.find("#filters").is_displayed()


def test_the_page_is_dark_and_still_where_its_reader_asks(reader):
    def look():
        return reader.ask(
            "[getComputedStyle(document.body).backgroundColor, "
            "getComputedStyle(document.querySelector('.tile')).transitionDuration.split(',')[0]]"
        )

    reader.emulate(prefers_color_scheme="light")
    light, moving = look()
    reader.emulate(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    dark, still = look()
    assert sum(map(int, re.findall(r"\d+", light))) > 600 > 150 > sum(map(int, re.findall(r"\d+", dark)))
    assert (moving, still) == ("0.12s", "0s")


# Strangers' manifests -----------------------------------------------------------------------------------

HURT = "window.hurt = true"
HOSTILE = (
    f"</script><script>{HURT}</script>",
    f"<img src=x onerror='{HURT}'>",
    f'"><svg onload="{HURT}">',
    "<!--<script>",
    "\u2028\u2029\u202egnp.exe\x00\x1b[31m",
    "{{script}} {{contents}} ${hurt} __proto__",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css><img src=http://127.0.0.1:9/x.png>",
    f"javascript:{HURT}",
)


def test_a_strangers_manifest_shows_as_text_and_runs_nothing(chromium, folder, tmp_path):
    hostile = shutil.copytree(folder, tmp_path / "<script>alert(1)<")
    path = hostile / "train-000000.parquet"
    columns = pq.read_table(path).to_pydict()
    for i, text in enumerate(HOSTILE):
        columns["family"][i] = text
        columns["renderer"][i] = text
        columns["params"][i] = json.dumps({text: text, "__proto__": {"hurt": text}, "constructor": 1})
        columns["tv_iso"][i] = float("nan")
    columns["params"][len(HOSTILE)] = "</script>" * 1000
    pq.write_table(pa.table(columns, schema=pq.read_schema(path)), path)
    (hostile / "job.yaml").write_text(HOSTILE[0])
    report = browse(BrowseConfig(dir=str(hostile), out=str(tmp_path / "page.html")))
    reader = Reader(chromium, report.path)
    assert reader.ask("window.hurt") is None
    assert len(reader.keys) == COUNT
    assert reader.find("h1").text == "<script>alert(1)<"
    assert reader.ask("document.querySelector('#job pre').textContent") == HOSTILE[0]
    assert reader.ask("document.scripts.length") == 2
    for i, text in enumerate(HOSTILE):
        reader.find(f'[data-key="{columns["key"][i]}"]').click()
        shown = reader.ask("document.getElementById('params').firstChild.children[1].textContent")
        if text.isprintable():
            assert shown == text
            assert shlex.split(reader.find("#detail code").text)[2] == text
        else:
            assert shown == r"\u2028\u2029\u202egnp.exe\u0000\u001b[31m"
            assert not reader.find("#detail code").is_displayed()
        assert not reader.browser.find_elements(By.CSS_SELECTOR, "dialog script, dialog svg, dl img, dl link")
        reader.press(Keys.ESCAPE)
    for row in reader.browser.find_elements(By.CSS_SELECTOR, '[data-facet="family"] label'):
        row.click()
    assert reader.ask("window.hurt") is None
    assert problems(reader) == []
