"""A user's own programs: which files of a folder they are, what they are called, and lists of the kept."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from patterngen.errors import PatternGenError, unknown_name
from patterngen.gl.source import load
from patterngen.storage.texts import read_text

ENDINGS = (".glsl", ".frag", ".fs")
"""Files that are taken for programs, in a folder and all folders in it."""


def find_programs(folder: str) -> dict[str, Path]:
    """Return the programs of a folder by name, sorted: their paths within it.

    A file that another one includes is no program.

    Raises:
        PatternGenError: there is no such folder, or no program in it.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise PatternGenError(f"shader folder {folder!r}: no such folder")
    found = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.suffix.lower() in ENDINGS and path.is_file()
    }
    included = {file for path in found.values() for file in _included(path)}
    programs = {name: path for name, path in sorted(found.items()) if path.resolve() not in included}
    if not programs:
        raise PatternGenError(f"shader folder {folder!r}: no program in it; their names end in {_endings()}")
    return programs


def shader_folder_setting(folder: str | None) -> tuple[str, ...]:
    """Return the setting that a flag ``--shader-dir`` stands for; the path holds wherever a run goes on."""
    return () if folder is None else (f"shaders.dir={Path(folder).expanduser().absolute()}",)


def read_kept(file: str, programs: Mapping[str, Path]) -> tuple[str, ...]:
    """Read the names of the programs to draw with, one a line, as `patterngen shaders check` writes them.

    Raises:
        PatternGenError: the file cannot be read, names none, or one that is not among the programs.
    """
    try:
        lines = read_text(Path(file).expanduser()).splitlines()
    except (OSError, ValueError) as error:
        raise PatternGenError(f"keep {file!r}: cannot be read: {error}") from None
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not names:
        raise PatternGenError(f"keep {file!r}: names no program; write one name a line")
    for name in names:
        if name not in programs:
            unknown = unknown_name("shader program", name, programs, "patterngen shaders check")
            raise PatternGenError(f"keep {file!r}: {unknown}")
    return tuple(sorted(set(names)))


def digest(programs: Mapping[str, Path]) -> str:
    """Return the SHA-256 of programs with their names and all that they include."""
    total = hashlib.sha256()
    for name, path in programs.items():
        total.update(f"{name}\0{program_text(path)}\0".encode())
    return total.hexdigest()


def program_text(path: Path) -> str:
    """Return a program with its includes put in; nothing if it cannot be read, and so not be drawn."""
    try:
        return "\n".join(load(path).lines)
    except PatternGenError:
        return ""


def text_digest(text: str) -> str:
    """Return the name under which a dataset keeps a text: the first 16 digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _included(path: Path) -> set[Path]:
    try:
        origins = load(path).origins
    except PatternGenError:
        return set()
    return {file.resolve() for file in {file for file, _ in origins}} - {path.resolve()}


def _endings() -> str:
    return f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
