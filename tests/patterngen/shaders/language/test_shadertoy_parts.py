"""Programs of Shadertoy in several parts: as exported, and as files beside one another."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.shaders.language.folder import find_programs, look_for_programs
from patterngen.shaders.language.program import Program, read_program, read_programs
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import renderer
from tests.patterngen.shaders.examples import try_out

pytest.importorskip("moderngl")
IMAGE = "void mainImage(out vec4 o, in vec2 u) {{ {} }}".format
COMMON = "float step_(float x) { return x + 1.0; }\n"
COUNT = IMAGE("o = vec4(step_(texelFetch(iChannel0, ivec2(u), 0).r));")
SHOW = IMAGE("o = vec4(texelFetch(iChannel0, ivec2(u), 0).r / 16.0, step_(-0.5), 0.0, 1.0);")
"""Counts its frames in a buffer, which the image shows."""


def entry(kind: str, code: str, *inputs: dict[str, Any], name: str = "") -> dict[str, Any]:
    made = [{"id": f"made by {name}", "channel": 0}] if kind in ("buffer", "image") else []
    return {"type": kind, "name": name or kind.title(), "code": code, "inputs": [*inputs], "outputs": made}


def reads(kind: str, file: str = "", channel: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": kind, "filepath": file, "channel": channel, "id": "", **more}


def exported(path: Path, *passes: dict[str, Any], ident: str = "aaaaaa") -> dict[str, Any]:
    shader = {"ver": "0.1", "info": {"id": ident, "name": "ours"}, "renderpass": [*passes]}
    path.write_text(json.dumps(shader))
    return shader


def draw(program: Program, frames: int = 8, size: tuple[int, int] = (3, 5)) -> NDArray[np.float32]:
    canvas = Canvas(size, dtype="f4", reading=Reading(frames=frames))
    pictures = renderer().draw([program], np.full(1, 2.5, "f4"), np.zeros((1, 4), "f4"), canvas)
    return np.asarray(pictures[0])


@pytest.mark.parametrize("frames", [1, 8])
def test_a_buffer_remembers_and_the_image_shows_it(tmp_path: Path, frames: int) -> None:
    buffer = reads("buffer", "/media/previz/buffer00.png", id="made by Buffer A")
    exported(
        tmp_path / "it.json",
        entry("image", SHOW, buffer),
        entry("common", COMMON),
        entry("buffer", COUNT, buffer, name="Buffer A"),
        entry("sound", "no GLSL at all"),
    )
    (program,) = read_programs(tmp_path / "it.json")
    expected = np.broadcast_to([frames / 16, 0.5, 0.0], (3, 5, 3))
    np.testing.assert_allclose(draw(program, frames), expected, atol=1e-6)
    alone = tmp_path / "kept.glsl"  # as a dataset keeps it
    alone.write_text(program.source)
    np.testing.assert_array_equal(draw(read_program(alone), frames), draw(program, frames))


def test_parts_are_files_beside_the_image(tmp_path: Path) -> None:
    (tmp_path / "it.glsl").write_text(SHOW)
    (tmp_path / "it.common.glsl").write_text(COMMON)
    (tmp_path / "it.Buffer-A.frag").write_text(COUNT)
    (tmp_path / "it.buffera.glsl").write_text(COUNT)
    found = find_programs(str(tmp_path))
    assert "it.glsl" in found
    np.testing.assert_allclose(draw(found["it.glsl"])[..., 0], np.full((3, 5), 0.5), atol=1e-6)
    assert (tmp_path / "it.buffera.glsl") in found["it.glsl"].included
    assert (tmp_path / "it.common.glsl") in found["it.glsl"].included


def test_buffers_are_drawn_in_turn_and_read_what_is_there(tmp_path: Path) -> None:
    """A buffer that reads a later one sees the frame before; one that reads an earlier one, this frame."""
    (tmp_path / "it.image.glsl").write_text(IMAGE("o = vec4(V(0), V(1), 0, 1) / 16.0;"))
    (tmp_path / "it.common.glsl").write_text("#define V(k) texelFetch(iChannel##k, ivec2(0), 0).r\n")
    (tmp_path / "it.buffer-a.glsl").write_text('#iChannel0 "buffer-b"\n' + IMAGE("o = vec4(V(0) + 1.0);"))
    (tmp_path / "it.buffer-b.glsl").write_text(
        '#iChannel0 "file://it.buffer-a.glsl"\n' + IMAGE("o = vec4(V(0) + 2.0);")
    )
    assert list(find_programs(str(tmp_path))) == ["it.image.glsl"]
    # a = 1, b = 3 in the first frame, then a = 4, b = 6, and so on
    picture = draw(read_program(tmp_path / "it.image.glsl"), 3)
    np.testing.assert_allclose(picture[0, 0], [7 / 16, 9 / 16, 0], atol=1e-6)


def test_a_part_of_each_size_reads_and_repeats_as_it_says(tmp_path: Path) -> None:
    sampler = {"filter": "nearest", "wrap": "repeat"}
    buffer = reads("buffer", "/media/previz/buffer00.png", sampler=sampler)
    clamped = reads("buffer", "/media/previz/buffer00.png", 1)
    exported(
        tmp_path / "it.json",
        entry(
            "image",
            IMAGE(
                "vec2 p = vec2(1.25, 0.5); o = vec4(texture(iChannel0, p).r, texture(iChannel1, p).r,"
                " iChannelResolution[0].xy == iResolution.xy, 1);"
            ),
            buffer,
            clamped,
        ),
        entry("buffer", IMAGE("o = vec4(floor(u.x) / 8.0);"), name="Buffer A"),
    )
    (program,) = read_programs(tmp_path / "it.json")
    picture = draw(program, size=(2, 4))
    np.testing.assert_allclose(picture[0, 0], [1 / 8, 3 / 8, 1], atol=1e-6)


def test_textures_are_ours_and_stand_in_the_params(tmp_path: Path) -> None:
    code = IMAGE(
        "o = texture(iChannel0, u) + texture(iChannel1, u) + texture(iChannel2, vec3(u, 1))"
        " + texture(iChannel3, u);"
    )
    photo = reads("texture", "/media/a/ours.jpg")
    buffer = reads("buffer", "/media/previz/buffer00.png", 3)
    inputs = (photo, reads("texture", "ours.png", 1), reads("cubemap", "ours.jpg", 2), buffer)
    volume = IMAGE("o = texture(iChannel0, vec3(u, 1)) + texture(iChannel1, u);")
    exported(
        tmp_path / "it.json",
        entry("image", code, *inputs),
        entry("buffer", volume, reads("volume", "ours.bin"), reads("keyboard", "", 1), name="Buffer A"),
    )
    (params,) = family(f"shaders?dir={tmp_path}").draw([1], 8).params
    assert set(str(params["textures"]).split()) == {
        *("iChannel0=organic", "iChannel1=noise", "iChannel2=cube"),
        *("buffer-a.iChannel0=volume", "buffer-a.iChannel1=black"),
    }


@pytest.mark.parametrize(
    ("name", "code", "least"),
    [
        ("organic", "o = texture(iChannel0, u / iResolution.xy * 1.01);", 0.08),
        ("noise", "o = texture(iChannel0, u / 256.0);", 0.2),
        ("volume", "o = texture(iChannel0, vec3(u / 32.0, 0.5));", 0.1),
        ("cube", "o = texture(iChannel0, vec3(u / iResolution.xy - 0.5, 0.5));", 0.05),
    ],
)
def test_textures_show_something(tmp_path: Path, name: str, code: str, least: float) -> None:
    (tmp_path / "it.glsl").write_text(f'#iChannel0 "{name}"\n{IMAGE(code)}')
    picture = draw(read_program(tmp_path / "it.glsl"), size=(64, 64))
    assert picture.std() > least


def test_organic_repeats_at_its_edges(tmp_path: Path) -> None:
    code = IMAGE("o = vec4(abs(texture(iChannel0, vec2(u.x - 0.5, 0.0) + vec2(0.5, 0.3) / 256.0).rgb), 1);")
    (tmp_path / "it.glsl").write_text(f'#iChannel0 "organic"\n{code}')
    one, *others = draw(read_program(tmp_path / "it.glsl"), size=(1, 3))[0]
    np.testing.assert_allclose(others, [one] * 2, atol=1e-6)


INCOMPLETE = {
    "fetches its own pixel": IMAGE("o = texelFetch(iChannel1, ivec2(u), 0);"),
    "fetches gl_FragCoord's": IMAGE("o = texelFetch( iChannel1 , ivec2( gl_FragCoord.xy ), 0);"),
}


@pytest.mark.parametrize("text", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_lone_image_that_reads_a_buffer_is_incomplete(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lone.glsl"
    path.write_text(text)
    with pytest.raises(PatternGenError, match=f"^{path}: it is incomplete: it reads iChannel1 where"):
        translate(read_program(path), Reading())
    path.write_text(f'#iChannel1 "noise"\n{text}')
    try_out(renderer(), read_program(path))


def test_a_lone_image_that_may_read_a_buffer_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "lone.glsl"
    path.write_text(IMAGE("vec2 uv = u / iResolution.xy; o = texture(iChannel0, uv);"))
    (note,) = translate(read_program(path), Reading()).notes
    assert "perhaps a pass is missing" in note, "which says what the texture is, too"
    path.write_text(IMAGE("vec2 uv = u / iResolution.xy; o = texture(iChannel0, uv * 4.0);"))
    assert translate(read_program(path), Reading()).notes == ("texture iChannel0 is our noise",)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    buffer = reads("buffer", "/media/previz/buffer02.png", id="")
    broken = tmp_path / "it.json"
    for passes, told in (
        ([entry("image", SHOW, buffer)], "its Image reads Buffer C, which is not there"),
        ([entry("common", COMMON)], "it has no Image"),
        ([entry("image", SHOW, reads("cubemap", "/media/previz/cubemap00.png"))], "it reads a Cube A"),
        ([entry("image", SHOW), entry("buffer", COUNT, name="Buffer E")], "'Buffer E' is none of A, B, C"),
        ([{"type": "image"}], "cannot be read: KeyError 'code'"),
    ):
        exported(broken, *passes)
        (program,) = read_programs(broken)
        assert told in program.unreadable
        assert program.unreadable.startswith(f"{broken}: ")
    (tmp_path / "b.buffer-a.glsl").write_text(COUNT)
    assert (
        "Buffer A alone is no program; put its image beside it"
        in read_program(tmp_path / "b.buffer-a.glsl").unreadable
    )
    (tmp_path / "b.glsl").write_text('#iChannel0 "buffer-d"\n' + SHOW)
    assert "its Image reads Buffer D, which is not there" in read_program(tmp_path / "b.glsl").unreadable


@pytest.mark.parametrize("read", ["self", "drawn"])
def test_an_image_cannot_read_itself_nor_what_nobody_knows(tmp_path: Path, read: str) -> None:
    text = f"#pragma pass image iChannel0={read}\n{SHOW}\n"
    (tmp_path / "it.glsl").write_text(text if read != "self" else f'#iChannel0 "self"\n{SHOW}')
    with pytest.raises(PatternGenError, match=f"^{tmp_path / 'it.glsl'}: Image: iChannel0 cannot read"):
        translate(read_program(tmp_path / "it.glsl"), Reading())


@pytest.mark.parametrize(
    "text",
    [
        *('{"renderpass": 1}', '{"renderpass": [1]}', '["renderpass"]', '{"shaders": [], "renderpass": 0}'),
        *('"renderpass"', '{"Shader": {"renderpass": [{}]}}', '{"renderpass":' + "[" * 100_000),
    ],
)
def test_hostile_exports_cost_themselves_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "hostile.json").write_text(text)
    (tmp_path / "sound.glsl").write_text("o=vec4(FC.xy/r,0,1);")
    found = find_programs(str(tmp_path))
    assert found["sound.glsl"].unreadable == ""
    assert all(one.unreadable for name, one in found.items() if name != "sound.glsl")
    assert {params["program"] for params in family(f"shaders?dir={tmp_path}").draw(range(6), 8).params} == {
        "sound.glsl"
    }


def test_an_export_may_hold_several_programs_and_other_json_is_none(tmp_path: Path) -> None:
    shaders = [exported(tmp_path / "x.json", entry("image", IMAGE("o = vec4(1);")), ident=k) for k in "ab"]
    (tmp_path / "x.json").write_text(json.dumps({"userName": "ours", "shaders": shaders}))
    (tmp_path / "settings.json").write_text('{"a": 1}')
    found, left_out = look_for_programs(str(tmp_path))
    assert list(found) == ["x.json/a", "x.json/b"]
    assert left_out.endings == {".json": 1}


def test_a_mistake_is_told_in_the_part_that_has_it(tmp_path: Path) -> None:
    for part, line in (("", 2), (".common", 3), (".buffer-a", 4)):
        for name in ("", ".common", ".buffer-a"):
            code = "float unused;" if name == ".common" else IMAGE("o = vec4(1);")
            wrong = "\n" * (line - 1) + "float wrong = vec2(1.0);\n" if name == part else ""
            (tmp_path / f"it{name}.glsl").write_text(wrong + code)
        with pytest.raises(PatternGenError, match=rf"^{tmp_path / f'it{part}.glsl'}:{line}"):
            try_out(renderer(), read_program(tmp_path / "it.glsl"))
