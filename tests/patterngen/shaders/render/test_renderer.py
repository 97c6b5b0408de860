"""Compiling and drawing: the geometry of a picture, the driver's complaints, the library's numbers."""

import multiprocessing
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.shaders.language.program import Program, read_program, shader_folder
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render import program_cache
from patterngen.shaders.render.canvas import Canvas, arrange
from patterngen.shaders.render.context import open_context
from patterngen.shaders.render.explain import explain
from patterngen.shaders.render.program_cache import SentProgram
from patterngen.shaders.render.protocol import PIXELS, VERTICES, Request
from patterngen.shaders.render.renderer import REQUEST_BYTES, Renderer, renderer
from patterngen.shaders.render.worker import GLWorker
from patterngen.sizes import Size
from tests.patterngen.shaders.examples import numbers, program, try_out

pytest.importorskip("moderngl")
Numbers = NDArray[np.float32]


@pytest.fixture(scope="module")
def gl() -> Renderer:
    return renderer()


def draw(gl: Renderer, program: Program, size: Size, samples: int = 1) -> Numbers:
    canvas = Canvas(size, samples, "f4")
    pictures = gl.draw([program], np.ones(1, np.float32), np.zeros((1, 4), np.float32), canvas)
    return np.asarray(pictures[0], np.float32)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (7, 7), (64, 64), (5, 12), (13, 4)])
def test_coordinates_are_exact(gl: Renderer, tmp_path: Path, shape: tuple[int, int]) -> None:
    given = program(tmp_path, "return vec3(0.5 + 0.5 * p, pixel / 2.0);")
    down, across = (0.5 + (np.arange(side, dtype=np.float32) + 0.5 - side / 2) / max(shape) for side in shape)
    picture = draw(gl, given, shape)
    np.testing.assert_allclose(picture[..., 0], np.broadcast_to(across, shape), atol=1e-7)
    np.testing.assert_allclose(picture[..., 1], np.broadcast_to(down[::-1, None], shape), atol=1e-7)
    np.testing.assert_allclose(picture[..., 2], 1.0 / max(shape), rtol=1e-6)


def test_a_pixel_is_the_mean_of_its_samples(gl: Renderer, tmp_path: Path) -> None:
    given = program(tmp_path, "return vec3(0.5 + 0.5 * sin(9.0 * p.x) * p.y);")
    fine = draw(gl, given, 32).reshape(16, 2, 16, 2, 3).mean((1, 3))
    np.testing.assert_allclose(draw(gl, given, 16, samples=2), fine, atol=1e-6)


def test_time_and_random_numbers_arrive_unchanged(gl: Renderer, tmp_path: Path) -> None:
    times = np.linspace(0.1, 0.9, 5, dtype=np.float32)
    randoms = np.random.default_rng(0).random((5, 4)).astype(np.float32)
    first, second = tmp_path / "first.glsl", tmp_path / "second.glsl"
    first.write_text("vec3 pattern(vec2 p, float t, vec4 r) { return vec3(t, r.xy); }")
    second.write_text("vec3 pattern(vec2 p, float t, vec4 r) { return vec3(t, r.zw); }")
    paths = [first, second, first, first, second]
    pictures = gl.draw([*map(read_program, paths)], times, randoms, Canvas(3, dtype="f4"))
    expected = np.where(
        np.array([path == first for path in paths])[:, None],
        np.column_stack([times, randoms[:, :2]]),
        np.column_stack([times, randoms[:, 2:]]),
    )
    np.testing.assert_array_equal(pictures, np.broadcast_to(expected[:, None, None], (5, 3, 3, 3)))


@pytest.mark.parametrize("size", [9, 640, (9, 12)])
def test_a_picture_is_the_same_wherever_it_lies(gl: Renderer, tmp_path: Path, size: Size) -> None:
    given = program(tmp_path, "return vec3(abs(dFdy(sin(7.0 * p.x * p.y))), 0.5 + 0.5 * sin(99.0 * p));")
    count = REQUEST_BYTES // (4 * 640**2) + 3 if size == 640 else 5  # more than fit into one request
    pictures = gl.draw([given] * count, np.ones(count, "f4"), np.zeros((count, 4), "f4"), Canvas(size))
    assert all((picture == pictures[0]).all() for picture in pictures)


def test_no_pictures(gl: Renderer) -> None:
    empty = gl.draw([], np.zeros(0, np.float32), np.zeros((0, 4), np.float32), Canvas(8))
    assert empty.shape == (0, 8, 8, 3)


@pytest.mark.parametrize("size", [1 << 20, "4x200000"])
def test_a_size_it_cannot_draw(gl: Renderer, tmp_path: Path, size: Size) -> None:
    with pytest.raises(PatternGenError, match=f"size={size}: .* draws pictures of 1 to"):
        draw(gl, program(tmp_path, "return vec3(0.0);"), size)


def test_a_mistake_is_shown_in_the_users_file_and_line(gl: Renderer, tmp_path: Path) -> None:
    given = program(tmp_path, "float x = 1.0;\nreturn vec3(x, y, 0.0);", includes="noise")
    with pytest.raises(PatternGenError, match=rf"^{given.file}:4:.*\by\b") as caught:
        try_out(gl, given)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_an_included_file(gl: Renderer, tmp_path: Path) -> None:
    (tmp_path / "part.glsl").write_text("float fine;\nfloat broken = vec2(1.0);\n")
    path = tmp_path / "main.glsl"
    path.write_text('#include "part.glsl"\nvec3 pattern(vec2 p, float t, vec4 r) { return vec3(fine); }')
    with pytest.raises(PatternGenError, match=rf"^{tmp_path / 'part.glsl'}:2"):
        try_out(gl, read_program(path))


def test_a_program_without_an_entry_point(gl: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "main.glsl"
    path.write_text("float colour() { return 1.0; }")
    lacking = read_program(path)
    with pytest.raises(PatternGenError, match="defines none of pattern, mainImage and main"):
        try_out(gl, lacking)
    said = "GLSL Linker failed\n\nerror: unresolved reference to function `pattern'"
    assert "defines no `vec3 pattern" in explain(said, lacking, translate(lacking, Reading("pattern")))


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("0:{line}(7): error: `y' undeclared", ":2:7: error: `y' undeclared"),
        ("0({line}) : error C1503: undefined variable", ":2: error C1503: undefined variable"),
        ("ERROR: 0:{line}: 'y' : undeclared identifier", ":2: 'y' : undeclared identifier"),
        ("error: too many uniforms", ": the driver refuses the program: error: too many uniforms"),
    ],
)
def test_the_forms_of_different_drivers(tmp_path: Path, message: str, told: str) -> None:
    path = tmp_path / "main.glsl"
    path.write_text("float x;\nfloat z = y;\n")
    wrong = read_program(path)
    fragment = translate(wrong, Reading("pattern"))
    said = "GLSL Compiler failed\n\nfragment_shader\n===============\n" + message.format(
        line=fragment.first + 1
    )
    assert explain(said, wrong, fragment) == f"{path}{told}"


def test_the_example_of_the_readme_draws(gl: Renderer, tmp_path: Path) -> None:
    readme = (shader_folder() / "README.md").read_text()
    path = tmp_path / "rings.glsl"
    path.write_text(readme.split("```glsl\n")[1].split("```")[0])
    assert draw(gl, read_program(path), 16).std() > 0.05


def test_threads_share_a_renderer(gl: Renderer, tmp_path: Path) -> None:
    given = program(tmp_path, "return vec3(0.5 + 0.4 * sin(5.0 * p), 0.25);")
    pictures: list[Numbers] = []
    threads = [
        threading.Thread(target=lambda: pictures.append(draw(renderer(), given, 16))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    alone = draw(gl, given, 16)
    for thread in threads:
        thread.join()
    assert renderer() is gl
    assert all((picture == alone).all() for picture in pictures)


def _draw_after_fork(given: Program, queue: "multiprocessing.Queue[bytes]") -> None:
    queue.put(draw(renderer(), given, 16).tobytes())


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
def test_a_forked_process_draws_with_a_renderer_of_its_own(gl: Renderer, tmp_path: Path) -> None:
    given = program(tmp_path, "return vec3(0.5 + 0.4 * sin(5.0 * p), 0.25);")
    before = draw(gl, given, 16)
    fork = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[bytes] = fork.Queue()
    child = fork.Process(target=_draw_after_fork, args=(given, queue))
    child.start()
    assert queue.get(timeout=300) == before.tobytes()
    child.join(30)
    np.testing.assert_array_equal(draw(gl, given, 16), before)


@pytest.mark.parametrize(
    "body",
    [
        "discard; return vec3(0.5);",
        "if (p.x > 0.0) discard; return vec3(0.25);",
        "gl_FragDepth = t; return r.xyz;",
    ],
)
def test_a_picture_does_not_depend_on_what_was_drawn_before(gl: Renderer, tmp_path: Path, body: str) -> None:
    odd = program(tmp_path, body, name="odd")
    white = program(tmp_path, "return vec3(1.0);", name="white")
    rings = program(tmp_path, "return vec3(fract(9.0 * length(p) + t));", name="rings")
    times, randoms = numbers(1)
    alone = {one: Renderer().draw([one], times, randoms, Canvas(15))[0] for one in (odd, white, rings)}
    order = [white, odd, rings, white, odd, odd, rings, odd]
    for programs in (order, order[::-1]):
        together = gl.draw(programs, np.repeat(times, 8), np.repeat(randoms, 8, axis=0), Canvas(15))
        for one, picture in zip(programs, together, strict=True):
            np.testing.assert_array_equal(picture, alone[one])


def test_more_programs_than_are_kept(gl: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "PROGRAMS_KEPT", 2)
    programs = [program(tmp_path, f"return vec3(0.2 * {k}.0, t, 0.0);", name=f"p{k}") for k in range(5)]
    for order in (programs, programs[:1], programs[::-1], programs[2:4], programs):
        times, randoms = numbers(len(order))
        pictures = gl.draw(order, times / 10, randoms, Canvas(2, dtype="f4"))
        expected = [0.2 * programs.index(one) for one in order]
        np.testing.assert_allclose(pictures[:, 0, 0, 0], expected, atol=1e-6)
        np.testing.assert_array_equal(pictures[:, 0, 0, 1], times / 10)


def test_a_program_that_is_refused_leaves_the_others(gl: Renderer, tmp_path: Path) -> None:
    good = program(tmp_path, "return vec3(t / 10.0, r.xy);", name="good")
    wrong = program(tmp_path, "return vec2(1.0);", name="wrong")
    lacking = program(tmp_path, "return noise(p);", name="lacking", includes="nothing")
    times, randoms = numbers(6)
    pictures, losses, _ = gl.attempt([good, wrong, lacking] * 2, times, randoms, Canvas(4))
    assert losses.keys() == {wrong, lacking}
    assert losses[wrong].startswith(f"{wrong.file}:2")
    assert losses[lacking].startswith(f'{lacking.file}:1: #include "lib/nothing.glsl" is not beside')
    alone = gl.draw([good] * 2, times[::3], randoms[::3], Canvas(4))
    np.testing.assert_array_equal(pictures[::3], alone)
    with pytest.raises(PatternGenError, match=f"^{wrong.file}:2"):
        gl.draw([good, wrong], times[:2], randoms[:2], Canvas(4))


def test_programs_of_one_text_are_compiled_once_and_named_each(tmp_path: Path) -> None:
    good = [program(tmp_path, "return r.xyz;", name=f"good{k}") for k in range(2)]
    wrong = [program(tmp_path, "return vec2(1.0);", name=f"wrong{k}") for k in range(2)]
    gl = Renderer()
    times, randoms = numbers(4)
    pictures, losses, _ = gl.attempt([*good, *wrong], times, randoms, Canvas(2, dtype="f4"))
    np.testing.assert_array_equal(pictures[:2, 0, 0], randoms[:2, :3])
    assert list(losses) == wrong
    assert all(reason.startswith(f"{one.file}:2") for one, reason in losses.items())
    assert len(gl._cache._programs) == 1


def test_reading_beside_drawing_gives_the_same_bytes(tmp_path: Path) -> None:
    count, canvas = 5, Canvas(12)
    given = program(tmp_path, "return 0.5 + 0.5 * sin(20.0 * r.x * p.xyx + t);")
    columns, vertices = arrange([7] * count, *numbers(count), column=2)
    size = PIXELS + count * canvas.bytes
    request = Request(
        drop=[],
        compile=[SentProgram(7, translate(given, Reading())).text],
        bytes=size,
        height=canvas.height,
        width=canvas.width,
        stride=canvas.stride,
        pixel=2 / canvas.size,
        dtype="f1",
        columns=columns,
        values=[],
        budget=60.0,
        single=False,
    )
    drawn = []
    for overlap in (False, True):
        memory = os.memfd_create("test")
        os.ftruncate(memory, size)
        os.pwrite(memory, vertices.tobytes(), VERTICES)
        assert GLWorker(open_context(), memory, overlap).paint(request) == {}
        drawn.append(os.pread(memory, size - PIXELS, PIXELS))
        os.close(memory)
    assert drawn[0] == drawn[1]
    pictures = np.frombuffer(drawn[0], np.uint8).reshape(count, 12, 12, 4)
    np.testing.assert_array_equal(
        pictures[..., :3], Renderer().draw([given] * count, *numbers(count), canvas)
    )
