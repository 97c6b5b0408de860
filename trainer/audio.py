"""Audio files: decoded, mixed to one channel and resampled, piece by piece, in threads."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.errors import ClipError
from trainer.logmel import LogMel
from trainer.samples import find_fault
from trainer.sound_file import SoundFile, check_length, open_sound

Waveform = NDArray[np.float32]
Item = TypeVar("Item")
Result = TypeVar("Result")


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
            NaN, infinite or beyond any recording (`trainer.samples.LARGEST`).
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
    asked, total = math.inf if seconds is None else seconds, 0
    left = math.inf if seconds is None else round(seconds * sample_rate)
    with open_sound(path) as file:
        if file.length is not None:
            check_length(path, min(asked, file.length / file.samplerate))
        for block in _resampled(path, file, sample_rate, asked):
            part = block[: int(min(left - total, len(block)))]
            if len(part):
                total += len(part)
                check_length(path, total / sample_rate)
                yield part
    check_length(path, total / sample_rate)


def _resampled(path: Path, file: SoundFile, sample_rate: int, seconds: float) -> Iterator[Waveform]:
    """Decode block by block to one channel at ``sample_rate``."""
    same, count = file.samplerate == sample_rate, 0
    stream = None if same else soxr.ResampleStream(file.samplerate, sample_rate, 1, dtype="float32")
    for block in file.decoded(math.ceil(seconds * file.samplerate) if seconds < math.inf else math.inf):
        if (fault := find_fault(block)) is not None:
            where = (count + fault.place) / file.samplerate
            raise ClipError(path, f"holds {fault.words}, at {where:.2f} s", "repair it or remove it")
        count += len(block)
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
