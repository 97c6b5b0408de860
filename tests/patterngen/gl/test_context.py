"""Opening OpenGL, and what a user reads where it cannot be opened."""

import os
import subprocess
import sys

import pytest

import patterngen.gl.context as context_module
from patterngen.errors import MissingDependencyError, PatternGenError

pytest.importorskip("moderngl")
DRAW = "from patterngen.families import family; family('shaders').draw([1], 16)"
OTHER = "from patterngen.families import families, family; assert 'shaders' in families()"


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_no_device_names_the_packages() -> None:
    run = python(DRAW, __EGL_VENDOR_LIBRARY_FILENAMES="/nonexistent")
    assert "PatternGenError: no OpenGL on this machine" in run.stderr
    assert "apt-get install libegl1 libgl1-mesa-dri" in run.stderr


def test_the_registry_works_without_a_device() -> None:
    assert python(OTHER, __EGL_VENDOR_LIBRARY_FILENAMES="/nonexistent").returncode == 0


def test_no_egl_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_module, "EGL_LIBRARY", "libEGL-that-is-not-here.so.1")
    with pytest.raises(PatternGenError, match=r"libEGL-that-is-not-here\.so\.1 not loaded.*libegl1"):
        context_module.open_context()


def test_a_device_that_cannot_be_opened_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    import moderngl

    class Opened:
        gc_mode: str | None = None

    def create(require: int, *, device_index: int, **_: object) -> Opened:
        if device_index == 0:
            raise Exception("eglInitialize failed")
        return Opened()

    monkeypatch.setattr(moderngl, "create_context", create)
    assert isinstance(context_module.open_context(), Opened)


def test_no_moderngl_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[gl\]'"):
        context_module.open_context()


def test_software_drawing_starts_no_thread_and_leaves_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import moderngl

    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    seen: list[str | None] = []

    def create(require: int, **_: object) -> object:
        seen.append(os.environ.get("LP_NUM_THREADS"))
        raise Exception("requested device index 0, but found 0 devices")

    monkeypatch.setattr(moderngl, "create_context", create)
    with pytest.raises(PatternGenError):
        context_module.open_context()
    assert seen == ["0"]
    assert "LP_NUM_THREADS" not in os.environ
    monkeypatch.setenv("LP_NUM_THREADS", "3")
    with pytest.raises(PatternGenError):
        context_module.open_context()
    assert seen == ["0", "3"]


def test_import_opens_nothing() -> None:
    run = python("import sys, patterngen.families as f; f.families(); assert 'moderngl' not in sys.modules")
    assert run.returncode == 0, run.stderr
