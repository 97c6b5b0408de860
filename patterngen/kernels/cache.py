"""Compiled kernels in files, so that a kernel is compiled once: ahead for a wheel, or once on a machine.

Numba's own cache names a kernel's files after its source file and line. It does not notice that a kernel
called from there has changed, serves only the very processor that it compiled for, and gives up where it
cannot write. Here a kernel's file is named after a digest of all that decides its machine code.
"""

import contextlib
import hashlib
import os
import pickle
import platform
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
from llvmlite import binding
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from patterngen.home import cache_folder
from patterngen.kernels.digest import digest_of
from patterngen.kernels.notice import tell

_numba: Any = numba.config  # its attributes are made at run time

SHIPPED = Path(__file__).parents[1] / "_kernels"
"""Folder of the kernels that a wheel brings, with a folder for each processor level."""

INNER = "inner"
"""Folder in that of a level, for kernels that only other kernels call: a checkout keeps them."""
ENDING = ".kernel"

_V3 = ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
_V4 = (*_V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")
_ALL: dict[str, dict[str, tuple[str, ...]]] = {
    "x86_64": {"x86-64-v4": _V4, "x86-64-v3": _V3},
    "aarch64": {"generic": ()},
}
LEVELS = _ALL.get(platform.machine(), {})
"""The processor levels that a wheel brings kernels for on this kind of machine, best first.

Each with the features that a processor must have to run them.
"""


class KernelMissingError(Exception):
    """A kernel is in no file, and `only_loaded` forbids to compile it."""


class _State:
    """What this process does about kernels that are in no file."""

    shipping: tuple[Path, str] | None = None
    """Where `ship` puts kernels instead of the user's folder, and their level."""
    used: set[Path] | None = None
    """The files that were loaded, where somebody asks."""
    load_only = False


class KernelCache:
    """What a Numba dispatcher asks for machine code before it compiles, and gives it to afterwards.

    Args:
        function: the kernel as Python.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @property
    def cache_path(self) -> str:
        """The folder that new kernels are written to; empty if none can be."""
        return str(writable_folder() or "")

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the compiled kernel for a signature, or None.

        Raises:
            KernelMissingError: there is none, inside `only_loaded`.
        """
        target.refresh()
        for folder, processor in _sources():
            path = folder / self._name(signature, processor)
            payload = _read(path)
            if payload is not None:
                if _State.used is not None:
                    _State.used.add(path)
                return CompileResult._rebuild(target, *payload)  # type: ignore[no-untyped-call]
        if _State.load_only:
            raise KernelMissingError(self._function.__name__)
        tell(_unsaved, writable_folder, KernelCache)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Write a compiled kernel, whole or not at all; none with addresses of this process in it."""
        folder, processor = _State.shipping or (writable_folder(), _processor())
        if folder is not None and not compiled.library.has_dynamic_globals:
            with contextlib.suppress(OSError):  # a full disk: the kernel is compiled all the same
                content = dumps(compiled._reduce())  # type: ignore[no-untyped-call]
                _write(folder / self._name(signature, processor), content)

    def enable(self) -> None:
        """Do nothing: Numba's interface."""

    disable = flush = enable

    def _name(self, signature: Any, processor: str) -> str:
        parts = (_compiler(), processor, repr(signature), digest_of(self._function))
        function = self._function
        stem = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        return f"{stem}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}{ENDING}"


@contextmanager
def only_loaded() -> Iterator[None]:
    """Let kernels come from files alone: one that would have to be compiled raises `KernelMissingError`."""
    _State.load_only = True
    try:
        yield
    finally:
        _State.load_only = False


@contextmanager
def ship(folder: Path, level: str) -> Iterator[set[Path]]:
    """Keep kernels for a wheel: they are read from and written to a folder.

    The process must have been started with `shipping_environment`.

    Args:
        folder: where to; made if absent.
        level: what the kernels are compiled for, one of `LEVELS`.

    Yields:
        the files that were loaded so far: of the kernels that Python calls, as others come with those.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _State.shipping, _State.used = (folder, level), set()
    try:
        yield _State.used
    finally:
        _State.shipping = _State.used = None


def shipping_environment(level: str) -> dict[str, str]:
    """Return the environment variables that make Numba compile for a level and for no better processor."""
    features = ",".join(f"+{name}" for name in LEVELS[level])
    return {"NUMBA_CPU_NAME": level, "NUMBA_CPU_FEATURES": features}


@cache
def writable_folder() -> Path | None:
    """Return the folder where kernels that are compiled here are kept; None where nothing can be written.

    It is the first of these that can be written to: ``$NUMBA_CACHE_DIR``; ``$PATTERNGEN_CACHE/kernels``, or
    unless that is set ``$XDG_CACHE_HOME/patterngen/kernels`` (``~/.cache`` by default); a folder of the
    user's own in the system's temporary one. Kernels are loaded from all of them.
    """
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK) and _is_safe(folder):
                return folder
    return None


@cache
def shipped_folder() -> Path | None:
    """Return the folder of kernels that came with the package for the best level of this processor.

    None if none came, or if Numba is told to compile for another processor than this one.
    """
    if _numba.CPU_NAME or _numba.CPU_FEATURES:
        return None
    return next((SHIPPED / level for level in host_levels() if (SHIPPED / level).is_dir()), None)


def host_levels() -> list[str]:
    """Return those of `LEVELS` that this processor can run, best first."""
    found = binding.get_host_cpu_features()
    return [level for level, needed in LEVELS.items() if all(found.get(name) for name in needed)]


def _sources() -> Iterator[tuple[Path, str]]:
    """Yield folders to load from, and the processor that their kernels are compiled for."""
    if _State.shipping is not None:
        folder, level = _State.shipping
        yield folder, level
        yield folder / INNER, level
        return
    # What was compiled on this machine comes first: it is for this very processor.
    for folder in filter(_is_safe, _folders()):
        yield folder, _processor()
    shipped = shipped_folder()
    if shipped is not None:
        yield shipped, shipped.name
        yield shipped / INNER, shipped.name


def _folders() -> Iterator[Path]:
    if _numba.CACHE_DIR:
        yield Path(_numba.CACHE_DIR)
    named, usual = os.environ.get("PATTERNGEN_CACHE", ""), cache_folder()
    if named or usual:
        yield Path(named or usual or "") / "kernels"
    temporary = _temporary()
    if temporary is not None:
        yield temporary


@cache
def _temporary() -> Path | None:
    try:
        return Path(tempfile.gettempdir()) / f"patterngen-kernels-{os.getuid()}"
    except FileNotFoundError:  # there is no temporary folder that can be written to
        return None


def _unsaved() -> str:
    """Say why most kernels that are compiled here are not saved; empty if they are."""
    if _numba.OPT == 0:  # LLVM's optimiser is what removes them
        return "NUMBA_OPT=0 leaves addresses of this process in most kernels"
    return "" if writable_folder() else "nothing can be written: NUMBA_CACHE_DIR names a folder"


def _is_safe(folder: Path) -> bool:
    """Tell whether kernels may be loaded: anybody may make a temporary folder, and they are unpickled."""
    if folder != _temporary():
        return True
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


@cache
def _compiler() -> tuple[object, ...]:
    """Return what compiles kernels, and the switches of Numba's by which it does so otherwise."""
    switches = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "SLP_VECTORIZE")
    said = (f"{name}={getattr(_numba, name, None)}" for name in switches)
    return (numba.__version__, llvmlite.__version__, sys.implementation.cache_tag, *said)


@cache
def _processor() -> str:
    """Return the name and features of the processor that Numba compiles for."""
    name = _numba.CPU_NAME or binding.get_host_cpu_name()
    features = _numba.CPU_FEATURES
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    return f"{binding.get_process_triple()} {name} {features}"


def _read(path: Path) -> Any:
    """Return what a file holds; None if it is absent, damaged, or of a module that is no longer there."""
    try:
        content = path.read_bytes()
        check, payload = content[:32], content[32:]
        return pickle.loads(payload) if hashlib.sha256(payload).digest() == check else None  # noqa: S301
    except (OSError, ImportError, AttributeError):
        return None


def _write(path: Path, payload: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(payload).digest() + payload)
        os.chmod(temporary, 0o644)  # noqa: PTH101 - a wheel's files are for all; the folder guards the others
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108
        raise
