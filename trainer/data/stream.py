"""Batches of one rank, made by one of its workers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from patterngen import PatternGenError
from trainer.data.contract import Reader, Sample, Source
from trainer.data.pixels import Framing
from trainer.errors import TrainerError

_MOST_BAD = 10_000
_NO_ROLL = np.empty((0, 0), np.float32)
_NO_VIEW = np.empty((0, 0, 0), np.uint8)


class Batch(NamedTuple):
    """Inputs of one step of a rank.

    Attributes:
        pictures: uint8 [batch, C, H, W].
        classes: int64 [batch].
        rolls: piano rolls float32 [batch, 96, W], or [batch, 0, 0] where the source gives none.
        views: second views of the scenes uint8 [batch, C, H, W], or [batch, 0, 0, 0] likewise.
        skipped: how many pictures were skipped for them.
    """

    pictures: NDArray[np.uint8]
    classes: NDArray[np.int64]
    rolls: NDArray[np.float32]
    views: NDArray[np.uint8]
    skipped: int


@dataclass(frozen=True, kw_only=True)
class PictureStream(IterableDataset[Batch]):
    """Batches for ever.

    Attributes:
        source: where pictures come from.
        framing: how they become inputs.
        batch_size: pictures in a batch of this rank.
        first_batch: where to start; the batches before it are passed over without decoding.
        rank: this process's number, 0 … ranks − 1; every rank sees other pictures.
        ranks: processes that train together.
        skip_bad: let the next picture stand in for one that cannot be read, instead of raising.
    """

    source: Source
    framing: Framing
    batch_size: int
    first_batch: int = 0
    rank: int = 0
    ranks: int = 1
    skip_bad: bool = False

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches for ever; with DataLoader workers, each yields every n-th batch."""
        info = get_worker_info()
        place, workers = (info.id, info.num_workers) if info else (0, 1)
        # Batches come from the workers in turn: worker w gives number w, w + n, w + 2n … The loader asks its
        # first process first, which therefore plays the worker whose turn it is.
        worker = (place + self.first_batch) % workers
        passed = len(range(worker, self.first_batch, workers)) * self.batch_size
        reader = Reader(self.rank * workers + worker, self.ranks * workers)
        inputs = self._inputs(self.source.samples(reader, passed))
        while True:
            pictures, samples, skipped = zip(*(next(inputs) for _ in range(self.batch_size)), strict=True)
            classes = np.array([sample.class_id for sample in samples], np.int64)
            rolls = np.stack([_NO_ROLL if sample.roll is None else sample.roll for sample in samples])
            views = np.stack([self._view(sample) for sample in samples])
            yield Batch(np.stack(pictures), classes, rolls, views, sum(skipped))

    def _view(self, sample: Sample) -> NDArray[np.uint8]:
        return _NO_VIEW if sample.view is None else self.framing(replace(sample, content=sample.view))

    def _inputs(self, samples: Iterator[Sample]) -> Iterator[tuple[NDArray[np.uint8], Sample, int]]:
        """Yield input and sample, or those of the next where one cannot be read."""
        bad = 0
        for sample in samples:
            try:
                picture = self.framing(sample)
            except PatternGenError as error:
                bad += 1
                if not self.skip_bad:
                    raise
                if bad == _MOST_BAD:
                    raise TrainerError(
                        f"{bad} pictures one after another cannot be read; the last: {error}"
                    ) from None
                continue
            for skipped in (1,) * bad + (0,):
                yield picture, sample, skipped
            bad = 0
