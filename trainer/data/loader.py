"""Batches read ahead of their use, by other processes."""

import multiprocessing
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from patterngen import PatternGenError
from patterngen.common.spawn import check_rerun, refuse_rerun, spawning
from trainer.data.stream import Batch, PictureStream
from trainer.errors import TrainerError

_AHEAD = 4
"""Batches that each process has ready."""


class PictureBatch(NamedTuple):
    """What a step learns from, as tensors; see `Batch`.

    Attributes:
        pictures: uint8 [batch, C, H, W].
        classes: int64 [batch].
        rolls: float32 [batch, 96, W], or [batch, 0, 0].
        views: uint8 [batch, C, H, W], or [batch, 0, 0, 0].
    """

    pictures: Tensor
    classes: Tensor
    rolls: Tensor
    views: Tensor


class Batches(Iterator[PictureBatch]):
    """Batches of a stream, one after another.

    Attributes:
        skipped: how many pictures could not be read so far, and were skipped.
    """

    def __init__(self, items: Iterator[Batch | PatternGenError]) -> None:
        self._items = items
        self.skipped = 0

    def __next__(self) -> PictureBatch:
        """Return the next batch; raises what the stream raised."""
        try:
            item = next(self._items)
        except RuntimeError:  # a process died, and torch keeps to itself how
            check_rerun(process.exitcode for process in getattr(self._items, "_workers", ()))
            raise
        if isinstance(item, PatternGenError):
            raise item
        self.skipped += item.skipped
        arrays = item.pictures, item.classes, item.rolls, item.views
        return PictureBatch(*(torch.from_numpy(array) for array in arrays))


def batches(stream: PictureStream, workers: int) -> Batches:
    """Read a stream, ahead of its use if there are workers.

    Args:
        stream: what to read.
        workers: processes that read and decode; 0 does it in this one.

    Raises:
        TrainerError: there are fewer shards than readers, or no shared memory for processes; later, what the
            stream raises.
    """
    refuse_rerun()
    stream.source.check(stream.ranks, max(workers, 1))
    if workers:
        _check_semaphores()
    loader = DataLoader(
        _Told(stream),
        batch_size=None,
        collate_fn=_as_it_is,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        prefetch_factor=_AHEAD if workers else None,
    )
    with spawning(stream) if workers else nullcontext():
        return Batches(iter(loader))  # which starts them


def _check_semaphores() -> None:
    """Find out what would leave torch with half a loader, and its traceback."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except OSError as error:
        raise TrainerError(
            f"--workers: processes that read ahead need shared memory ({error.strerror}); "
            "--workers 0 does without"
        ) from None


@dataclass(frozen=True)
class _Told(IterableDataset[Batch | PatternGenError]):
    """A stream whose last item may be its error: torch would bury one that is raised in a traceback.

    Batches travel as arrays. Tensors would travel as open files, and a process that is told to stop between
    sending one and receiving it leaves the other with a broken pipe and its traceback.
    """

    stream: PictureStream

    def __iter__(self) -> Iterator[Batch | PatternGenError]:
        try:
            yield from self.stream
        except PatternGenError as error:
            yield error


def _as_it_is(item: object) -> object:
    return item
