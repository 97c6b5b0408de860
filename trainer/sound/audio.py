"""Audio files: decoded, mixed to one channel and resampled, piece by piece."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.errors import ClipError
from trainer.sound.logmel import LogMel
from trainer.sound.samples import find_fault
from trainer.sound.sound_file import SoundFile, check_length, open_sound

Waveform = NDArray[np.float32]


def read_clip(path: str | Path, sample_rate: int, seconds: float | None = None) -> Waveform:
    """Read an audio file as one channel at the asked rate.

    WAV, FLAC, OGG, MP3, AIFF and whatever else libsndfile knows. Channels are averaged; resampling is soxr's
    high quality. The file is decoded in blocks, so that only the result lies in memory whole.

    Args:
        path: the file.
        sample_rate: of the result, hertz.
        seconds: read no more than the file's first so many; all of it by default.

    Returns:
        float32 [T], T > 0, finite.

    Raises:
        ClipError: no such file, not audio, no samples, cut short, longer than 24 hours, or samples that are
            NaN, infinite or beyond any recording (`trainer.sound.samples.LARGEST`).
    """
    return np.concatenate(list(read_blocks(path, sample_rate, seconds)))


def read_logmel(path: str | Path, logmel: LogMel, seconds: float | None = None) -> Tensor:
    """Read an audio file as a log-mel spectrogram; the waveform never lies in memory whole.

    A clip shorter than a frame is followed by silence up to one.

    Args:
        path: the file.
        logmel: the settings.
        seconds: read no more than the file's first so many; all of it by default.

    Returns:
        float32 [M, F], F > 0.

    Raises:
        ClipError: as `read_clip`.
    """
    return logmel_of(read_blocks(path, logmel.sample_rate, seconds), logmel)


def logmel_of(blocks: Iterable[Waveform], logmel: LogMel) -> Tensor:
    """Return the log-mel, float32 [M, F], F > 0, of a clip in pieces [T] at its rate, of any lengths.

    A clip shorter than a frame is followed by silence up to one.
    """

    def filled() -> Iterator[Tensor]:
        total = 0
        for block in blocks:
            total += len(block)
            yield torch.from_numpy(block)
        if missing := max(0, max(1, logmel.samples(1)) - total):
            yield torch.zeros(missing)

    return logmel.of_blocks(filled())


def read_blocks(path: str | Path, sample_rate: int, seconds: float | None = None) -> Iterator[Waveform]:
    """Read an audio file as `read_clip` does, piece by piece; none is empty, and there is at least one."""
    path = Path(path)
    asked, total = math.inf if seconds is None else seconds, 0
    left = math.inf if seconds is None else round(seconds * sample_rate)
    with open_sound(path) as file:
        if file.length is not None:
            check_length(path, min(asked, file.length / file.samplerate))
        most = math.ceil(asked * file.samplerate) if asked < math.inf else math.inf
        for block in resampled(_one_channel(path, file, most), file.samplerate, sample_rate):
            part = block[: int(min(left - total, len(block)))]
            if len(part):
                total += len(part)
                check_length(path, total / sample_rate)
                yield part
    check_length(path, total / sample_rate)


def _one_channel(path: Path, file: SoundFile, most: float) -> Iterator[Waveform]:
    """Decode up to so many samples, and refuse those that are no sound."""
    count = 0
    for block in file.decoded(most):
        if (fault := find_fault(block)) is not None:
            where = (count + fault.place) / file.samplerate
            raise ClipError(path, f"holds {fault.words}, at {where:.2f} s", "repair it or remove it")
        count += len(block)
        yield block[:, 0] if file.channels == 1 else block.mean(axis=1)


def resampled(blocks: Iterable[Waveform], rate: float, sample_rate: int) -> Iterator[Waveform]:
    """Resample a clip in pieces [T] by soxr's high quality; a piece may come out empty.

    Args:
        blocks: the pieces, of any lengths, in order.
        rate: hertz, theirs.
        sample_rate: hertz, of the result.
    """
    if rate == sample_rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
