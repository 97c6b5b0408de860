"""A user's own programs: which files of a folder they are, what they are called, and keep-lists of them."""

import hashlib
from collections.abc import Collection, Iterable

from patterngen.errors import PatternGenError, unknown_name
from patterngen.escape import as_text
from patterngen.home import expanded
from patterngen.shaders.language.program import Program, read_programs
from patterngen.shaders.language.shadertoy_files import ENDINGS, EXPORT, is_export
from patterngen.storage.names import plain_name
from patterngen.storage.texts import read_text
from patterngen.storage.walk import LeftOut, find_files


def find_programs(folder: str) -> dict[str, Program]:
    """Return the programs of a folder by name, sorted; their names are their paths within it.

    A file that another one includes is no program, nor is one that is a part of another.

    Raises:
        PatternGenError: there is no such folder, or no program in it.
    """
    return look_for_programs(folder)[0]


def look_for_programs(folder: str) -> tuple[dict[str, Program], LeftOut]:
    """Do as `find_programs`, and tell what else lies there."""
    root = expanded(folder)
    if not root.is_dir():
        raise PatternGenError(f"shader folder {folder!r}: no such folder")
    files = find_files(root, (*ENDINGS, EXPORT))
    found = list[Program]()
    for path in files.files:
        if path.suffix.lower() == EXPORT and not is_export(path):
            files.left_out.endings[EXPORT] += 1
        else:
            found += read_programs(path, as_text(path.relative_to(root).as_posix()), root)
    included = {file.resolve() for program in found for file in program.included}
    programs = {one.name: one for one in found if one.file.resolve() not in included}
    if not programs:
        also = "".join(f" ({note})" for note in files.left_out.notes)
        raise PatternGenError(
            f"shader folder {folder!r}: no program in it; their names end in {_endings()}{also}"
        )
    return dict(sorted(programs.items())), files.left_out


def folder_notes(folder: str | None) -> list[str]:
    """Return a line for each thing in a user's folder of programs, if any, that is not drawn with."""
    return [] if folder is None else [f"{folder}: {note}" for note in look_for_programs(folder)[1].notes]


def program_named(name: str, programs: Collection[str]) -> str:
    """Return the name of a program as its file has it, in whichever form its accents are; else the name."""
    if name in programs or name.isascii():
        return name
    return next((known for known in programs if plain_name(known) == plain_name(name)), name)


def shader_folder_setting(folder: str | None) -> tuple[str, ...]:
    """Return the setting that a flag ``--shader-dir`` stands for; the path holds wherever a run goes on."""
    return () if folder is None else (f"shaders.dir={expanded(folder).absolute()}",)


def read_keep_list(file: str, programs: Collection[str]) -> tuple[str, ...]:
    """Read the names of the programs to draw with, one a line, as `patterngen shaders check` writes them.

    Raises:
        PatternGenError: the file cannot be read, names none, or one that is not among the programs.
    """
    try:
        lines = read_text(expanded(file)).splitlines()
    except (OSError, ValueError) as error:
        raise PatternGenError(f"keep {file!r}: cannot be read: {error}") from None
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not names:
        raise PatternGenError(f"keep {file!r}: names no program; write one name a line")
    names = [program_named(name, programs) for name in names]
    for name in names:
        if name not in programs:
            unknown = unknown_name("shader program", name, programs, "patterngen shaders check")
            raise PatternGenError(f"keep {file!r}: {unknown}")
    return tuple(sorted(set(names)))


def digest(programs: Iterable[Program]) -> str:
    """Return the SHA-256 of programs with their names and all that they include."""
    total = hashlib.sha256()
    for program in programs:
        total.update(f"{program.name}\0{program.source}\0".encode())
    return total.hexdigest()


def _endings() -> str:
    return f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
