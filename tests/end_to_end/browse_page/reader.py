"""Somebody who looks at the page of `patterngen browse` in a browser."""

import json
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

COUNT = 48
"""Pictures on the page."""


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
