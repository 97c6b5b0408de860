"""The page of a fine-tuning's mistakes in a browser: seen, heard, reached by keyboard, and harmless."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from trainer.transfer.finetune.mistakes import Mistake, mistakes_page

HURT = "window.hurt = true"
STRANGE = (
    f"<script>{HURT}</script>",
    f"<img src=x onerror='{HURT}'>",
    f'" autofocus onfocus="{HURT}" x="',
    "{{style}} {{mistakes}} &lt;b&gt; &amp;",
    "\u202egnp.exe\x1b[31m",
    "</bdi></h2></li></ol></main>",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Six mistakes, whose labels and files have the strangest names."""
    root = tmp_path_factory.mktemp("page")
    mistakes, spectrograms = [], []
    for i, name in enumerate(STRANGE):
        path = root / f"<i onclick={HURT.replace(' ', '')}>{i}.wav"
        soundfile.write(path, 0.1 * np.sin(np.arange(8000) * 0.05 * (i + 1)), 8000)
        chances = ((name, 0.9), (f"{name}!", 0.06), ("plain", 0.04))
        mistakes.append(Mistake(i, path, "fold 1", chances[2:], chances[0], chances))
        spectrograms.append(torch.randn(80, 30 * (i + 1)))
    text = mistakes_page(
        mistakes, spectrograms, title=STRANGE[0], root=str(root), clip_seconds=1.0, tested=100
    )
    (root / "mistakes.html").write_text(text, encoding="utf-8")
    return root / "mistakes.html"


@pytest.fixture
def browser(chromium, page):
    chromium.get_log("browser")
    chromium.get_log("performance")
    screen = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.get(Path(page).as_uri())
    return chromium


def test_names_are_text_and_nothing_runs_or_loads(browser):
    assert browser.execute_script("return window.hurt") is None
    called = browser.execute_script(
        "return [...document.querySelectorAll('.called')].map((element) => element.textContent)"
    )
    assert called == [name if name.isprintable() else r"\u202egnp.exe\x1b[31m" for name in STRANGE]
    assert browser.find_element(By.CSS_SELECTOR, "h1").text == STRANGE[0]
    assert not browser.find_elements(
        By.CSS_SELECTOR, "script, i, [onclick], [onerror], [onfocus], [autofocus]"
    )
    assert browser.execute_script("return document.querySelectorAll('main > ol > li').length") == len(STRANGE)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {url.partition(":")[0] for url in asked} == {"file", "data"}
    assert not browser.get_log("browser")


def test_spectrograms_are_seen_and_clips_are_heard(browser):
    sizes = browser.execute_script(
        "return [...document.images].map((image) => [image.naturalWidth, image.naturalHeight])"
    )
    assert sizes == [[30 * (i + 1), 80] for i in range(len(STRANGE))]
    seconds = browser.execute_async_script(
        "const [told] = arguments; const players = [...document.querySelectorAll('audio')];"
        "Promise.all(players.map((player) => new Promise((done) => {"
        "player.onloadedmetadata = () => done(player.duration); player.onerror = () => done('broken');"
        "player.preload = 'auto'; player.load(); }))).then(told)"
    )
    assert seconds == pytest.approx([1.0] * len(STRANGE), abs=0.01)


def test_the_keyboard_reaches_and_plays_every_clip(browser):
    reached = []
    for _ in STRANGE:
        for _ in range(8):  # a player has several stops of its own
            ActionChains(browser, duration=0).send_keys(Keys.TAB).perform()
            label = browser.execute_script("return document.activeElement.getAttribute('aria-label')")
            if label and label not in reached:
                reached.append(label)
                break
    assert [label.split(":")[0] for label in reached] == [f"Mistake {i + 1}" for i in range(len(STRANGE))]
    ActionChains(browser, duration=0).send_keys(Keys.SPACE).perform()
    WebDriverWait(browser, 10).until(
        lambda _: browser.execute_script(
            "return [...document.querySelectorAll('audio')].at(-1).played.length"
        )
    )


@pytest.mark.parametrize("width", [360, 800, 3840])
def test_nothing_sticks_out_at_any_width(browser, width):
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_page_is_dark_where_its_reader_asks(browser):
    shades = []
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        shades.append(sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")))
    assert shades[0] > 600 > 150 > shades[1]
