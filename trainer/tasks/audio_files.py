"""Which files of a folder are sound, and how long they are by their headers."""

from collections.abc import Sequence
from pathlib import Path

import soundfile

from trainer.errors import TrainerError

SUFFIXES = frozenset({".aif", ".aiff", ".au", ".flac", ".mp3", ".ogg", ".opus", ".wav"})
"""Endings of the files that libsndfile reads."""
_MEASURED = 200  # files that `longest_seconds` looks at


def audio_files(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the sound files of a folder, sorted, without hidden ones.

    Args:
        folder: where to look.
        pattern: as `Path.glob` takes it; ``**/*`` looks into folders of folders too.
    """
    return sorted(
        path
        for path in folder.glob(pattern)
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )


def subfolders(folder: Path) -> list[Path]:
    """Return the folders directly within a folder, sorted, without hidden ones."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def header(path: Path) -> tuple[float, int] | str:
    """Return seconds and sample rate of a sound file by its header, or in words why it holds no sound."""
    try:
        info = soundfile.info(path)
    except soundfile.LibsndfileError as error:
        return str(error.error_string)
    return (float(info.duration), int(info.samplerate)) if info.frames > 0 else "it holds no samples"


def longest_seconds(paths: Sequence[Path]) -> float:
    """Return the length of the longest of the first 200 files that hold sound.

    Raises:
        TrainerError: none of them does.
    """
    headers = [header(path) for path in paths[:_MEASURED]]
    seconds = [found[0] for found in headers if not isinstance(found, str)]
    if not seconds:
        raise TrainerError(f"none of the first {len(headers)} clips holds sound; {paths[0]}: {headers[0]}")
    return max(seconds)
