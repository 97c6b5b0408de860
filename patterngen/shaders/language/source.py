"""The text of programs: where they are, what they include, and which line of which file each line is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from patterngen.errors import PatternGenError, unknown_name
from patterngen.storage.names import find_named
from patterngen.storage.texts import decoded
from patterngen.storage.walk import find_files

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"\s*$')
MAX_BYTES = 1 << 20
"""Of one file."""

_KIND = re.compile(r"^//\s*kind:\s*(\S+)\s*$")


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
        """The program's first comment that is neither its licence nor its kind."""
        for line in self.lines:
            comment = line.removeprefix("//").strip()
            if line.startswith("//") and comment and not comment.startswith(("SPDX", "kind:")):
                return comment
        return ""

    @property
    def kind(self) -> str:
        """What the program says after ``// kind:``, one word of many programs alike; empty if nothing."""
        return next((found[1] for line in self.lines if (found := _KIND.match(line))), "")


@cache
def shader_folder() -> Path:
    """Return the folder of our programs: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "programs"
    return installed if installed.is_dir() else package.parents[1] / "shaders"


@cache
def programs() -> dict[str, Path]:
    """Return our programs by name, sorted: each is one file of the shader folder."""
    found = find_files(shader_folder(), (".glsl",), deep=False).files
    return {path.stem: path for path in sorted(found, key=lambda path: path.stem)}


@cache
def kinds() -> dict[str, tuple[str, ...]]:
    """Return the names of our programs by kind, both sorted."""
    of_program = {name: load(path).kind for name, path in programs().items()}
    return {
        kind: tuple(name for name, own in of_program.items() if own == kind)
        for kind in sorted(set(of_program.values()))
    }


def find_kind(name: str) -> tuple[str, ...]:
    """Return the names of our programs of a kind.

    Raises:
        PatternGenError: there is no such kind; the closest ones are offered.
    """
    if name not in kinds():
        raise unknown_name("kind of shader program", name, kinds(), f"grep -h '// kind' {shader_folder()}/*")
    return kinds()[name]


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

    ``#include "lib/noise.glsl"`` is looked for beside the file that says it, beside the program, and in the
    shader folder.

    Raises:
        PatternGenError: a file that cannot be read, or an include that is nowhere; names the file and line.
    """
    rows = list(_expand(path, path.parent, seen=set()))
    return Source(path, tuple(text for text, _, _ in rows), tuple((file, line) for _, file, line in rows))


def _expand(path: Path, home: Path, seen: set[Path]) -> Iterator[tuple[str, Path, int]]:
    seen.add(path.resolve())
    text = _read(path)
    for number, line in enumerate(text.splitlines(), 1):
        include = _INCLUDE.match(line)
        if include is None:
            yield line, path, number
            continue
        target = _find_include(include[1], path, home, number)
        if target.resolve() not in seen:
            yield from _expand(target, home, seen)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise PatternGenError(f"{path}: more than {MAX_BYTES >> 10} KiB are no shader program")
        text = decoded(data)
        if "\0" in text:
            raise ValueError("it is not text")
        return text
    except (OSError, ValueError) as error:
        raise PatternGenError(f"{path}: cannot be read as a shader program: {error}") from None


def _find_include(name: str, path: Path, home: Path, number: int) -> Path:
    for found in find_named(folder / name for folder in (path.parent, home, shader_folder())):
        if found is not None:
            return found
    library = find_files(shader_folder() / "lib", (".glsl",)).files
    known = ", ".join(f"lib/{file.name}" for file in library)
    raise PatternGenError(f'{path}:{number}: #include "{name}" is not beside the program nor one of {known}')
