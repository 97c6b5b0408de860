"""Programs in the dialects of elsewhere: each uses its dialect's every feature."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.shaders.language.inputs import HELPERS
from patterngen.shaders.language.program import read_program
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import Renderer, renderer
from tests.patterngen.shaders.examples import try_out

pytest.importorskip("moderngl")
PROGRAMS = Path(__file__).parents[1] / "programs"
DIALECT = {
    "shadertoy.glsl": "shadertoy",
    "classic.frag": "classic",
    "classic-300es.frag": "classic",
    "life.frag": "classic",
    "geek.glsl": "geek",
    "mrt-declared.frag": "geek",
    "geeker.glsl": "geeker",
    "geeker-300es.frag": "geeker",
    "geekest.glsl": "geekest",
    "geekest-300es.frag": "geekest",
    "mrt.frag": "geekest",
}
Numbers = NDArray[np.float32]


@pytest.fixture(scope="module")
def gl() -> Renderer:
    return renderer()


def draw(gl: Renderer, path: Path, size: int = 32, t: float = 2.5, **reading: int | str) -> Numbers:
    canvas = Canvas(size, dtype="f4", reading=Reading(**reading))
    return np.asarray(gl.draw([read_program(path)], np.full(1, t, "f4"), np.zeros((1, 4), "f4"), canvas)[0])


def shows(gl: Renderer, folder: Path, expression: str, size: int = 32, before: str = "") -> Numbers:
    """Draw what a geekest program gives for an expression of three numbers at FC and r."""
    path = folder / "shows.glsl"
    path.write_text(f"{before}\no=vec4({expression},1);")
    return draw(gl, path, size, dialect="geekest")


@pytest.mark.parametrize("name", [path.name for path in sorted(PROGRAMS.iterdir())])
def test_each_program_is_told_and_drawn(gl: Renderer, name: str) -> None:
    assert translate(read_program(PROGRAMS / name), Reading()).dialect == DIALECT[name]
    picture = draw(gl, PROGRAMS / name, 64)
    assert np.ptp(picture) > 0.1
    assert not np.array_equal(picture, draw(gl, PROGRAMS / name, 64, t=7.0)) or name in (
        *("life.frag", "mrt.frag", "mrt-declared.frag"),  # they count frames
    )


def test_the_inputs_of_shadertoy_have_their_values(gl: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "inputs.glsl"
    path.write_text(
        "void mainImage(out vec4 c, vec2 p) { c = vec4(p / iResolution.xy, iTime / 10.0 + iMouse.x, 1.0); }"
    )
    picture = draw(gl, path, 16)
    centres = (np.arange(16) + 0.5) / 16
    np.testing.assert_allclose(picture[..., 0], np.broadcast_to(centres, (16, 16)), atol=1e-6)
    np.testing.assert_allclose(picture[..., 1], np.broadcast_to(centres[::-1, None], (16, 16)), atol=1e-6)
    np.testing.assert_allclose(picture[..., 2], 0.25, atol=1e-6)


def test_slopes_have_the_sign_that_programs_expect(gl: Renderer, tmp_path: Path) -> None:
    picture = shows(gl, tmp_path, "dFdx(FC.x), dFdy(FC.y), 0.5+dFdy(FC.x)")
    np.testing.assert_allclose(picture, np.full((32, 32, 3), (1.0, 1.0, 0.5)))


def test_a_picture_is_the_same_wherever_it_lies(gl: Renderer) -> None:
    programs = [read_program(PROGRAMS / name) for name in ("mrt.frag", "shadertoy.glsl", "classic.frag")] * 3
    times, randoms = np.linspace(1, 9, 9, dtype=np.float32), np.zeros((9, 4), np.float32)
    together = gl.draw(programs, times, randoms, Canvas(33))
    for program, t, picture in zip(programs, times, together, strict=True):
        alone = gl.draw([program], np.array([t]), randoms[:1], Canvas(33))[0]
        np.testing.assert_array_equal(picture, alone)


@pytest.mark.parametrize(("frames", "cells"), [(1, {(1, 1), (2, 1), (3, 2), (0, 1)}), (5, None), (9, None)])
def test_a_glider_glides(gl: Renderer, frames: int, cells: object) -> None:
    start = draw(gl, PROGRAMS / "life.frag", 16, frames=1)[::-1, :, 0] > 0.5
    now = draw(gl, PROGRAMS / "life.frag", 16, frames=frames)[::-1, :, 0] > 0.5
    steps = (frames - 1) // 4
    assert start.sum() == 5
    np.testing.assert_array_equal(now, np.roll(start, (-steps, steps), (0, 1)))


def test_frames_are_counted_in_two_targets(gl: Renderer) -> None:
    for frames in (1, 9, 20):
        # The count of this frame, and the square of the last one: beyond 1, where only numbers hold it.
        expected = frames / 100, (frames - 1) ** 2 / 1000
        picture = draw(gl, PROGRAMS / "mrt-declared.frag", 8, frames=frames)
        np.testing.assert_allclose(picture[..., :2], np.full((8, 8, 2), expected), atol=1e-6)


def test_random_colours_and_turns_agree_with_mathematics(gl: Renderer, tmp_path: Path) -> None:
    import colorsys

    picture = shows(gl, tmp_path, "hsv(FC.x/r.x, FC.y/r.y, .9)")[::-1]
    at = (np.arange(32) + 0.5) / 32
    expected = [[colorsys.hsv_to_rgb(x, y, 0.9) for x in at] for y in at]
    np.testing.assert_allclose(picture, expected, atol=2e-6)
    for k in range(5):
        angle = 0.7 * k
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ [0.6, 0.3]
        found = shows(gl, tmp_path, f"rotate2D(.7*{k}.)*vec2(.6,.3)*.5+.5,0", 1)[0, 0, :2]
        np.testing.assert_allclose(found, 0.5 * turned + 0.5, atol=1e-6)
        axis = np.array([1.0, 2.0, -1.0]) / np.sqrt(6)
        v = np.array([0.5, -0.2, 0.3])
        rodrigues = v * np.cos(angle) + np.cross(axis, v) * np.sin(angle)
        rodrigues = rodrigues + axis * (axis @ v) * (1 - np.cos(angle))
        found = shows(gl, tmp_path, f"rotate3D(.7*{k}.,vec3(1,2,-1))*vec3(.5,-.2,.3)*.5+.5", 1)[0, 0]
        np.testing.assert_allclose(found, 0.5 * rodrigues + 0.5, atol=1e-6)
    np.testing.assert_allclose(
        shows(gl, tmp_path, "PI/10.,PI2/10.,0", 1)[0, 0, :2], [np.pi / 10, np.pi / 5], 1e-6
    )


@pytest.mark.parametrize(("n", "place"), [(2, "q"), (3, "vec3(q,.7*q.x-q.y)"), (4, "vec4(q,q.y-q.x,.3*q.x)")])
def test_simplex_noise(gl: Renderer, tmp_path: Path, n: int, place: str) -> None:
    noise = f"snoise{n}D"
    field = shows(gl, tmp_path, f"vec3(.5+.5*{noise}({place}))", 256, "vec2 q=FC.xy/4.-20.;")[..., 0] * 2 - 1
    assert np.abs(field).max() <= 1.0
    assert np.abs(field).max() > 0.5
    assert abs(field.mean()) < 0.05
    assert 0.2 < field.std() < 0.6
    smooth = shows(gl, tmp_path, f"vec3(.5+.5*{noise}({place}))", 256, "vec2 q=FC.xy/400.-20.;")[..., 0]
    assert max(np.abs(np.diff(smooth, axis=0)).max(), np.abs(np.diff(smooth, axis=1)).max()) < 0.02, (
        "continuous"
    )
    # The lattice's points are whole numbers, skewed back: there it is zero.
    back = (1 - 1 / np.sqrt(n + 1)) / n
    whole = {2: "floor(FC.xy)-16.", 3: "vec3(floor(FC.xy)-16.,3)", 4: "vec4(floor(FC.xy)-16.,3,-5)"}[n]
    zero = shows(
        gl, tmp_path, f"vec3(.5+.5*{noise}(w))", 32, f"vec{n} w={whole};w-={back:.9f}*dot(w,vec{n}(1));"
    )
    np.testing.assert_allclose(zero, 0.5, atol=1e-4)


@pytest.mark.parametrize("name", ["fsnoise", "fsnoiseDigits"])
def test_random_numbers_of_points_are_uniform(gl: Renderer, tmp_path: Path, name: str) -> None:
    values = np.sort(shows(gl, tmp_path, f"vec3({name}(FC.xy/97.))", 128)[..., 0].ravel())
    assert np.abs(values - (np.arange(values.size) + 0.5) / values.size).max() < 1.63 / np.sqrt(values.size)
    near = shows(gl, tmp_path, f"vec3({name}(vec2(.5)+1e-4*floor(FC.xy/30.)))", 32)[..., 0]
    assert (len(np.unique(near)) == 1) == (name == "fsnoiseDigits")


def test_a_helper_that_a_program_defines_itself_is_its_own(gl: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "own.glsl"
    own = "float hsv(float x){return x;}\n#define PI 0.25\nvec2 rotate2D(vec2 p){return p;}\nfloat hash2=.5;"
    path.write_text(f"{own}void main(){{o=vec4(hsv(PI),rotate2D(vec2(hash2,fsnoise(vec2(2)))),1);}}")
    assert draw(gl, path)[0, 0, :2].tolist() == [0.25, 0.5]


def test_every_helper_has_its_file() -> None:
    from patterngen.shaders.language.program import shader_folder

    assert {path.stem for path in (shader_folder() / "dialects").glob("*.glsl")} == {*HELPERS}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("void main(){\n  float a;\n  gl_FragColor=vec4(zz);\n}", r":3(:\d+)?: .*`zz"),
        ("uniform float t;\nfloat x,y;float f(){return vec2(x);}void main(){gl_FragColor=vec4(t);}", ":2: "),
        ("#version 300 es\nvoid mainImage(out vec4 c,vec2 p){\n\n c=vec4(p,q);}", ":4"),
        ("o=vec4(1);\na<b?c:d;\n", ":2: "),
        ("void main(){gl_FragColor=vec4(1);", ":1: at the end of the program"),
        ("\nvarying mat2 turn;void main(){}", ":2: `varying mat2 turn`: there is no vertex program"),
        ("void main(){float x;}", ": writes no colour"),
        ("float x;", ": defines none of pattern, mainImage and main"),
        ("void mainimage(){}\nfloat mainImage(float x){return x;}", ": defines no `void mainImage"),
        ('#include "lib/nothing.glsl"\nvoid main(){}', ':1: #include "lib/nothing.glsl" is not beside'),
    ],
)
def test_a_mistake_is_told_in_the_users_own_lines(gl: Renderer, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "wrong.glsl"
    path.write_text(text)
    with pytest.raises(PatternGenError, match=rf"^{path}{told}") as caught:
        try_out(gl, read_program(path))
    assert "\n" not in str(caught.value)
    assert "host_" not in str(caught.value)


def test_a_mistake_in_what_a_foreign_program_includes(gl: Renderer, tmp_path: Path) -> None:
    (tmp_path / "part.glsl").write_text("float fine;\nfloat broken = vec2(1.0);\n")
    path = tmp_path / "main.glsl"
    path.write_text('uniform float t;\n#include "part.glsl"\nvoid main(){gl_FragColor=vec4(fine);}')
    with pytest.raises(PatternGenError, match=rf"^{tmp_path / 'part.glsl'}:2"):
        try_out(gl, read_program(path))


def test_missing_line_ends_precisions_and_values_do_no_harm(gl: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "loose.frag"
    path.write_bytes(
        b"uniform float time;uniform vec2 resolution;\r\nvoid main(){float sum;vec4 c;\r\n"
        b"for(int i;i<4;i++)sum+=.1;"
        b"c.x+=sum;time<0.?c.y=1.:sum++;c.zw+=vec2(.25);gl_FragColor=c;}//"
    )
    np.testing.assert_allclose(draw(gl, path), [[[0.4, 0.0, 0.25]] * 32] * 32, atol=1e-6)


def test_more_samples_are_a_larger_picture_made_smaller() -> None:
    text = f"shaders?dir={PROGRAMS}&program=geek.glsl"
    large = family(text).draw([5], 64).pixels.astype(np.float64)
    small = family(f"{text}&supersample=2").draw([5], 32).pixels
    np.testing.assert_allclose(small[0], large.reshape(32, 2, 32, 2, 3).mean((1, 3)), atol=0.5)


def test_programs_are_told_height_and_width(gl: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "wide.glsl"
    path.write_text("void mainImage(out vec4 o, in vec2 f) { o = vec4(f, iResolution.y, 16.0) / 16.0; }")
    canvas = Canvas((5, 12), dtype="f4")
    picture = gl.draw([read_program(path)], np.ones(1, "f4"), np.zeros((1, 4), "f4"), canvas)[0]
    rows, columns = np.indices((5, 12), np.float32)
    expected = np.stack([(columns + 0.5) / 16, (4.5 - rows) / 16, np.full((5, 12), 5 / 16)], -1)
    np.testing.assert_allclose(picture, expected, atol=1e-7)
