"""What a source of pictures is: numbered samples without an end, for each of several readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from patterngen import PatternGenError

Augment = Literal["crop", "mae", "none"]
"""How pictures become inputs.

crop: a random part of the input's size. mae: a random part of 20 to 100 % of the area, scaled to the input
(He et al., 2022, table 8). none: the middle.
"""

Order = Literal["shards", "global"]
"""How stored pictures are shuffled.

shards: shard after shard, in an order drawn for each pass, through a buffer of 2000 pictures. global: all
pictures of all shards among each other, each read where its manifest says it lies.
"""


@dataclass(frozen=True)
class Reader:
    """One reader of several: number `index`, from 0, of `count`."""

    index: int
    count: int


@dataclass(frozen=True)
class Sample:
    """One picture, not yet decoded.

    Attributes:
        place: where it comes from, for messages.
        key: the picture's name there.
        epoch: the pass over the data in which it is read, from 0.
        content: an encoded picture, pixels uint8 [H, W, 3], those of an input's channels [H, W, C], or why
            there is none of them.
        class_id: the picture's class, 0 … one less than its source's `num_classes`.
        roll: piano roll of the picture, float32 [96, W], where its source was asked for them.
        view: another view of the scene, pixels uint8 [H, W, 3], where its source was asked for two.
    """

    place: str
    key: str
    epoch: int
    content: bytes | NDArray[np.uint8] | PatternGenError
    class_id: int = 0
    roll: NDArray[np.float32] | None = None
    view: NDArray[np.uint8] | None = None


class Source(Protocol):
    """Where pictures come from."""

    @property
    def identity(self) -> str:
        """16 hexadecimal digits: equal for the same pictures, drawn in the same way."""

    @property
    def count(self) -> int:
        """How many pictures make a pass over the data."""

    @property
    def num_classes(self) -> int:
        """Number of classes of the pictures; 1 if there are none."""

    def check(self, ranks: int, workers: int) -> None:
        """Raise TrainerError if so many readers cannot all have something to read."""

    def samples(self, reader: Reader, passed: int) -> Iterator[Sample]:
        """Yield the samples of a reader for ever, after the first `passed` of them."""
