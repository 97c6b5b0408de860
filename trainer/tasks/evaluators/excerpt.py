"""The part of a clip that a task evaluates, as a file that any evaluator reads."""

import io
from pathlib import Path

import soundfile

from trainer.sound.audio import read_clip
from trainer.sound.sound_file import measure


def excerpt(path: Path, seconds: float, endings: frozenset[str]) -> bytes | None:
    """Return the beginning of a clip that is too long, or is in a format that nobody reads.

    Args:
        path: the audio file.
        seconds: the length that is evaluated.
        endings: those that the evaluator reads, in small letters, with the dot.

    Returns:
        A WAV file of float32 at the clip's own rate, channels averaged; None where the file serves as it is.

    Raises:
        ClipError: a file that is no sound, or not whole.
    """
    length, rate = measure(path)
    if length <= seconds and path.suffix.lower() in endings:
        return None
    file = io.BytesIO()
    soundfile.write(file, read_clip(path, rate, seconds), rate, format="WAV", subtype="FLOAT")
    return file.getvalue()
