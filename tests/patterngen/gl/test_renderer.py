"""Compiling and drawing: the geometry of a picture, the driver's complaints, the library's numbers."""

import multiprocessing
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.gl.renderer import FRAGMENT_HEAD, TARGET_PIXELS, Canvas, Renderer, _explain, renderer
from patterngen.gl.source import load, shader_folder

pytest.importorskip("moderngl")
Numbers = NDArray[np.float32]


@pytest.fixture(scope="module")
def gl() -> Renderer:
    return renderer()


def program(folder: Path, body: str, *, includes: str = "") -> Path:
    path = folder / "program.glsl"
    head = f'#include "lib/{includes}.glsl"\n' if includes else ""
    path.write_text(f"{head}vec3 pattern(vec2 p, float t, vec4 r) {{\n{body}\n}}\n")
    return path


def draw(gl: Renderer, path: Path, size: int, samples: int = 1) -> Numbers:
    canvas = Canvas(size, samples, "f4")
    pictures = gl.draw([path], np.ones(1, np.float32), np.zeros((1, 4), np.float32), canvas)
    return np.asarray(pictures[0], np.float32)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_coordinates_are_exact(gl: Renderer, tmp_path: Path, size: int) -> None:
    path = program(tmp_path, "return vec3(0.5 + 0.5 * p, pixel / 2.0);")
    centres = (np.arange(size, dtype=np.float32) + 0.5) / size
    picture = draw(gl, path, size)
    np.testing.assert_allclose(picture[..., 0], np.broadcast_to(centres, (size, size)), atol=1e-7)
    np.testing.assert_allclose(picture[..., 1], np.broadcast_to(centres[::-1, None], (size, size)), atol=1e-7)
    np.testing.assert_allclose(picture[..., 2], 1.0 / size, rtol=1e-6)


def test_a_pixel_is_the_mean_of_its_samples(gl: Renderer, tmp_path: Path) -> None:
    path = program(tmp_path, "return vec3(0.5 + 0.5 * sin(9.0 * p.x) * p.y);")
    fine = draw(gl, path, 32).reshape(16, 2, 16, 2, 3).mean((1, 3))
    np.testing.assert_allclose(draw(gl, path, 16, samples=2), fine, atol=1e-6)


def test_time_and_random_numbers_arrive_unchanged(gl: Renderer, tmp_path: Path) -> None:
    times = np.linspace(0.1, 0.9, 5, dtype=np.float32)
    randoms = np.random.default_rng(0).random((5, 4)).astype(np.float32)
    first, second = tmp_path / "first.glsl", tmp_path / "second.glsl"
    first.write_text("vec3 pattern(vec2 p, float t, vec4 r) { return vec3(t, r.xy); }")
    second.write_text("vec3 pattern(vec2 p, float t, vec4 r) { return vec3(t, r.zw); }")
    paths = [first, second, first, first, second]
    pictures = gl.draw(paths, times, randoms, Canvas(3, dtype="f4"))
    expected = np.where(
        np.array([path == first for path in paths])[:, None],
        np.column_stack([times, randoms[:, :2]]),
        np.column_stack([times, randoms[:, 2:]]),
    )
    np.testing.assert_array_equal(pictures, np.broadcast_to(expected[:, None, None], (5, 3, 3, 3)))


@pytest.mark.parametrize("size", [9, 640])
def test_a_picture_is_the_same_wherever_it_lies(gl: Renderer, tmp_path: Path, size: int) -> None:
    path = program(tmp_path, "return vec3(abs(dFdy(sin(7.0 * p.x * p.y))), 0.5 + 0.5 * sin(99.0 * p));")
    count = TARGET_PIXELS // 640**2 + 3 if size == 640 else 5  # more than fit into one target
    pictures = gl.draw([path] * count, np.ones(count, "f4"), np.zeros((count, 4), "f4"), Canvas(size))
    assert all((picture == pictures[0]).all() for picture in pictures)


def test_no_pictures(gl: Renderer) -> None:
    empty = gl.draw([], np.zeros(0, np.float32), np.zeros((0, 4), np.float32), Canvas(8))
    assert empty.shape == (0, 8, 8, 3)


@pytest.mark.parametrize("size", [0, -1, 1 << 20])
def test_a_size_it_cannot_draw(gl: Renderer, tmp_path: Path, size: int) -> None:
    with pytest.raises(PatternGenError, match=f"size={size}: .* draws pictures of 1 to"):
        draw(gl, program(tmp_path, "return vec3(0.0);"), size)


def test_a_mistake_is_shown_in_the_users_file_and_line(gl: Renderer, tmp_path: Path) -> None:
    path = program(tmp_path, "float x = 1.0;\nreturn vec3(x, y, 0.0);", includes="noise")
    with pytest.raises(PatternGenError, match=rf"^{path}:4:.*\by\b") as caught:
        gl.compile(path)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_an_included_file(gl: Renderer, tmp_path: Path) -> None:
    (tmp_path / "part.glsl").write_text("float fine;\nfloat broken = vec2(1.0);\n")
    path = tmp_path / "main.glsl"
    path.write_text('#include "part.glsl"\nvec3 pattern(vec2 p, float t, vec4 r) { return vec3(fine); }')
    with pytest.raises(PatternGenError, match=rf"^{tmp_path / 'part.glsl'}:2"):
        gl.compile(path)


def test_a_program_without_the_entry_point(gl: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "main.glsl"
    path.write_text("float colour() { return 1.0; }")
    with pytest.raises(PatternGenError, match="defines no `vec3 pattern"):
        gl.compile(path)


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
    line = FRAGMENT_HEAD.count("\n") + 2
    said = "GLSL Compiler failed\n\nfragment_shader\n===============\n" + message.format(line=line)
    assert _explain(said, load(path)) == f"{path}{told}"


def test_the_example_of_the_readme_draws(gl: Renderer, tmp_path: Path) -> None:
    readme = (shader_folder() / "README.md").read_text()
    path = tmp_path / "rings.glsl"
    path.write_text(readme.split("```glsl\n")[1].split("```")[0])
    assert draw(gl, path, 16).std() > 0.05


def test_threads_have_renderers_of_their_own(gl: Renderer, tmp_path: Path) -> None:
    path = program(tmp_path, "return vec3(0.5 + 0.4 * sin(5.0 * p), 0.25);")
    pictures: list[Numbers] = []
    thread = threading.Thread(target=lambda: pictures.append(draw(renderer(), path, 16)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(pictures[0], draw(gl, path, 16))
    assert renderer() is gl


def _try_after_fork(queue: "multiprocessing.Queue[str]") -> None:
    try:
        renderer()
    except PatternGenError as error:
        queue.put(str(error))
    else:
        queue.put("no error")


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
def test_a_fork_is_refused(gl: Renderer) -> None:
    fork = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[str] = fork.Queue()
    child = fork.Process(target=_try_after_fork, args=(queue,))
    child.start()
    answer = queue.get(timeout=30)
    child.join(30)
    assert "spawn" in answer


def pcg2d(x: NDArray[np.uint32], y: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Compute the hash of Jarzynski & Olano (2020) in NumPy's wrapping 32-bit integers."""
    a, c, shift = np.uint32(1664525), np.uint32(1013904223), np.uint32(16)
    x, y = x * a + c, y * a + c
    x = x + y * a
    y = y + x * a
    x, y = x ^ (x >> shift), y ^ (y >> shift)
    x = x + y * a
    y = y + x * a
    return x ^ (x >> shift), y ^ (y >> shift)


def hash2(i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
    x, y = pcg2d(i.astype(np.uint32), j.astype(np.uint32))
    return np.stack([x >> np.uint32(8), y >> np.uint32(8)], -1) / 2.0**24


def test_the_hash_agrees_with_numpy_to_the_bit(gl: Renderer, tmp_path: Path) -> None:
    path = program(
        tmp_path, "return vec3(hash2(ivec2(round(16.0 * p + 0.5)) * 37 - 5), 0.0);", includes="hash"
    )
    cells = np.arange(-15, 17) * 37 - 5
    i, j = np.meshgrid(cells, cells[::-1])  # the top row has the highest j
    np.testing.assert_array_equal(draw(gl, path, 32)[..., :2], hash2(i, j).astype(np.float32))


def noise(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute gradient noise after Perlin (1985, 2002), scaled as in lib/noise.glsl."""
    i, j = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    u, v = x - i, y - j

    def corner(di: int, dj: int) -> NDArray[np.float64]:
        gradient = hash2(i + di, j + dj) * 2 - 1
        return np.asarray(gradient[..., 0] * (u - di) + gradient[..., 1] * (v - dj))

    fu, fv = (w**3 * (w * (w * 6 - 15) + 10) for w in (u, v))
    bottom = corner(0, 0) * (1 - fu) + corner(1, 0) * fu
    top = corner(0, 1) * (1 - fu) + corner(1, 1) * fu
    return np.asarray(1.4 * (bottom * (1 - fv) + top * fv))


def test_noise_agrees_with_numpy(gl: Renderer, tmp_path: Path) -> None:
    path = program(tmp_path, "return vec3(0.5 + 0.4 * noise(6.0 * p + vec2(-3.3, 8.7)));", includes="noise")
    axis = (np.arange(64) + 0.5) / 32 - 1
    x, y = np.meshgrid(6 * axis - 3.3, -6 * axis + 8.7)
    np.testing.assert_allclose(draw(gl, path, 64)[..., 0], 0.5 + 0.4 * noise(x, y), atol=2e-5)


def test_noise_is_zero_at_lattice_points(gl: Renderer, tmp_path: Path) -> None:
    path = program(tmp_path, "return vec3(abs(noise(round(20.0 * p))));", includes="noise")
    assert not draw(gl, path, 32).any()
