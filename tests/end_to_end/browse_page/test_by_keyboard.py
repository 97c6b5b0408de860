"""The page without a mouse, and for those who hear it."""

import re

from selenium.webdriver.common.keys import Keys


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
