"""Kernels are compiled once, and never is one taken for another."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import event

from patterngen.kernels import cache as kernel_cache
from patterngen.kernels import notice as kernel_notice
from patterngen.kernels.digest import digest_of

MODULE = """
import math
from patterngen.kernels.jit import kernel

FACTOR = 3

@kernel
def inner(x):
    return FACTOR * x + 1

@kernel
def outer(x):
    return inner(x) - math.pi
"""


def load(folder: Path, source: str = MODULE):
    """Import a file of kernels as a new process would: with dispatchers that have compiled nothing."""
    path = folder / "some_kernels.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("some_kernels", path)
    module = sys.modules["some_kernels"] = importlib.util.module_from_spec(spec)
    exec(compile(source, path, "exec"), module.__dict__)  # no bytecode on the disk, which goes by the second
    return module


@pytest.fixture
def only(monkeypatch):
    """Says which folder may keep kernels in this test."""

    def only(folder):
        monkeypatch.setattr(kernel_cache, "_folders", lambda: iter([folder]))
        kernel_cache.writable_folder.cache_clear()

    yield only
    monkeypatch.undo()
    kernel_cache.writable_folder.cache_clear()


@pytest.fixture
def folder(tmp_path, only):
    only(tmp_path / "kept")
    return tmp_path / "kept"


def compiled(function, *arguments):
    """Call a kernel; return what it returned and the names of the functions that were compiled for it."""
    with event.install_recorder("numba:compile") as recorder:
        result = function(*arguments)
    names = [e.data["dispatcher"].py_func.__name__ for _, e in recorder.buffer if e.is_start]
    return result, names


def test_a_kernel_is_compiled_once_for_each_type(folder, tmp_path):
    expected = 10 - np.pi
    assert compiled(load(tmp_path).outer, 3) == (expected, ["outer", "inner"])
    again = load(tmp_path).outer
    assert compiled(again, 3) == (expected, [])
    assert compiled(again, 3.0) == (expected, ["outer", "inner"])


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        (("math.pi", "math.e"), ["outer"]),
        (("* x + 1", "* x + 2"), ["outer", "inner"]),  # what is called
        (("FACTOR = 3", "FACTOR = 4"), ["outer", "inner"]),  # what that reads
        (("FACTOR = 3", "FACTOR = 3  # a comment, and a line\n"), []),
    ],
)
def test_a_kernel_is_compiled_anew_if_it_or_what_it_calls_has_changed(folder, tmp_path, change, anew):
    before, _ = compiled(load(tmp_path).outer, 3)
    after, names = compiled(load(tmp_path, MODULE.replace(*change)).outer, 3)
    assert names == anew
    assert (after != before) == bool(anew)


def test_the_digest_of_a_kernel_is_that_of_another_process():
    from patterngen.families.perlin import _draw

    code = (
        "from patterngen.families.perlin import _draw; from patterngen.kernels.digest import digest_of;"
        "print(digest_of(_draw.py_func))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == digest_of(_draw.py_func)


def test_what_cannot_be_described_cannot_be_in_a_kernel():
    thing = object()

    def function():
        return thing

    with pytest.raises(TypeError, match="cannot be told from one run to the next"):
        digest_of(function)


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_file_counts_as_absent_and_is_written_again(folder, tmp_path, at):
    result, _ = compiled(load(tmp_path).inner, 3)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    path.write_bytes(damaged)
    assert compiled(load(tmp_path).inner, 3) == (result, ["inner"])
    assert compiled(load(tmp_path).inner, 3) == (result, [])


def test_where_nothing_can_be_written_kernels_are_compiled_all_the_same(tmp_path, only, monkeypatch, capfd):
    (tmp_path / "file").touch()
    only(tmp_path / "file" / "below")
    monkeypatch.setattr(kernel_notice, "PATIENCE", 0.0)
    assert kernel_cache.writable_folder() is None
    assert compiled(load(tmp_path).outer, 3) == (10 - np.pi, ["outer", "inner"])
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "patterngen: compiling the kernels of some_kernels: 5 to 30 s, in every process …"
    assert "nothing can be written: NUMBA_CACHE_DIR names a folder" in said[1]
    assert len(said) == 2


def test_of_what_other_libraries_compile_nothing_is_said(only, tmp_path, monkeypatch, capfd):
    only(tmp_path / "saved")
    monkeypatch.setattr(kernel_notice, "PATIENCE", 0.0)
    compiled(load(tmp_path).inner, 3)
    capfd.readouterr()
    inner = numba.njit(lambda x: x + 1)
    outer = numba.njit(lambda x: inner(x) * 2)
    assert outer(3) == 8
    assert capfd.readouterr().err == ""


def test_the_notice_says_where_kernels_are_saved_or_why_not(only, tmp_path, monkeypatch, capfd):
    only(tmp_path / "saved")
    monkeypatch.setattr(kernel_notice, "PATIENCE", 0.0)
    assert compiled(load(tmp_path).outer, 3)[1] == ["outer", "inner"]
    first, last = capfd.readouterr().err.splitlines()
    assert first.endswith("once for this machine …")
    assert last.endswith(f"saved in {tmp_path / 'saved'}")
    only(tmp_path / "empty")
    monkeypatch.setattr(numba.config, "OPT", 0)  # under which few kernels can be saved
    assert compiled(load(tmp_path).outer, 3)[1] == ["outer", "inner"]
    first, last = capfd.readouterr().err.splitlines()
    assert first.endswith("in every process …")
    assert "not saved: NUMBA_OPT=0" in last


def test_commands_draw_where_nothing_can_be_written(tmp_path):
    """As in a container with a read-only root and no home: only what is asked for is written."""
    environment = {name: value for name, value in os.environ.items() if "CACHE" not in name}
    environment |= {"HOME": "/proc/nowhere", "TMPDIR": "/proc/nowhere"}
    out = tmp_path / "one.png"
    command = [sys.executable, "-m", "patterngen.cli", "show", "simplex", "--seed", "1", "--out", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 0


def test_a_temporary_folder_that_others_can_write_to_is_not_trusted(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_cache, "_temporary", lambda: folder)
    assert compiled(load(tmp_path).inner, 3)[1] == ["inner"]
    assert compiled(load(tmp_path).inner, 3)[1] == []
    folder.chmod(0o777)
    assert compiled(load(tmp_path).inner, 3)[1] == ["inner"]
    kernel_cache.writable_folder.cache_clear()
    assert kernel_cache.writable_folder() is None


def test_loading_alone_names_what_is_missing_and_harms_nothing(folder, tmp_path):
    module = load(tmp_path)
    with kernel_cache.only_loaded(), pytest.raises(kernel_cache.KernelMissingError, match="outer"):
        module.outer(3)
    assert compiled(module.outer, 3) == (10 - np.pi, ["outer", "inner"])
    with kernel_cache.only_loaded():
        assert load(tmp_path).outer(3) == 10 - np.pi


SHIP = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from patterngen.kernels import cache as kernel_cache
with kernel_cache.ship(Path(sys.argv[2]), sys.argv[3]):
    import some_kernels
    some_kernels.outer(3)
"""


def test_kernels_compiled_for_a_level_are_used_on_every_processor_that_has_it(folder, tmp_path, monkeypatch):
    levels = kernel_cache.host_levels()
    if not levels:
        pytest.skip("no kernels are shipped for this kind of processor")
    (tmp_path / "some_kernels.py").write_text(MODULE)
    level, shipped = levels[-1], tmp_path / "shipped"
    environment = os.environ | kernel_cache.shipping_environment(level)
    command = [sys.executable, "-c", SHIP, str(tmp_path), str(shipped / level), level]
    subprocess.run(command, env=environment, check=True)
    monkeypatch.setattr(kernel_cache, "SHIPPED", shipped)
    kernel_cache.shipped_folder.cache_clear()
    try:
        assert compiled(load(tmp_path).outer, 3) == (10 - np.pi, [])
        # Not where Numba is told to compile for another processor: its code must come from there.
        monkeypatch.setattr("numba.config.CPU_NAME", "generic")
        kernel_cache.shipped_folder.cache_clear()
        assert compiled(load(tmp_path).outer, 3)[1] == ["outer", "inner"]
    finally:
        kernel_cache.shipped_folder.cache_clear()
