"""Clips that are the same file, or the same sound, in two parts of a task."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import NamedTuple

from trainer.errors import ClipError
from trainer.sound.sound_file import measure
from trainer.tasks.contract import Clip

_SAMPLE = 1 << 12  # bytes

Look = Callable[[Sequence[Clip], Callable[[Path], Hashable], str], Sequence[Hashable]]
"""Applies a function to the file of each clip, and shows how far it is under a label."""


class Copies(NamedTuple):
    """What was found by comparing clips.

    Attributes:
        equal: the clips of each file or sound that is in two parts.
        compared: how many were compared.
        faults: why clips that their headers call sound are none, by their files, as far as that came out.
    """

    equal: list[list[Clip]]
    compared: int
    faults: dict[Path, str]


def equal_files(clips: Sequence[Clip], look: Look) -> Copies:
    """Find the files of equal bytes in two parts; only those that could be equal are read."""
    same_size = _alike([clips], _size, lambda clips, size, _: [size(clip.path) for clip in clips], "")
    same_middle = _alike(same_size, _middle, look, "samples")
    return Copies(_alike(same_middle, _whole, look, "contents"), sum(map(len, same_size)), {})


def equal_sounds(clips: Sequence[Clip], look: Look) -> Copies:
    """Find the clips of equal sound in two parts, whatever the formats and tags of their files."""
    faults: dict[Path, str] = {}

    def sound(path: Path) -> str | None:
        try:
            return _sound(path)
        except ClipError as error:
            faults[path] = error.reason
            return None

    return Copies(_alike([clips], sound, look, "sounds"), len(clips), faults)


def _alike(
    groups: Sequence[Sequence[Clip]], function: Callable[[Path], Hashable], look: Look, label: str
) -> list[list[Clip]]:
    """Part each group by a function of the file; return what is still in two parts of the task."""
    flat = [(number, clip) for number, group in enumerate(groups) for clip in group]
    values = look([clip for _, clip in flat], function, label) if flat else ()
    found: dict[Hashable, list[Clip]] = defaultdict(list)
    for (number, clip), value in zip(flat, values, strict=True):
        if value is not None:
            found[number, value].append(clip)
    return [same for same in found.values() if len({clip.part for clip in same}) > 1]


def _size(path: Path) -> int:
    return path.stat().st_size


def _middle(path: Path) -> bytes:
    """Return some bytes from the middle, where recordings of equal length differ."""
    with path.open("rb") as file:
        file.seek(path.stat().st_size // 2)
        return file.read(_SAMPLE)


def _whole(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sound(path: Path) -> str:
    from trainer.sound.audio import read_blocks  # not at the top: it imports torch

    _, rate = measure(path)
    digest = hashlib.sha256(str(rate).encode())
    for block in read_blocks(path, rate):
        digest.update(block.tobytes())
    return digest.hexdigest()
