"""Which files of a folder are sound, and how long they are by their headers."""

from collections.abc import Sequence
from pathlib import Path

import soundfile

from patterngen.storage.walk import FoundFiles, find_files
from patterngen.terminal import print_notice
from trainer.errors import ClipError, TrainerError
from trainer.sound.sound_file import is_sound, measure

_COMMON = {
    "AIFF": ".aif .aifc .aiff",
    "AU": ".au .snd",
    "CAF": ".caf",
    "FLAC": ".flac",
    "MP3": ".mp1 .mp2 .mp3 .mpga",
    "NIST": ".nist .sph",
    "OGG": ".oga .ogg .opus",
    "RF64": ".rf64",
    "W64": ".w64",
    "WAV": ".bwf .wav .wave",
    "WAVEX": ".wav",
}
_RARE = {
    "AVR": ".avr",
    "HTK": ".htk",
    "IRCAM": ".ircam .sf",
    "MAT4": ".mat",
    "MAT5": ".mat",
    "MPC2K": ".mpc",
    "PAF": ".fap .paf",
    "PVF": ".pvf",
    "SD2": ".sd2",
    "SDS": ".sds",
    "SVX": ".16svx .8svx .iff .svx",
    "VOC": ".voc",
    "WVE": ".wve",
    "XI": ".xi",
}
"""Endings that other programs use too: a matrix or a picture by such a name is no damaged sound."""


def _endings(formats: dict[str, str]) -> frozenset[str]:
    known = soundfile.available_formats()
    return frozenset(ending for name in formats if name in known for ending in formats[name].split())


_SHARED = _endings(_RARE)
SUFFIXES = _endings(_COMMON) | _SHARED
"""Endings of the files that libsndfile reads; it reads headerless ones too, but nothing says how."""
_MEASURED = 200  # files that `longest_seconds` looks at


def audio_files(folder: Path, *, deep: bool = True) -> FoundFiles:
    """Find the sound files of a folder, and of the folders in it unless they are not asked for.

    A file whose ending other programs use too counts as sound only if it is.

    Raises:
        PatternGenError: a folder that cannot be listed.
    """
    found = find_files(folder, SUFFIXES, deep=deep)
    other = {path for path in found.files if path.suffix.lower() in _SHARED and not is_sound(path)}
    found.left_out.endings.update(path.suffix.lower() for path in other)
    return FoundFiles(tuple(path for path in found.files if path not in other), found.left_out)


def clips_below(folder: str) -> list[Path]:
    """Return the audio files below a folder, sorted; what else lies there is said on stderr.

    Raises:
        TrainerError: no such folder, or none in it.
        PatternGenError: a folder that cannot be listed.
    """
    root = Path(folder)
    if not root.is_dir():
        raise TrainerError(f"{root}: no such folder; give the folder that holds the clips")
    found = audio_files(root)
    for note in found.left_out.notes:
        print_notice(f"{root}: {note}")
    if not found.files:
        raise TrainerError(f"{root}: no audio file in it; convert the clips to WAV or FLAC")
    return list(found.files)


def header(path: Path) -> tuple[float, int] | str:
    """Return seconds and sample rate of a sound file, or in words why it is no whole one; see `measure`."""
    try:
        return measure(path)
    except ClipError as error:
        return error.reason


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
