"""Every program of the shader library: what its text says, and that it is worth drawing whatever is asked."""

import itertools
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families.shaders import Shaders
from patterngen.shaders.language.program import (
    Program,
    find_programs_with,
    groups,
    programs,
    read_program,
    shader_folder,
)
from patterngen.shaders.render.renderer import Canvas, Renderer, renderer

pytest.importorskip("moderngl")
Pictures = NDArray[np.float32]
TIME = Shaders.time_low, Shaders.time_high
SIZE = 65
"""Odd: the sample in the middle lies at the origin, where angles and quotients are in danger."""
DRAWS = 20

# A program's own colour before the host clamps it, or a marker where it is no number.
GUARD = """#define pattern of_program
#include "{name}.glsl"
#undef pattern
vec3 pattern(vec2 p, float t, vec4 r) {{
  vec3 colour = of_program(p, t, r);
  return any(isnan(colour)) || any(isinf(colour)) ? vec3(0.0, 0.25, 1.0) : colour;
}}
"""
MARKER = np.array([0.0, 0.25, 1.0], np.float32)


@pytest.fixture(scope="module")
def gl() -> Renderer:
    return renderer()


def draw(gl: Renderer, program: Program) -> Pictures:
    """Draw with random numbers and times: first the corners of their range, and last one r at two times."""
    rng = np.random.default_rng(0)
    times = rng.uniform(*TIME, DRAWS + 2).astype(np.float32)
    randoms = rng.random((DRAWS + 2, 4)).astype(np.float32)
    times[:2], randoms[0], randoms[1] = TIME, 0.0, np.float32(1 - 2**-24)
    times[-2:], randoms[-2:] = (2.0, 6.5), 0.6
    return gl.draw([program] * len(times), times, randoms, Canvas(SIZE, dtype="f4"))


@pytest.fixture(scope="module")
def drawn(gl: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pictures]:
    """Draw a program of the library, under guard, once for all tests: compiling is what takes time."""

    @cache
    def of_program(name: str) -> Pictures:
        path = tmp_path_factory.mktemp(name) / "guarded.glsl"
        path.write_text(GUARD.format(name=name))
        return draw(gl, read_program(path))

    return of_program


@pytest.mark.parametrize("name", programs())
def test_every_program_is_worth_drawing(drawn: Callable[[str], Pictures], name: str) -> None:
    pictures, ground = drawn(name), {"black": 0.0, "white": 1.0}.get(programs()[name].ground, 0.5)
    assert not (pictures == MARKER).all(3).any(), "a colour that is no number"
    assert pictures.std((1, 2)).max(1).min() > 0.01, "a flat picture"
    clipped = ((pictures == 0) | (pictures == 1)) & (pictures != ground)
    assert clipped.all(3).mean((1, 2)).max() < 0.5, "a picture mostly black, white or of pure colours"
    assert np.median(clipped.mean((1, 2, 3))) < 0.25, "mostly clipped"
    for one, other in itertools.combinations(pictures[:DRAWS], 2):
        assert np.abs(one - other).mean() > 0.01, "two draws of one program look the same"
    assert np.abs(pictures[-1] - pictures[-2]).mean() > 2e-3, "time changes nothing"


def test_programs_have_the_ground_and_the_colour_that_they_say(drawn: Callable[[str], Pictures]) -> None:
    for name, program in programs().items():
        pictures = np.clip(drawn(name), 0, 1)
        empty = {"black": pictures.max(3) < 1 / 16, "white": pictures.min(3) > 15 / 16}
        for ground, pixels in empty.items():
            share = np.median(pixels.mean((1, 2)))
            assert share > 0.4 if program.ground == ground else share < 0.65, f"{name}: {share:.2f} {ground}"
        chroma = np.ptp(pictures, axis=3).mean((1, 2))
        assert (chroma.max() < 0.02) == (program.colour == "grey"), f"{name}: {chroma.max():.3f}"


def test_the_guard_sees_what_is_no_number(gl: Renderer, tmp_path: Path) -> None:
    (tmp_path / "bad.glsl").write_text(
        "vec3 pattern(vec2 p, float t, vec4 r) { return vec3(0.5, sqrt(p.x), 1.0 / max(p.y, 0.0)); }"
    )
    path = tmp_path / "guarded.glsl"
    path.write_text(GUARD.format(name="bad"))
    marked = (draw(gl, read_program(path))[2] == MARKER).all(2)
    assert marked[:, : SIZE // 2].all()
    assert marked[SIZE // 2 :].all()
    assert not marked[: SIZE // 2, SIZE // 2 :].any()


def test_no_two_programs_are_nearly_one(drawn: Callable[[str], Pictures]) -> None:
    """Compare layouts at equal numbers: 16 × 16 means of grey, which survive another palette or edge.

    Their mean and slope are taken out: two landscapes, dark below, are not alike for that.
    """
    names = list(programs())
    axis = np.linspace(-1, 1, 16)
    trend = np.linalg.qr(np.stack([np.ones(256), np.tile(axis, 16), np.repeat(axis, 16)], 1))[0]
    layouts = np.empty((len(names), DRAWS, 256))
    for i, name in enumerate(names):
        grey = drawn(name)[:DRAWS, :64, :64].mean(3)
        layouts[i] = grey.reshape(DRAWS, 16, 4, 16, 4).mean((2, 4)).reshape(DRAWS, 256)
    layouts -= layouts @ trend @ trend.T
    layouts /= np.linalg.norm(layouts, axis=2, keepdims=True)
    alike = np.abs(np.einsum("ikx,jkx->ijk", layouts, layouts)).mean(2) - np.eye(len(names))
    one, other = np.unravel_index(alike.argmax(), alike.shape)
    assert alike.max() < 0.75, f"{names[one]} and {names[other]} look alike: {alike.max():.2f}"


def test_every_program_says_its_licence_its_kind_and_what_one_sees() -> None:
    descriptions = set()
    for program in programs().values():
        path = program.file
        lines = path.read_text().splitlines()
        assert 10 <= len(lines) <= 60, path
        assert lines[0] == "// SPDX-License-Identifier: Apache-2.0", path
        assert lines[1] == f"// kind: {program.kind}", path
        assert lines[2] == f"// {program.description}", path
        told = [line for line in lines if line.startswith(("// ground:", "// colour:"))]
        traits = {"ground": (program.ground, "full"), "colour": (program.colour, "coloured")}
        assert told == [f"// {trait}: {word}" for trait, (word, usual) in traits.items() if word != usual], (
            path
        )
        assert len(lines[2]) > 30, path
        assert lines[2].endswith("."), path
        assert max(map(len, lines)) <= 110, path
        descriptions.add(lines[2])
    assert len(descriptions) == len(programs()) >= 120
    for path in (shader_folder() / "lib").glob("*.glsl"):
        assert path.read_text().startswith("// SPDX-License-Identifier: Apache-2.0\n// "), path


def test_there_are_a_dozen_kinds_of_about_equal_number() -> None:
    kinds = groups("kind")
    counts = [len(names) for names in kinds.values()]
    assert len(counts) >= 12
    assert min(counts) >= 8
    assert max(counts) <= 2 * min(counts)
    assert sorted(itertools.chain(*kinds.values())) == list(programs())
    told = re.findall(r"^\| `(\w+)` \| (\d+) \|", (shader_folder() / "README.md").read_text(), re.MULTILINE)
    assert {kind: int(count) for kind, count in told} == {kind: len(names) for kind, names in kinds.items()}


def test_traits_choose_among_our_programs() -> None:
    dark_and_grey = find_programs_with(ground="black", colour="grey", kind="")
    assert dark_and_grey == tuple(
        name for name, program in programs().items() if (program.ground, program.colour) == ("black", "grey")
    )
    with pytest.raises(
        PatternGenError, match="unknown ground of shader program 'red': there are black, full, w"
    ):
        find_programs_with(ground="red")
    with pytest.raises(
        PatternGenError, match=r"has kind=noise and ground=black: with kind=noise there are ground=f"
    ):
        find_programs_with(kind="noise", ground="black")


def test_a_program_without_a_kind(tmp_path: Path) -> None:
    path = tmp_path / "main.glsl"
    path.write_text("// Rings.\nvec3 pattern(vec2 p, float t, vec4 r) { return vec3(length(p)); }")
    assert read_program(path).kind == ""
    assert (read_program(path).ground, read_program(path).colour) == ("full", "coloured")
    assert read_program(path).description == "Rings."


def test_nothing_whose_result_is_undefined_or_differs_between_drivers() -> None:
    number = r"\s*(-?[\d.]+)\s*"
    for path in (
        *(program.file for program in programs().values()),
        *(shader_folder() / "lib").glob("*.glsl"),
    ):
        text = re.sub(r"//.*", "", path.read_text())
        for low, high in re.findall(rf"smoothstep\({number},{number},", text):
            assert float(low) < float(high), f"{path}: smoothstep is undefined for edges that fall"
        assert not re.search(r"fract\(\s*sin|fract\([^;]*\bsin\([^;]*\d{4}", text), (
            f"{path}: hash with integers"
        )
        assert not re.search(r"\b(dFdx|dFdy|fwidth|discard|gl_FragCoord)\b", text), path
        assert not re.search(r"\bwhile\b", text), f"{path}: a loop without a bound"
