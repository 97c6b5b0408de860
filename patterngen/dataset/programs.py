"""The programs that a dataset's pictures were drawn with, kept beside its shards: `programs/`.

Each is a file named by the first 16 digits of its SHA-256, which the picture's params give as its `program`,
or as its `source` if the program has a name of its own. `programs/lib/` holds what written ones include. So
any program can be read, and any picture drawn again by what knows nothing of where the program came from.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from patterngen.dataset.marker import REPAIR
from patterngen.storage.files import write_atomic
from patterngen.storage.places import Place, RemotePath, listing, make_folder, read_bounded

PROGRAMS_FOLDER = "programs"
MAX_PROGRAM = 1 << 20
"""Bytes of a kept program; nobody writes a longer one."""

P = TypeVar("P", Path, RemotePath, Place)

_KEPT, _PART = re.compile(r"[0-9a-f]{16}\.glsl"), re.compile(r"\w+\.glsl")
_INCLUDED = re.compile(r'^#include "(lib/\w+\.glsl)"$', re.MULTILINE)
_NAMED = re.compile(r'"(?:program|source)": "([0-9a-f]{16})"')


def write_programs(folder: Path, sources: Mapping[str, str]) -> None:
    """Write texts into a dataset's folder of programs, unless they are there.

    Args:
        folder: the dataset's.
        sources: texts by the names of their files, as `Pictures.sources`. Several processes may write the
            same at once.
    """
    for name, text in sources.items():
        path = folder / PROGRAMS_FOLDER / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, text.encode())


def dataset_programs(folder: P) -> dict[str, P]:
    """Return the programs that a dataset's folder keeps, by the names that pictures give them."""
    programs = folder / PROGRAMS_FOLDER
    return {
        name.removesuffix(".glsl"): programs / name for name in listing(programs) if _KEPT.fullmatch(name)
    }


def program_files(folder: Path) -> list[Path]:
    """Return the files of a local dataset's folder of programs that pictures name or that those include."""
    library = folder / PROGRAMS_FOLDER / "lib"
    parts = [library / name for name in sorted(listing(library)) if _PART.fullmatch(name)]
    return [*sorted(dataset_programs(folder).values()), *parts]


def check_programs(folder: Place, params: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the programs that pictures name, by their params as manifests hold them."""
    for name in _named(params):
        path = folder / PROGRAMS_FOLDER / f"{name}.glsl"
        try:
            digest = hashlib.sha256(read_bounded(path, MAX_PROGRAM)).hexdigest()
        except OSError as error:
            yield f"{path}: a program that pictures name cannot be read ({error.strerror}); {REPAIR}"
            continue
        if not digest.startswith(name):
            yield f"{path} is another program than was drawn with (its SHA-256 differs); delete it, {REPAIR}"


def copy_programs(source: Place, target: Place, params: Iterable[str]) -> None:
    """Copy the programs that pictures name, and what they include, from one dataset's folder to another's."""
    waiting = [f"{name}.glsl" for name in _named(params)]
    copied: set[str] = set()
    while waiting:
        name = waiting.pop()
        data = read_bounded(source / PROGRAMS_FOLDER / name, MAX_PROGRAM)
        path = target / PROGRAMS_FOLDER / name
        make_folder(path.parent)
        write_atomic(path, data)
        copied.add(name)
        waiting += set(_INCLUDED.findall(data.decode("utf-8", "replace"))) - copied - set(waiting)


def _named(params: Iterable[str]) -> list[str]:
    return sorted({found[1] for text in params if (found := _NAMED.search(text))})
