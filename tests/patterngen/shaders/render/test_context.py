"""Opening OpenGL, and what a user reads where it cannot be opened."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

import patterngen.shaders.render.context as context_module
import patterngen.shaders.render.devices as devices_module
from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.shaders.render.devices import Device

pytest.importorskip("moderngl")
DRAW = "from patterngen.families import family; family('shaders').draw([1], 16)"
OTHER = "from patterngen.families import family, known_families; assert 'shaders' in known_families()"


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """Pretend that each device is opened as the renderer of this name; without a name it cannot be opened."""
    import moderngl

    opened = {0: "", 1: "GeForce", 2: "llvmpipe (LLVM 15.0.6, 256 bits)"}

    def create(require: int, *, device_index: int, **_: object) -> SimpleNamespace:
        if not opened[device_index]:
            raise Exception("eglInitialize failed")
        return SimpleNamespace(gc_mode=None, info={"GL_RENDERER": opened[device_index]})

    monkeypatch.setattr(moderngl, "create_context", create)
    devices = [Device(0, False, ""), Device(1, False, ""), Device(2, True, "")]
    monkeypatch.setattr(context_module, "list_devices", lambda: devices)
    return opened


def renderer(device: str) -> str:
    return str(context_module.open_context(device).info["GL_RENDERER"])


def test_no_device_names_the_packages() -> None:
    run = python(DRAW, __EGL_VENDOR_LIBRARY_FILENAMES="/nonexistent")
    assert "MissingDependencyError: no OpenGL on this machine (EGL has no device)" in run.stderr
    assert "apt-get install libegl1 libgl1-mesa-dri" in run.stderr


def test_the_registry_works_without_a_device() -> None:
    assert python(OTHER, __EGL_VENDOR_LIBRARY_FILENAMES="/nonexistent").returncode == 0


def test_no_egl_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices_module, "EGL_LIBRARY", "libEGL-that-is-not-here.so.1")
    with pytest.raises(MissingDependencyError, match=r"libEGL-that-is-not-here\.so\.1 not loaded.*libegl1"):
        context_module.open_context()


def test_a_device_that_cannot_be_opened_is_passed_over(driver: dict[int, str]) -> None:
    assert renderer("auto") == renderer("gpu") == "GeForce"
    driver[1] = ""
    assert renderer("auto").startswith("llvmpipe")
    with pytest.raises(MissingDependencyError, match=r"no OpenGL on this machine \(eglInitialize failed\)"):
        renderer("gpu")


@pytest.mark.parametrize("device", ["gpu", "gpu:1"])
def test_a_gpu_that_is_none_is_refused(driver: dict[int, str], device: str) -> None:
    driver[1] = "llvmpipe (LLVM 15.0.6, 256 bits)"  # a driver without access to its GPU
    with pytest.raises(PatternGenError, match=rf"device {device}: refused, for what opens is llvmpipe"):
        renderer(device)


def test_no_moderngl_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[gl\]'"):
        context_module.open_context()


def test_import_opens_nothing() -> None:
    code = "import sys, patterngen; patterngen.known_families(); assert 'moderngl' not in sys.modules"
    run = python(code)
    assert run.returncode == 0, run.stderr


def test_the_process_that_draws_imports_little() -> None:
    run = python(
        "import sys, patterngen.shaders.render.child, moderngl; "
        "print(*{'numpy', 'numba', 'tyro'} & set(sys.modules))"
    )
    assert run.stdout.strip() == "", run.stderr
