"""Shader programs as values: their text, what they include, and which line of which file each line is."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from operator import itemgetter
from os.path import normpath
from pathlib import Path

from patterngen.errors import PatternGenError, unknown_name
from patterngen.escape import as_text
from patterngen.shaders.language.isf import VERTEX, has_head
from patterngen.shaders.language.shadertoy_files import (
    EXPORT,
    MOST_EXPORTED,
    files_beside,
    read_channels,
    read_export,
)
from patterngen.shaders.language.shadertoy_parts import BUFFERS, Line, joined
from patterngen.storage.names import find_named
from patterngen.storage.texts import decoded
from patterngen.storage.walk import find_files

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"\s*(?://.*)?$')
_BREAK = re.compile(r"\r\n|\n\r|\n|\r")
MAX_BYTES = 1 << 20
"""Most bytes of one file."""

_SAID = re.compile(r"^//[ \t]*(kind|ground|colour):[ \t]*(\S+)[ \t]*$", re.MULTILINE)
TRAITS = ("kind", "ground", "colour")
"""What our programs are sorted by."""


@dataclass(frozen=True)
class Program:
    """A shader program as it is drawn with; two of one name, text and file are equal.

    One that could not be read is a program too, of no text, which nothing can be drawn with.

    Attributes:
        name: what people and lists call it.
        file: what messages call it: its file or, of a generated text, its name.
        source: text of the program, includes in place.
        digest: the SHA-256 of its text.
        origins: where its lines come from, in runs: the first line of each, counted from 1, and the file and
            the number there.
        unreadable: why it could not be read; empty if it could.
    """

    name: str
    file: Path
    source: str = field(compare=False, repr=False)
    digest: str
    origins: tuple[tuple[int, Path, int], ...] = field(default=(), compare=False, repr=False)
    unreadable: str = ""

    @classmethod
    def of_text(cls, name: str, text: str) -> "Program":
        """Return the program of a text, whose includes are in the shader folder.

        Raises:
            PatternGenError: an include that is nowhere.
        """
        lines = _expand(text, Path(name), (shader_folder(), shader_folder()), shader_folder(), set())
        return cls._of(name, Path(name), lines)

    @classmethod
    def _of(cls, name: str, file: Path, lines: Iterable[Line]) -> "Program":
        rows = list(lines)
        places = ((line, origin, number) for line, (_, origin, number) in enumerate(rows, 1))
        runs = groupby(places, key=lambda place: (place[1], place[2] - place[0]))
        source = "\n".join(text for text, _, _ in rows)
        return cls(name, file, source, _sha256(source), tuple(next(run) for _, run in runs))

    @property
    def reference(self) -> str:
        """``NAME@SHA256``, by which it is excluded."""
        return f"{self.name}@{self.digest}"

    @property
    def included(self) -> set[Path]:
        """The files that it includes."""
        return {file for _, file, _ in self.origins} - {self.file}

    @property
    def description(self) -> str:
        """First comment that is neither its licence nor its kind."""
        for line in self.source.split("\n"):
            comment = line.removeprefix("//").strip()
            if line.startswith("//") and comment and not comment.startswith(("SPDX", "kind:")):
                return comment
        return ""

    @property
    def kind(self) -> str:
        """What it says after ``// kind:``, one word of many programs alike; empty if nothing."""
        return self._says("kind")

    @property
    def ground(self) -> str:
        """What is behind its figures: black or white, as ``// ground:`` says, or full where nothing is."""
        return self._says("ground") or "full"

    @property
    def colour(self) -> str:
        """Whether its pictures are grey, as ``// colour:`` says, or coloured."""
        return self._says("colour") or "coloured"

    def origin(self, line: int) -> tuple[Path, int]:
        """Return the file that a line of the text, counted from 1, comes from, and its number there."""
        first, file, number = self.origins[bisect_right(self.origins, line, key=itemgetter(0)) - 1]
        return file, number + line - first

    def _says(self, trait: str) -> str:
        return next((word for name, word in _SAID.findall(self.source) if name == trait), "")


def read_program(path: Path, name: str | None = None, root: Path | None = None) -> Program:
    """Read a program and everything it includes, each file once however often it is named.

    ``#include "lib/noise.glsl"`` is looked for beside the file that says it, beside the program, in the root,
    and in the shader folder. The vertex program of an ISF program lies beside it, and follows upon it.

    Args:
        path: its file.
        name: that of its file without the ending, unless given.
        root: the folder, with others in it, that holds the program and whatever else it includes; any may,
            unless given.
    """
    name = path.stem if name is None else name
    homes = (path.parent,) if root is None else (path.parent, root)
    try:
        text = _read(path)
        beside = path.with_suffix(".vs")
        if has_head(text):
            lines = list(_expand(text, path, homes, root, set()))
            if beside.is_file():
                lines += [(VERTEX, beside, 0), *_expand(_read(beside), beside, homes, root, set())]
        else:
            lines = _with_parts(path, text, homes, root)
        return Program._of(name, path, lines)
    except PatternGenError as error:
        return _unreadable(name, path, str(error))
    except Exception as error:  # whatever it holds, it alone is lost
        reason = f"{path}: cannot be read as a shader program: {type(error).__name__} {error}"
        return _unreadable(name, path, reason)


def read_programs(path: Path, name: str | None = None, root: Path | None = None) -> list[Program]:
    """Read the programs of a file: one, or those that Shadertoy exported into it.

    Of several, each is called by the file and its own id, ``NAME/ID``.

    Args:
        path: the file.
        name: as `read_program` takes it.
        root: likewise.
    """
    if path.suffix.lower() != EXPORT:
        return [read_program(path, name, root)]
    name, found = path.stem if name is None else name, list[Program]()
    try:
        exported = list(read_export(path, _read(path, MOST_EXPORTED)))
    except PatternGenError as error:
        return [_unreadable(name, path, str(error))]
    except Exception as error:  # whatever it holds, it alone is lost
        return [_unreadable(name, path, f"{path}: cannot be read: {type(error).__name__} {error}")]
    for inner, lines in exported:
        one = name if len(exported) == 1 else f"{name}/{as_text(inner)}"
        if isinstance(lines, PatternGenError):
            found.append(_unreadable(one, path, f"{path}: {lines}"))
        else:
            found.append(Program._of(one, path, lines))
    return found


def _with_parts(path: Path, text: str, homes: Sequence[Path], root: Path | None) -> list[Line]:
    """Return the lines of a program with those of its parts that are files beside it."""
    beside = files_beside(path)
    seen: set[Path] = set()
    parts = {}
    if "common" in beside:
        parts["common"] = list(_expand(_read(beside["common"]), beside["common"], homes, root, seen))
    others = {name: file for name, file in beside.items() if name != "common"}
    for name, file in others.items():
        parts[name] = list(_expand(_read(file), file, homes, root, {*seen}))
    parts["image"] = list(_expand(text, path, homes, root, {*seen}))
    buffers, channels = [name for name in BUFFERS if name in others], {}
    for name in [*buffers, "image"]:
        parts[name], channels[name] = read_channels(parts[name], name, buffers)
    if len(parts) == 1 and not channels["image"]:
        return parts["image"]
    try:
        return list(joined(parts, channels))
    except PatternGenError as error:
        raise PatternGenError(f"{path}: {error}") from None


def _unreadable(name: str, path: Path, reason: str) -> Program:
    return Program(name, path, "", _sha256(""), unreadable=reason)


@cache
def shader_folder() -> Path:
    """Return the folder of our programs: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "programs"
    return installed if installed.is_dir() else package.parents[1] / "shaders"


@cache
def programs() -> dict[str, Program]:
    """Return our programs by name, sorted: each is one file of the shader folder."""
    found = find_files(shader_folder(), (".glsl",), deep=False).files
    return {path.stem: read_program(path) for path in sorted(found, key=lambda path: path.stem)}


@cache
def groups(trait: str) -> dict[str, tuple[str, ...]]:
    """Return the names of our programs by one of `TRAITS`, both sorted."""
    key = {name: str(getattr(program, trait)) for name, program in programs().items()}.__getitem__
    return {word: tuple(names) for word, names in groupby(sorted(programs(), key=key), key)}


def find_programs_with(**wanted: str) -> tuple[str, ...]:
    """Return the names of our programs that have some traits, such as ``ground="black"``; empty is any.

    Raises:
        PatternGenError: no program of ours has a trait, or none has all of them; those that exist are told.
    """
    found, asked = tuple(programs()), ""
    for trait, word in wanted.items():
        if not word:
            continue
        if word not in groups(trait):
            raise PatternGenError(
                f"unknown {trait} of shader program {word!r}: there are {', '.join(groups(trait))}"
            )
        left = tuple(name for name in found if name in groups(trait)[word])
        if not left:
            others = sorted({str(getattr(programs()[name], trait)) for name in found})
            raise PatternGenError(
                f"no shader program of ours has {asked} and {trait}={word}: with {asked} there are "
                f"{', '.join(f'{trait}={other}' for other in others)}"
            )
        found, asked = left, f"{asked} and {trait}={word}" if asked else f"{trait}={word}"
    return found


def find_program(name: str) -> Program:
    """Return a program of ours.

    Raises:
        PatternGenError: no program has the name; the closest ones are offered.
    """
    known = programs()
    if name not in known:
        raise unknown_name("shader program", name, known, f"ls {shader_folder()}")
    return known[name]


def text_digest(text: str) -> str:
    """Return the name under which a dataset keeps a text: the first 16 digits of its SHA-256."""
    return _sha256(text)[:16]


def _expand(
    text: str, path: Path, homes: Sequence[Path], root: Path | None, seen: set[Path]
) -> Iterator[Line]:
    """Yield the lines of a file with its includes, and which file and line each comes from."""
    seen.add(path.resolve())
    for number, line in enumerate(_lines(text), 1):
        include = _INCLUDE.match(line)
        if include is None:
            yield line, path, number
            continue
        folders = (path.parent, *homes, shader_folder())
        target = _find_include(include[1], folders, root, f"{path}:{number}")
        if target.resolve() not in seen:
            yield from _expand(_read(target), target, homes, root, seen)


def _lines(text: str) -> list[str]:
    """Split a text at GLSL's line breaks: other characters that end a line elsewhere are none."""
    lines = _BREAK.split(text)
    return lines[:-1] if not lines[-1] else lines


def _read(path: Path, most: int = MAX_BYTES) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise PatternGenError(f"{path}: more than {most >> 10} KiB are no shader program")
        text = decoded(data)
        if "\0" in text:
            raise ValueError("it is not text")
        return text
    except (OSError, ValueError) as error:
        raise PatternGenError(f"{path}: cannot be read as a shader program: {error}") from None


def _find_include(name: str, folders: Iterable[Path], root: Path | None, place: str) -> Path:
    """Find a file; what lies outside the root, or our own folder, is not a stranger's to show."""
    allowed = None if root is None else [Path(normpath(root)), shader_folder()]
    for found in find_named(folder / name for folder in folders):
        if found is not None and (allowed is None or any(map(Path(normpath(found)).is_relative_to, allowed))):
            return found
    library = find_files(shader_folder() / "lib", (".glsl",)).files
    known = ", ".join(f"lib/{file.name}" for file in library)
    raise PatternGenError(f'{place}: #include "{name}" is not beside the program nor one of {known}')


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
