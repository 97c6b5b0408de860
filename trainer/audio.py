"""Audio files: decoded, mixed to one channel and resampled, piece by piece, in threads."""

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.errors import TrainerError
from trainer.logmel import LogMel

Waveform = NDArray[np.float32]
Item = TypeVar("Item")
Result = TypeVar("Result")

_SAMPLES = 1 << 19  # decoded at a time, of all channels: an hour of eight never lies in memory whole


class ClipError(TrainerError):
    """A file that is missing, no sound, empty, or not finite."""


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
        ClipError: no such file, not audio, no samples, or samples that are NaN or infinite.
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

    def blocks() -> Iterator[Tensor]:
        total = 0
        for block in read_blocks(path, logmel.sample_rate, seconds):
            total += len(block)
            yield torch.from_numpy(block)
        if missing := max(0, logmel.samples(1) - total):
            yield torch.zeros(missing)

    return logmel.of_blocks(blocks())


def read_blocks(path: str | Path, sample_rate: int, seconds: float | None = None) -> Iterator[Waveform]:
    """Read an audio file as `read_clip` does, piece by piece; none is empty, and there is at least one."""
    path = Path(path)
    if not path.is_file():
        raise ClipError(f"{path}: no such audio file")
    left, total = math.inf if seconds is None else round(seconds * sample_rate), 0
    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:  # which takes names that are not UTF-8, too
            for block in _resampled(file, sample_rate, seconds):
                part = block[: int(min(left - total, len(block)))]
                if not np.isfinite(part).all():
                    raise ClipError(f"{path}: holds samples that are NaN or infinite; repair it or remove it")
                if len(part):
                    total += len(part)
                    yield part
    except soundfile.LibsndfileError as error:
        raise ClipError(
            f"{path}: cannot be read as audio ({error.error_string}); convert it to WAV or FLAC"
        ) from None
    if not total:
        raise ClipError(f"{path}: holds no samples; remove it, or its row of the table")


def _resampled(file: soundfile.SoundFile, sample_rate: int, seconds: float | None) -> Iterator[Waveform]:
    """Decode block by block to one channel at ``sample_rate``."""
    left = math.inf if seconds is None else math.ceil(seconds * file.samplerate)
    same = file.samplerate == sample_rate
    stream = None if same else soxr.ResampleStream(file.samplerate, sample_rate, 1, dtype="float32")
    frames = max(1, _SAMPLES // file.channels)
    while len(block := file.read(int(min(frames, left)), dtype="float32", always_2d=True)):
        left -= len(block)
        mono: Waveform = block[:, 0] if file.channels == 1 else block.mean(axis=1)
        yield mono if stream is None else stream.resample_chunk(mono)
    if stream is not None:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int = 2) -> Iterator[Result]:
    """Apply a function to many items in threads, and yield its results in order.

    Decoding, resampling and transforms release the interpreter's lock, so threads are enough; being a bounded
    number ahead of the one that is asked for keeps the memory of a large set bounded.

    Raises:
        Exception: what the function raised, when the item's turn comes.
    """
    threads = torch.get_num_threads()
    # Each worker has a core to itself; torch's own threads would only wait for one another.
    pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,))
    ahead: deque[Future[Result]] = deque()

    def next_one() -> Result:
        result = ahead.popleft().result()
        torch.set_num_threads(threads)  # what a worker said of itself holds for its parent, too
        return result

    try:
        for item in items:
            ahead.append(pool.submit(function, item))
            if len(ahead) > 2 * workers:
                yield next_one()
        while ahead:
            yield next_one()
    finally:
        for future in ahead:
            future.cancel()
        pool.shutdown()
        torch.set_num_threads(threads)
