"""A sound file opened to be read forwards: what it is, how long, and whether it is all there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from trainer.errors import ClipError
from trainer.sound.containers import mpeg_goes_on, readable, sizes
from trainer.sound.ogg import ogg_fault

Block = NDArray[np.float32]

LONGEST = 24 * 3600
"""Seconds of the longest recording that is taken; its spectrogram takes 2.8 GB."""
_SAMPLES = 1 << 19  # decoded at a time, of all channels: an hour of eight never lies in memory whole
_UNKNOWN = 1 << 62  # frames, and more: what libsndfile says of FLAC whose header does not tell
_SECONDS = 60  # decoded at a time at most: a header may name any rate, and resampling makes 16 000 Hz of it
_MPEG_FRAME = 1152  # samples, at most; encoders and decoders need not agree on the silence that they add

_FETCH = "fetch it again, or write what there is of it to a new file (ffmpeg -i OLD NEW)"


class SoundFile(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file that is read from its beginning on.

    soundfile seeks after each block to where it should be by then, if it can. In FLAC of unknown length that
    is an error, and in MP3 it takes time.
    """

    def seekable(self) -> bool:
        """Say no."""
        return False

    @property
    def length(self) -> int | None:
        """Samples of a channel by the header, or None where it does not tell."""
        return None if self.frames >= _UNKNOWN else int(self.frames)

    def decoded(self, most: float) -> Iterator[Block]:
        """Read blocks, float32 [T, C], none empty, T > 0, of at most so many samples in all."""
        if self.format == "FLAC" and self.length is not None:
            most = min(most, self.length)  # tags may lie behind
        at_once = max(1, min(_SAMPLES // self.channels, _SECONDS * self.samplerate))
        while len(block := self.read(int(min(at_once, most)), dtype="float32", always_2d=True)):
            most -= len(block)
            yield block


@contextmanager
def open_sound(path: Path) -> Iterator[SoundFile]:
    """Open a sound file that is whole.

    Raises:
        ClipError: no such file, no sound, cut short (it ends before its header says), or several joined to
            one of which libsndfile reads the first; or, as it is read, one that cannot be decoded.
    """
    if not path.is_file():
        raise ClipError(path, "no such audio file")
    try:
        with readable(path) as content, SoundFile(content) as file:
            _check_whole(path, file)
            yield file
    except soundfile.LibsndfileError as error:
        found = sizes(path)
        if ogg_fault(path) or (found is not None and found.cut):  # too early for libsndfile
            raise ClipError(path, "breaks off where its sound begins", _FETCH) from None
        reason = f"cannot be read as audio ({error.error_string})"
        raise ClipError(path, reason, "convert it to WAV or FLAC") from None
    except OSError as error:
        raise unreadable(path, error) from None


def is_sound(path: Path) -> bool:
    """Tell whether a file is sound at all, be it damaged or empty."""
    try:
        with readable(path) as content, SoundFile(content):
            return True
    except (soundfile.LibsndfileError, OSError):
        return False


def unreadable(path: Path, error: OSError) -> ClipError:
    """Say of a file that the system does not let us read it."""
    return ClipError(path, f"cannot be read ({error.strerror or error})", "make it readable, or remove it")


def measure(path: Path) -> tuple[float, int]:
    """Return seconds and sample rate of a sound file: by its header, or where that does not tell by decoding.

    Raises:
        ClipError: as `open_sound`, or a file without samples, or longer than `LONGEST`.
    """
    with open_sound(path) as file:
        length = file.length
        if length is None:
            length = sum(len(block) for block in file.decoded((LONGEST + 1) * file.samplerate))
        check_length(path, length / file.samplerate)
        return length / file.samplerate, int(file.samplerate)


def check_length(path: Path, seconds: float) -> None:
    """Refuse a recording that holds nothing, or more than memory is there for.

    Raises:
        ClipError: 0 seconds, or more than `LONGEST`.
    """
    if not seconds:
        raise ClipError(path, "holds no samples", "remove it, or its row of the table")
    if seconds > LONGEST:
        reason = f"is longer than {LONGEST // 3600} hours, the most that is taken at once"
        raise ClipError(path, reason, "cut it into pieces")


def _check_whole(path: Path, file: SoundFile) -> None:
    """Refuse a file that ends before its header says, or does not end where libsndfile does."""
    reason, found = ogg_fault(path), sizes(path)
    if file.format == "FLAC":
        if file.length and not _has_last_sample(file):
            reason = _broken_off(path, file.length)
    elif found is not None and found.cut:
        if file.format == "MP3":  # where encoders do not count their bytes alike
            reason = _broken_off(path, file.frames)
        else:
            there = file.frames / file.samplerate
            promised = there * found.promised / max(1, found.there)
            reason = f"breaks off after {there:.2f} of the {promised:.2f} s that its header promises"
    elif file.format == "MP3" and mpeg_goes_on(path):
        reason = f"goes on after the {file.frames / file.samplerate:.2f} s that its header promises"
    if reason is not None:
        raise ClipError(path, reason, _FETCH)


def _has_last_sample(file: SoundFile) -> bool:
    try:
        file.seek(file.frames - 1)
        there = len(file.read(1)) == 1
        file.seek(0)
    except soundfile.LibsndfileError:
        return False
    return there


def _broken_off(path: Path, promised: int) -> str | None:
    """Decode a file that is suspect; say where it breaks off, or None if it does not."""
    count = 0
    with readable(path) as content, SoundFile(content) as file:
        rate, slack = file.samplerate, _MPEG_FRAME * (file.format == "MP3")
        try:
            while block := len(file.read(4096, always_2d=True)):
                count += block
        except soundfile.LibsndfileError:  # in the middle of a FLAC frame
            pass
    if count >= promised - slack:
        return None
    return f"breaks off after {count / rate:.2f} of the {promised / rate:.2f} s that its header promises"
