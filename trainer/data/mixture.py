"""Several sources as one, each with its share."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from trainer.data.contract import Reader, Sample, Source

_GOLDEN = (5**0.5 - 1) / 2
_BLOCK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Samples of several sources, each with a share, evenly interleaved.

    Sample n of a reader comes from the source into whose stretch of [0, 1) the number frac(u + n·φ) falls, φ
    the golden ratio's fraction: of all such sequences it is spread most evenly, so that each batch holds the
    shares almost exactly. The start u follows from seed and reader.

    Attributes:
        sources: sources to mix.
        weights: positive numbers, one for each source; their sum may be anything.
        seed: the seed of the interleaving.
    """

    sources: tuple[Source, ...]
    weights: tuple[float, ...]
    seed: int

    @property
    def identity(self) -> str:
        """16 hexadecimal digits of what all sources are; the weights are settings."""
        return hashlib.sha256(" ".join(source.identity for source in self.sources).encode()).hexdigest()[:16]

    @property
    def count(self) -> int:
        """How many pictures all sources hold together."""
        return sum(source.count for source in self.sources)

    @property
    def num_classes(self) -> int:
        """Number of classes of all sources together: those of the second follow those of the first."""
        return sum(source.num_classes for source in self.sources)

    def check(self, ranks: int, workers: int) -> None:
        """Raise TrainerError if so many readers cannot read every source."""
        for source in self.sources:
            source.check(ranks, workers)

    def samples(self, reader: Reader, passed: int) -> Iterator[Sample]:
        """Yield the samples of a reader for ever, after the first `passed` of them."""
        behind = np.zeros(len(self.sources), np.int64)
        for begin in range(0, passed, _BLOCK):
            turns = self._turns(reader, begin, min(begin + _BLOCK, passed))
            behind += np.bincount(turns, minlength=len(self.sources))
        samples = [
            source.samples(reader, int(number)) for source, number in zip(self.sources, behind, strict=True)
        ]
        first_class = np.cumsum([0, *(source.num_classes for source in self.sources)])
        for begin in count(passed, _BLOCK):
            for turn in self._turns(reader, begin, begin + _BLOCK):
                sample = next(samples[turn])
                yield replace(sample, class_id=int(first_class[turn]) + sample.class_id)

    def _turns(self, reader: Reader, begin: int, end: int) -> NDArray[np.intp]:
        """Return whose turn each sample from `begin` to `end` is, int [end − begin]."""
        first = np.random.default_rng((self.seed, reader.index)).random()
        places = (first + np.arange(begin, end) * _GOLDEN) % 1
        edges = np.cumsum(self.weights) / sum(self.weights)
        return np.searchsorted(edges[:-1], places, side="right")
