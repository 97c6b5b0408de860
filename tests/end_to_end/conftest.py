"""What tests of pages share."""

import shutil

import pytest
from selenium import webdriver

from tests.shallow import shallow_model


@pytest.fixture(autouse=True, scope="session")
def _shallow():
    with shallow_model():
        yield


@pytest.fixture(scope="session")
def chromium():
    """Headless Chromium, for the tests of all pages."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium: run 'apt-get install chromium chromium-driver' as root")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "headless=new",
        "no-sandbox",  # root may not have one
        "disable-dev-shm-usage",
        "disable-background-networking",
        "disable-component-update",
        "hide-scrollbars",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield browser
    browser.quit()
