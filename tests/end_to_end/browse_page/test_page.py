"""The page of `patterngen browse` in a browser: whole, safe, and as wide as any screen."""

import hashlib
import json
import re
import shlex
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from patterngen.browse import BrowseConfig, browse
from patterngen.cli import main
from patterngen.dataset.shard import MANIFEST
from tests.end_to_end.browse_page.reader import COUNT, Reader, problems


def test_a_page_opens_from_a_file_and_asks_for_nothing(reader, manifest):
    assert reader.keys == manifest.key.tolist()
    assert reader.find("#result").text == f"{COUNT} of {COUNT} pictures"
    assert reader.ask(
        "[...grid.querySelectorAll('img')].every((image) => image.complete && image.naturalWidth === 32)"
    )
    assert "set" in reader.browser.title
    assert problems(reader) == []


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
            assert shown == r"\u2028\u2029\u202egnp.exe\x00\x1b[31m"
            assert not reader.find("#detail code").is_displayed()
        assert not reader.browser.find_elements(By.CSS_SELECTOR, "dialog script, dialog svg, dl img, dl link")
        reader.press(Keys.ESCAPE)
    for row in reader.browser.find_elements(By.CSS_SELECTOR, '[data-facet="family"] label'):
        row.click()
    assert reader.ask("window.hurt") is None
    assert problems(reader) == []
