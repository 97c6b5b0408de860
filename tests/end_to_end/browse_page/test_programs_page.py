"""The page of `patterngen shaders check` in a browser: whole and safe."""

import pytest
from selenium.webdriver.common.by import By

from patterngen.commands.shaders_check import ShadersCheckConfig, check_shaders
from tests.end_to_end.browse_page.reader import Reader, problems

HURT = "window.hurt = true"
SOUND = f"""// </script><script>{HURT}</script> <img src=x onerror='{HURT}'> \u202e &amp; {{{{script}}}}
uniform float knob;
uniform vec2 u_resolution;
uniform float u_time;
void main() {{
\tgl_FragColor = vec4(gl_FragCoord.xy / u_resolution, fract(u_time), 1);
}}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    pytest.importorskip("moderngl")
    folder = tmp_path_factory.mktemp("programs")
    (folder / "<b>sound.frag").write_text(SOUND)
    (folder / "wrong.frag").write_text("void main() { gl_FragColor = <i>; }")
    (folder / "flat.glsl").write_text("vec3 pattern(vec2 p, float t, vec4 r) { return vec3(.5); }")
    path = folder / "page.html"
    check_shaders(ShadersCheckConfig(path=(str(folder),), size=16, page=str(path)))
    return path


def names(reader):
    return reader.ask("[...document.querySelectorAll('#programs .program')].map((item) => item.dataset.name)")


def test_programs_show_pictures_reasons_notes_and_their_source_as_text(chromium, page):
    reader = Reader(chromium, page)
    assert names(reader) == ["<b>sound.frag", "flat.glsl", "wrong.frag"]
    assert reader.find("#summary").text == "1 of 3 programs are kept"
    assert reader.ask(
        "[...document.querySelectorAll('.program')].map((item) => "
        "[...item.querySelectorAll('img')].filter((one) => one.complete && one.naturalWidth === 16).length)"
    ) == [6, 6, 0]
    assert [one.text for one in reader.browser.find_elements(By.CSS_SELECTOR, ".note")] == [
        "uniform float knob is 0"
    ]
    reasons = [one.text for one in reader.browser.find_elements(By.CSS_SELECTOR, ".reason")]
    assert reasons[0].startswith("constant: all (128, 128, 128)")
    assert "wrong.frag:1" in reasons[1]
    reader.find(".program button").click()
    shown = SOUND.replace("\u202e", "\\u202e").replace("\t", "    ")
    assert reader.ask("document.getElementById('source').textContent") == shown
    assert reader.ask("window.hurt") is None
    assert problems(reader) == []


def test_programs_are_chosen_and_ordered(chromium, page):
    reader = Reader(chromium, page)
    for which, expected in (("kept", ["<b>sound.frag"]), ("left", ["flat.glsl", "wrong.frag"])):
        reader.find(f"#which option[value={which}]").click()
        assert names(reader) == expected
    reader.find("#which option[value='']").click()
    reader.find("#sort option[value=tv]").click()
    assert names(reader) == ["flat.glsl", "<b>sound.frag", "wrong.frag"], "smoothest first"
    reader.find("#search").send_keys("CONSTANT flat")
    assert names(reader) == ["flat.glsl"]
    assert reader.find("#result").text == "1 of 3 programs"
