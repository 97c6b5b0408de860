"""Clips that are the same file, or the same sound, in two parts of a task."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from trainer.errors import ClipError
from trainer.tasks.audio_files import header
from trainer.tasks.contract import Clip

_SAMPLE = 1 << 12  # bytes

Look = Callable[[Sequence[Clip], Callable[[Path], Hashable], str], Sequence[Hashable]]
"""Applies a function to the file of each clip, and shows how far it is under a label."""


def equal_files(clips: Sequence[Clip], look: Look) -> tuple[list[list[Clip]], int]:
    """Find the files of equal bytes in two parts; only those that could be equal are read.

    Returns:
        The clips of each such file, and how many files have the size of another in another part.
    """
    same_size = _alike([clips], _size, look, "sizes")
    same_middle = _alike(same_size, _middle, look, "samples")
    return _alike(same_middle, _whole, look, "contents"), sum(map(len, same_size))


def equal_sounds(clips: Sequence[Clip], look: Look) -> tuple[list[list[Clip]], int]:
    """Find the clips of equal sound in two parts, whatever the formats and tags of their files.

    Returns:
        The clips of each such sound, and how many were decoded.
    """
    return _alike([clips], _sound, look, "sounds"), len(clips)


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


def _sound(path: Path) -> str | None:
    from trainer.audio import read_blocks  # not at the top: it imports torch

    found = header(path)
    if isinstance(found, str):
        return None
    digest = hashlib.sha256(str(found[1]).encode())
    try:
        for block in read_blocks(path, found[1]):
            digest.update(block.tobytes())
    except ClipError:
        return None
    return digest.hexdigest()
