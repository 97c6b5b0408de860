"""The site of the documentation in a browser."""

import http.server
import json
import threading
from functools import partial

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from scripts.site import __main__ as site
from scripts.site import drawn


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Build the site without what takes long to draw, and serve it."""
    pytest.importorskip("zensical", reason="the group `docs` is not installed: run `make docs`")
    folder = tmp_path_factory.mktemp("site")
    site.stage(folder / "pages")
    site.write_reference(folder / "pages/reference")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn, "KEPT", folder / "kept")
        site.write_gallery(folder / "pages/gallery", ("perlin", "dead-leaves-squares"), library=False)
    config = folder / "zensical.toml"
    text = site.CONFIG.read_text().replace('"build/docs"', '"pages"').replace('"build/site"', '"site"')
    config.write_text(text)
    site.build(config)
    handler = partial(Quiet, directory=folder / "site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def look(chromium, address):
    """Open a page as somebody with a screen of some width, who likes it light or dark."""

    def at(page, width=1280, scheme="light"):
        chromium.get_log("browser")
        chromium.get_log("performance")
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        chromium.get(f"{address}/{page}")
        return chromium

    return at


def problems(browser, address):
    """Return the errors of the console, and requests to other hosts."""
    complaints = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert sent
    return complaints + [url for url in sent if not url.startswith((address, "data:", "blob:"))]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "page",
    [
        "index.html",
        "families.html",
        "gallery/index.html",
        "gallery/perlin.html",
        "reference/trainer-commands.html",
        "repository/contributing.html",
    ],
)
def test_a_page_fits_the_screen_and_asks_no_other_host(look, address, page, width):
    browser = look(page, width)

    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert not problems(browser, address)


def test_colours_follow_the_system(look):
    def ground(scheme):
        browser = look("index.html", scheme=scheme)
        return browser.execute_script("return getComputedStyle(document.body).backgroundColor")

    light, dark = (sum(map(int, ground(scheme)[4:-1].split(","))) for scheme in ("light", "dark"))
    assert dark < light / 4


def test_the_search_finds_a_page_by_keyboard(look, address):
    browser = look("index.html")
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    wait = WebDriverWait(browser, 10)
    wait.until(
        lambda b: (
            b.execute_script("return document.activeElement.tagName") == "INPUT"
            or b.execute_script("return !!document.activeElement.shadowRoot")
        )
    )
    browser.switch_to.active_element.send_keys("torchrun")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait.until(lambda b: "training-runs" in b.current_url)
    assert not problems(browser, address)


def test_the_gallery_is_filtered_by_smoothness(look, address):
    browser = look("gallery/index.html")

    def shown():
        figures = browser.find_elements(By.CSS_SELECTOR, "figure[data-tv]")
        return [float(one.get_attribute("data-tv")) for one in figures if one.is_displayed()]

    every = shown()
    assert every == sorted(every)
    low = browser.find_element(By.ID, "tv-low")
    low.clear()
    low.send_keys(str(every[2]))
    assert shown() == [tv for tv in every if tv >= every[2]] != every
    assert not problems(browser, address)
