"""The process that draws: what becomes of it, of its parent and of the pictures when either is lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import patterngen.shaders.render.process as host_module
from patterngen.errors import PatternGenError
from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Reading
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.options import Options, drawing
from patterngen.shaders.render.process import GLProcess
from patterngen.shaders.render.renderer import Renderer
from tests.patterngen.shaders.examples import ENDLESS, children, is_running, numbers, program, try_out, until

pytest.importorskip("moderngl")
ROOT = Path(__file__).parents[4]
WAVES = "return 0.5 + 0.5 * sin((3.0 + 20.0 * r.x) * p.xyx + t);"

SLOW = "float s = r.y; for (int i = 0; i < 2000; i++) s += sin(s + p.x); return vec3(fract(s));"


@pytest.fixture
def gl() -> Renderer:
    return Renderer()


@pytest.fixture
def waves(tmp_path: Path) -> Program:
    return program(tmp_path, WAVES, name="waves")


def child(gl: Renderer) -> int:
    """Return the number of a renderer's process, which it starts if need be."""
    assert gl.name
    assert gl._process is not None
    return gl._process._child.pid


@contextmanager
def killing(gl: Renderer, program: Program, times: int) -> Iterator[list[int]]:
    """Kill the renderer's process while it runs a program, so many times; list the killed."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while len(killed) < times and not over.is_set():
            process = gl._process
            if process is None or process._child.pid in killed:
                time.sleep(0.001)
                continue
            held = gl._cache._programs.get((program.digest, Reading()))
            if held is not None and process._state[0] == held.number:
                os.kill(process._child.pid, signal.SIGKILL)
                killed.append(process._child.pid)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("while_running", [0, 2])
def test_a_lost_process_loses_no_picture(gl: Renderer, tmp_path: Path, while_running: int) -> None:
    programs = [program(tmp_path, f"float k = {k}.0; {SLOW}", name=f"slow{k}") for k in range(3)] * 4
    times, randoms = numbers(len(programs))
    undisturbed = gl.draw(programs, times, randoms, Canvas(64))
    first = child(gl)
    with killing(gl, programs[while_running], times=1) as killed:
        again = gl.draw(programs, times, randoms, Canvas(64))
    assert killed == [first] != [child(gl)]
    np.testing.assert_array_equal(again, undisturbed)


def test_a_process_that_was_killed_idle_is_replaced(gl: Renderer, waves: Program) -> None:
    times, randoms = numbers(3)
    before = gl.draw([waves] * 3, times, randoms, Canvas(16))
    os.kill(child(gl), signal.SIGKILL)
    np.testing.assert_array_equal(gl.draw([waves] * 3, times, randoms, Canvas(16)), before)


def test_a_program_that_ends_its_process_twice_is_lost_and_no_other(
    gl: Renderer, waves: Program, tmp_path: Path
) -> None:
    fatal = program(tmp_path, SLOW, name="fatal")
    times, randoms = numbers(6)
    programs = [waves, fatal] * 3
    with killing(gl, fatal, times=2) as killed:
        pictures, losses, _ = gl.attempt(programs, times, randoms, Canvas(32))
    assert len(killed) == 2
    assert losses == {fatal: f"{fatal.file}: ended the process that draws (Killed)"}
    np.testing.assert_array_equal(pictures[::2], gl.draw(programs[::2], times[::2], randoms[::2], Canvas(32)))


def test_an_endless_program_is_stopped_and_the_others_are_drawn(
    gl: Renderer, waves: Program, tmp_path: Path
) -> None:
    endless = program(tmp_path, ENDLESS, name="endless")
    times, randoms = numbers(6)
    programs = [endless, waves] * 3
    with drawing(Options(budget=0.1)):
        pictures, losses, _ = gl.attempt(programs, times, randoms, Canvas(128))
    assert losses == {
        endless: f"{endless.file}: takes more than 0.1 s for one picture (--shader-budget gives it more)"
    }
    np.testing.assert_array_equal(
        pictures[1::2], gl.draw(programs[1::2], times[1::2], randoms[1::2], Canvas(128))
    )


def test_many_pictures_may_take_longer_than_one(gl: Renderer, tmp_path: Path) -> None:
    slow = program(tmp_path, SLOW)
    times, randoms = numbers(24)
    before = os.times()
    with drawing(Options(budget=0.5)):
        first = child(gl)
        gl.draw([slow] * 24, times, randoms, Canvas(96))
        assert child(gl) == first
    gl._process.close()
    after = os.times()
    assert after.children_user - before.children_user > 0.5, "too fast to show anything"


def test_compiling_has_a_budget_too(gl: Renderer, tmp_path: Path) -> None:
    long = "\n".join(f"s = sin(s * {k}.5 + p.x) + cos(s - r.x * {k}.25);" for k in range(3000))
    given = program(tmp_path, f"float s = t;\n{long}\nreturn vec3(s);")
    with (
        drawing(Options(budget=0.02)),
        pytest.raises(PatternGenError, match=r"takes more than 0\.1 s to compile"),
    ):
        try_out(gl, given)


def test_a_process_that_answers_no_more_is_replaced(
    gl: Renderer, waves: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "SILENCE", 0.1)
    times, randoms = numbers(2)
    before = gl.draw([waves] * 2, times, randoms, Canvas(16))
    first = child(gl)
    os.kill(first, signal.SIGSTOP)
    with drawing(Options(budget=0.02)):
        np.testing.assert_array_equal(gl.draw([waves] * 2, times, randoms, Canvas(16)), before)
    assert child(gl) != first
    assert not is_running(first)


def test_a_process_that_always_dies_is_an_error(
    gl: Renderer, waves: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(process: GLProcess, *_: object) -> object:
        os.kill(process._child.pid, signal.SIGSEGV)
        raise process._lose()

    monkeypatch.setattr(GLProcess, "ask", ask)
    times, randoms = numbers(1)
    with pytest.raises(
        RuntimeError, match=r"ended the process that draws \(Segmentation fault\) .*again and again"
    ):
        gl.draw([waves], times, randoms, Canvas(8))


def test_a_driver_that_fails_is_an_error(gl: Renderer, waves: Program) -> None:
    with pytest.raises(RuntimeError, match="OpenGL could not draw 8x8 pictures: "):
        gl.draw([waves], *numbers(1), Canvas(8, dtype="f9"))
    assert gl.draw([waves], *numbers(1), Canvas(8)).any()


def test_software_drawing_starts_no_thread(
    gl: Renderer, waves: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    gl.draw([waves], *numbers(1), Canvas(300))
    names = [path.read_text() for path in Path(f"/proc/{child(gl)}/task").glob("*/comm")]
    assert not [name for name in names if name.startswith("llvmpipe")]
    assert "LP_NUM_THREADS" not in os.environ


DRAW = f"""
import sys; from pathlib import Path; import numpy as np
sys.path.insert(0, {str(ROOT)!r})
from patterngen.shaders.language.program import read_program
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import renderer
from patterngen.shaders.render.options import Options, drawing
first, *rest = [[read_program(Path(text))] for text in sys.argv[1:]]
renderer().draw(first, np.ones(1, 'f4'), np.ones((1, 4), 'f4'), Canvas(8))
print(renderer()._process._child.pid, flush=True)
if rest:
    with drawing(Options(budget=1000.0)):
        renderer().draw(*rest, np.ones(1, 'f4'), np.ones((1, 4), 'f4'), Canvas(2048))
"""


def start(*programs: Program) -> tuple["subprocess.Popen[str]", int]:
    """Start a process that draws; return it and the number of the process that draws for it."""
    command = [sys.executable, "-c", DRAW, *(str(program.file) for program in programs)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_nothing_is_left_after_the_end(waves: Program) -> None:
    process, drawer = start(waves)
    _, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert not Path(f"/proc/{drawer}").exists(), "not even a zombie"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT", "SIGTERM"])
def test_nothing_is_left_after_a_violent_end(waves: Program, tmp_path: Path, name: str) -> None:
    process, drawer = start(waves, program(tmp_path, ENDLESS, name="endless"))
    until(lambda: _seconds(drawer) > 0.3, "drew the endless program")
    assert drawer in children(process.pid)
    os.killpg(process.pid, signal.Signals[name])
    process.communicate(timeout=300)
    until(lambda: not is_running(drawer), f"ended after {name}", seconds=10)


def _seconds(process: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
