"""Programs for the tests of drawing: well-behaved ones and others."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patterngen.shaders.language.program import Program, read_program
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import Renderer, renderer

# On some drivers it has no end; on those that count the rounds of a loop, its rounds take long.
ENDLESS = (
    "float s = p.x; while (s < 2.0 + t) for (int i = 0; i < 40; i++) s = sin(s * p.x + p.y); return vec3(s);"
)


def program(folder: Path, body: str, *, name: str = "program", includes: str = "") -> Program:
    """Write a program whose function has this body."""
    path = folder / f"{name}.glsl"
    head = f'#include "lib/{includes}.glsl"\n' if includes else ""
    path.write_text(f"{head}vec3 pattern(vec2 p, float t, vec4 r) {{\n{body}\n}}\n")
    return read_program(path)


def try_out(gl: Renderer, program: Program) -> None:
    """Draw one pixel with a program, if it compiles."""
    gl.draw([program], *numbers(1), Canvas(1))


def colour(path: Path, text: str) -> list[float]:
    """Draw a program of one colour at the time 2.5; return the colour."""
    path.write_bytes(text.encode())
    canvas = Canvas((3, 5), dtype="f4")
    picture = renderer().draw([read_program(path)], np.full(1, 2.5, "f4"), np.zeros((1, 4), "f4"), canvas)[0]
    assert (np.ptp(picture, axis=(0, 1)) < 1e-6).all()
    found: list[float] = picture[0, 0].tolist()
    return found


def numbers(count: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw times and random numbers for so many pictures."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.1, 10, count).astype(np.float32), rng.random((count, 4)).astype(np.float32)


def is_running(process: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def until(found: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait until something is found."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"never {what}"
        time.sleep(0.002)


def children(process: int) -> list[int]:
    """Return the children of a process of this user, by their numbers."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == process:
                found.append(int(entry.name))
    return found
