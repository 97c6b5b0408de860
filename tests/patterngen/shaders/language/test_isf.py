"""Programs of the Interactive Shader Format: their inputs, passes and vertex programs."""

from pathlib import Path

import numpy as np
import pytest

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.shaders.language.parameters import Parameter, draw_values
from patterngen.shaders.language.program import read_program
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import renderer
from tests.patterngen.shaders.examples import colour, try_out

pytest.importorskip("moderngl")

HEAD = """/*{
  "DESCRIPTION": "ours", "PASSES": [{"TARGET": "before", "PERSISTENT": true}],
  "INPUTS": [
    {"NAME": "level", "TYPE": "float", "DEFAULT": 0.25, "MIN": 0, "MAX": 1},
    {"NAME": "place", "TYPE": "point2D", "DEFAULT": [1, 0.5]},
    {"NAME": "tint", "TYPE": "color", "DEFAULT": [1, 0.5, 0.25]},
    {"NAME": "kind", "TYPE": "long", "VALUES": [3, 4], "DEFAULT": 4},
    {"NAME": "on", "TYPE": "bool", "DEFAULT": true}, {"NAME": "hit", "TYPE": "event"},
    {"NAME": "seen", "TYPE": "image"},
  ],
  "IMPORTED": {"wood": {"PATH": "wood.png"}}
}*/
"""
ISF = {
    "level*2.,hit?0.:1.,on?0.:1.": (0.5, 1, 0),
    "place.x,place.y,kind==4?1.:0.": (1, 0.5, 1),
    "tint.rgb": (1, 0.5, 0.25),
    "TIME/5.,TIMEDELTA*60.,PASSINDEX": (0.5, 1, 0),
    "RENDERSIZE/vec2(5,3),isf_FragNormCoord*RENDERSIZE==gl_FragCoord.xy": (1, 1, 1),
    "IMG_SIZE(seen)/256.,IMG_NORM_PIXEL(seen,vec2(0))==IMG_PIXEL(seen,vec2(256,0))": (1, 1, 1),
    "IMG_THIS_PIXEL(wood)==IMG_THIS_NORM_PIXEL(wood),_seen_imgRect.zw": (1, 1, 1),
    "float(FRAMEINDEX)/7.,IMG_THIS_PIXEL(before).g*0.,DATE.x/2000.": (1, 0, 1),
}


@pytest.mark.parametrize(("body", "expected"), ISF.items())
def test_the_inputs_of_an_isf_program_are_at_their_defaults(
    tmp_path: Path, body: str, expected: tuple[float, ...]
) -> None:
    text = f"{HEAD}void main() {{ gl_FragColor = vec4({body}, 1.0); }}"
    assert colour(tmp_path / "it.fs", text) == pytest.approx(expected, abs=1e-5)
    fragment = translate(read_program(tmp_path / "it.fs"), Reading())
    assert fragment.dialect == "isf"
    assert fragment.notes == ("image seen is noise", "image wood is noise")


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("{broken}", "its head is no JSON: "),
        ('{"PASSES": [' + "{}," * 12 + "]}", "has 12 passes; give 11 or fewer"),
        ('{"PASSES": [{"TARGET": "a", "WIDTH": "exit()"}]}', "pass 'a': 'exit[(][)]' is no size"),
        ('{"PASSES": [{"TARGET": "a", "WIDTH": "1/0"}]}', "pass 'a': '1/0' is no size"),
        (
            '{"INPUTS": [{"NAME": "a b", "TYPE": "float"}]}',
            "input 'a b': its name is none of GLSL's",
        ),
        ('{"INPUTS": [{"NAME": "a", "TYPE": "cube"}]}', "input 'a' of type 'cube': give one of bool, "),
        (
            '{"INPUTS": [{"NAME": "a", "TYPE": "float", "MAX": Infinity, "MIN": 0}]}',
            "input 'a': inf is no float",
        ),
        ('{"INPUTS": [{"NAME": "a", "TYPE": "long", "VALUES": [3e9]}]}', "input 'a': 3000000000.0 is no int"),
        ('{"INPUTS": [{"NAME": "a", "TYPE": "color", "DEFAULT": "red"}]}', "input 'a': could not convert"),
        ('{"INPUTS": [1]}', "INPUTS of its head: give a list of objects"),
        ('{"PASSES": {}, "INPUTS": [[[1]]]}', "INPUTS of its head: give a list of objects"),
        ('{"INPUTS": ' + "[" * 100_000 + "}", "cannot be translated: RecursionError|its head is no JSON"),
    ],
)
def test_a_head_of_isf_that_cannot_be_followed(tmp_path: Path, head: str, told: str) -> None:
    path = tmp_path / "wrong.fs"
    path.write_text(f"/*{head}*/ void main() {{}}")
    with pytest.raises(PatternGenError, match=rf"^{path}: ({told})"):
        translate(read_program(path), Reading())


RANGES = """/*{
  "INPUTS": [
    {"NAME": "level", "TYPE": "float", "DEFAULT": 0.25, "MIN": -0.5, "MAX": 0.5},
    {"NAME": "free", "TYPE": "float", "DEFAULT": 0.25},
    {"NAME": "place", "TYPE": "point2D", "DEFAULT": [0.5, 0.5], "MIN": [0, 0.5], "MAX": [1, 0.75]},
    {"NAME": "pixel", "TYPE": "point2D", "DEFAULT": [3, 4]},
    {"NAME": "tint", "TYPE": "color", "DEFAULT": [1, 0.5, 0.25, 0.5]},
    {"NAME": "kind", "TYPE": "long", "VALUES": [3, 4, 7], "DEFAULT": 4},
    {"NAME": "step", "TYPE": "long", "MIN": 1, "MAX": 2},
    {"NAME": "on", "TYPE": "bool", "DEFAULT": true},
    {"NAME": "rows", "TYPE": "float", "DEFAULT": 2, "MIN": 1, "MAX": 4}
  ],
  "PASSES": [{"TARGET": "small", "WIDTH": "$kind", "HEIGHT": "floor($rows)"}, {}]
}*/
void main() {
  if (PASSINDEX == 0) { gl_FragColor = vec4(RENDERSIZE / 8.0, free, 1.0); return; }
  float part = floor(gl_FragCoord.x);
  vec4 read = IMG_THIS_PIXEL(small);
  gl_FragColor = part == 0.0 ? vec4(level + 0.5, place, 1.0) : part == 1.0 ? vec4(tint.rgb, 1.0)
    : part == 2.0 ? vec4(float(kind) / 8.0, float(on), float(step) / 8.0, 1.0) : vec4(read.rgb, 1.0);
}"""


def test_inputs_are_drawn_from_their_ranges_and_stand_in_the_params(tmp_path: Path) -> None:
    (tmp_path / "it.fs").write_text(RANGES)
    drawn = family(f"shaders?dir={tmp_path}")
    pictures = drawn.draw(range(60), (2, 4))
    told = [{key[6:]: value for key, value in one.items() if key[:6] == "input."} for one in pictures.params]
    for values, picture in zip(told, pictures.pixels / 255, strict=True):
        place, tint = [values[f"place.{axis}"] for axis in "xy"], [values[f"tint.{band}"] for band in "rgb"]
        size = [values["kind"] / 8, int(values["rows"]) / 8, 0.25]
        shown = [[values["level"] + 0.5, *place], tint, [size[0], values["on"], values["step"] / 8], size]
        np.testing.assert_allclose(picture, [shown, shown], atol=0.51 / 255)
        assert values["tint.a"] == 0.5  # what is seen through is nobody's range
        assert not {"free", "pixel.x"} & values.keys()  # which say none
    for name, low, high in (("level", -0.5, 0.5), ("place.y", 0.5, 0.75), ("tint.g", 0, 1), ("rows", 1, 4)):
        shares = (np.sort([values[name] for values in told]) - low) / (high - low)
        assert np.abs(shares - (np.arange(60) + 0.5) / 60).max() < 1.95 / np.sqrt(60)  # Kolmogorov, 1 in 1000
    assert {values["kind"] for values in told} == {3, 4, 7}
    assert {values["step"] for values in told} == {1, 2}
    assert {values["on"] for values in told} == {False, True}
    alone = drawn.draw([17], (2, 4))
    assert alone.params[0] == pictures.params[17]
    np.testing.assert_array_equal(alone.pixels[0], pictures.pixels[17])


def test_inputs_may_stay_at_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "it.fs").write_text(RANGES)
    pictures = family(f"shaders?dir={tmp_path}&isf_inputs=default").draw(range(3), (2, 4))
    expected = [[0.75, 0.5, 0.5], [1, 0.5, 0.25], [0.5, 1, 0], [0.5, 0.25, 0.25]]
    np.testing.assert_allclose(pictures.pixels / 255, [[expected] * 2] * 3, atol=0.51 / 255)
    assert not [key for key in pictures.params[0] if key.startswith("input.")]


def test_a_parameter_is_the_same_whatever_others_there_are() -> None:
    one, other = Parameter("float", (0.0,), ((0.0, 1.0),)), Parameter("vec2", (0.0, 0.0), ((2.0, 3.0),) * 2)
    assert draw_values({"b": other, "a": one}, 5)["a"] == draw_values({"a": one}, 5)["a"]
    assert draw_values({"a": one}, 5) != draw_values({"a": one}, 6)


PASSES = """/*{
  "INPUTS": [{"NAME": "parts", "TYPE": "float", "DEFAULT": 2}],
  "PASSES": [
    {"TARGET": "small", "WIDTH": "$WIDTH / 5", "HEIGHT": "max(floor($HEIGHT / $parts), 1.0)"},
    {"TARGET": "count", "PERSISTENT": true, "FLOAT": true, "WIDTH": "1", "HEIGHT": 1},
    {}
  ]
}*/
void main() {
  if (PASSINDEX == 0) gl_FragColor = vec4(RENDERSIZE / 8.0, 0.25, 1.0);
  else if (PASSINDEX == 1) gl_FragColor = vec4(IMG_PIXEL(count, vec2(0.5)).r + 1.0);
  else gl_FragColor = vec4(IMG_THIS_PIXEL(small).rg, IMG_SIZE(small).y * IMG_THIS_PIXEL(count).r / 16.0, 1.0);
}"""


@pytest.mark.parametrize(("frames", "counted"), [(1, 1), (8, 8)])
def test_passes_draw_for_one_another_and_remember(tmp_path: Path, frames: int, counted: int) -> None:
    path = tmp_path / "passes.fs"
    path.write_text(PASSES)
    canvas = Canvas((3, 5), dtype="f4", reading=Reading(frames=frames))
    picture = renderer().draw([read_program(path)], np.full(1, 2.5, "f4"), np.zeros((1, 4), "f4"), canvas)[0]
    expected = np.broadcast_to([1 / 8, 1 / 8, counted / 16], picture.shape)  # a fifth of 5, and a half of 3
    np.testing.assert_allclose(picture, expected, atol=1 / 255)


def test_passes_that_remember_nothing_have_one_frame(tmp_path: Path) -> None:
    text = PASSES.replace('"PERSISTENT": true, ', "").replace(
        "IMG_SIZE(small).y", "float(FRAMEINDEX) / 150.0"
    )
    assert colour(tmp_path / "it.fs", text)[2] == pytest.approx(1 / 16, abs=1e-5)


VARYINGS = "#if __VERSION__ <= 120\nvarying vec2 moved[2];\n#else\n{} vec2 moved[2];\n#endif\n".format


def test_a_vertex_program_beside_an_isf_program_runs_at_every_pixel(tmp_path: Path) -> None:
    path, beside = tmp_path / "it.fs", tmp_path / "it.vs"
    beside.write_text(
        VARYINGS("out")
        + """void main() {
  isf_vertShaderInit();
  gl_Position.x += 1.0;
  moved[1] = isf_FragNormCoord + level;
}"""
    )
    body = "void main() { gl_FragColor = vec4(moved[1] - isf_FragNormCoord, moved[0].x, 1.0); }"
    text = f"{HEAD}{VARYINGS('in')}{body}"
    assert colour(path, text) == pytest.approx([0.25, 0.25, 0.0], abs=1e-6)
    assert read_program(path).included == {beside}
    alone = tmp_path / "alone.glsl"  # as a dataset keeps it
    assert colour(alone, read_program(path).source) == pytest.approx([0.25, 0.25, 0.0], abs=1e-6)
    beside.write_text("void main() {\n  moved = vec2(0.0); }")
    with pytest.raises(PatternGenError, match=rf"^{beside}:2"):
        try_out(renderer(), read_program(path))
    beside.unlink()
    with pytest.raises(
        PatternGenError, match=rf"^{path}:14: `varying vec2 moved .*there is no vertex program"
    ):
        translate(read_program(path), Reading())
