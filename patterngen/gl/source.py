"""The text of programs: where they are, what they include, and which line of which file each line is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from patterngen.errors import PatternGenError, unknown_name

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"\s*$')


@dataclass(frozen=True)
class Source:
    """A program with its includes put in.

    Attributes:
        path: the program's own file.
        lines: its text, one string per line, includes in place.
        origins: for each line the file it comes from and its number there, counted from 1.
    """

    path: Path
    lines: tuple[str, ...]
    origins: tuple[tuple[Path, int], ...]

    @property
    def description(self) -> str:
        """The program's first comment that is not its licence."""
        for line in self.lines:
            comment = line.removeprefix("//").strip()
            if line.startswith("//") and comment and not comment.startswith("SPDX"):
                return comment
        return ""


@cache
def shader_folder() -> Path:
    """Return the folder of our programs: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "shaders"
    return installed if installed.is_dir() else package.parent / "shaders"


@cache
def programs() -> dict[str, Path]:
    """Return our programs by name, sorted: each is one file of the shader folder."""
    return {path.stem: path for path in sorted(shader_folder().glob("*.glsl"))}


def find_program(name: str) -> Path:
    """Return the file of a program of ours.

    Raises:
        PatternGenError: no program has the name; the closest ones are offered.
    """
    known = programs()
    if name not in known:
        raise unknown_name("shader program", name, known, f"ls {shader_folder()}")
    return known[name]


def load(path: Path) -> Source:
    """Read a program and everything it includes, each file once however often it is named.

    ``#include "lib/noise.glsl"`` is looked for beside the file that says it, then in the shader folder.

    Raises:
        PatternGenError: a file that cannot be read, or an include that is nowhere; names the file and line.
    """
    rows = list(_expand(path, seen=set()))
    return Source(path, tuple(text for text, _, _ in rows), tuple((file, line) for _, file, line in rows))


def _expand(path: Path, seen: set[Path]) -> Iterator[tuple[str, Path, int]]:
    seen.add(path.resolve())
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PatternGenError(f"{path}: cannot be read as a shader program: {error}") from None
    for number, line in enumerate(text.splitlines(), 1):
        include = _INCLUDE.match(line)
        if include is None:
            yield line, path, number
            continue
        target = _find_include(include[1], path, number)
        if target.resolve() not in seen:
            yield from _expand(target, seen)


def _find_include(name: str, path: Path, number: int) -> Path:
    for folder in (path.parent, shader_folder()):
        if (folder / name).is_file():
            return folder / name
    known = ", ".join(f"lib/{file.name}" for file in sorted((shader_folder() / "lib").glob("*.glsl")))
    raise PatternGenError(f'{path}:{number}: #include "{name}" is not beside the program nor one of {known}')
