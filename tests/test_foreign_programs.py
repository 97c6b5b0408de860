"""Our host beside a plain wrapper that does what a program's own site does: an independent implementation."""

from pathlib import Path

import pytest

pytest.importorskip("moderngl")

from foreign_programs import EQUAL, Compared, compare, rows
from plain_wrapper import PlainProcess

from patterngen.shaders.language.program import read_program

ISF = """/*{"INPUTS": [{"NAME": "on", "TYPE": "bool", "DEFAULT": 1.0},
                      {"NAME": "hue", "TYPE": "color", "DEFAULT": [0.2, 0.5, 0.9, 1.0]}]}*/
void main() { gl_FragColor = on ? vec4(isf_FragNormCoord, hue.b, 1.0) : hue; }"""
BOOK = """uniform vec2 u_resolution; uniform float u_time; varying vec2 v_texcoord;
void main() {
  if (v_texcoord.x > .25) gl_FragColor = vec4(gl_FragCoord.xy / u_resolution, fract(u_time), 1);
}"""
TOY = """void mainImage(out vec4 o, in vec2 q) {
  o = vec4(q / iResolution.xy, iChannelTime[1] / 9. + texture(iChannel0, vec2(.3)).x, 1);
}"""
TEXTS = {"inputs.fs": ISF, "book.frag": BOOK, "toy.glsl": TOY}
OURS = ("classic.frag", "life.frag", "shadertoy.glsl")


@pytest.fixture(scope="module")
def plain():
    return PlainProcess()


@pytest.mark.parametrize("name", [*TEXTS, *OURS])
def test_pictures_are_those_of_the_site(tmp_path, plain, name):
    path = Path(__file__).parent / "patterngen" / "shaders" / "programs" / name
    if name in TEXTS:
        path = tmp_path / name
        path.write_text(TEXTS[name])
    found = compare(read_program(path), plain, 16, 1.0)
    assert (found.plain, found.ours) == ("", "")
    assert found.difference <= EQUAL


def test_the_table_counts_who_draws_what():
    found = [
        Compared("a", "book", first=1.0, others=2.0),
        Compared("b", "book", difference=9, first=3.0, others=4.0),
        Compared("c", "book", difference=9, textures=True, first=2.0, others=3.0),
        Compared("d", "book", plain="no"),
        Compared("e", "book", ours="no"),
        Compared("f", "book", plain="no", ours="no"),
    ]
    *_, row = rows(found)
    assert row == "| book | 6 | 4 | 3 (75.0 %) | 1 | 1 | 1 | 2.00 | 3.00 |"
