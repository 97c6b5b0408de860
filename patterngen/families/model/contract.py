"""What every family of patterns promises to the rest of the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Param = str | int | float | bool
"""A value that fits a flat JSON object."""


@dataclass(frozen=True)
class Pictures:
    """A batch of drawn pictures and how each came to be.

    Attributes:
        pixels: uint8 [N, H, W, 3], RGB, row 0 on top.
        params: N flat dicts: the parameters that were drawn for each picture.
        class_id: int64 [N], 0 … num_classes − 1 of the family that drew them.
        sources: texts of programs that were written for these pictures, by the names of the files in which a
            dataset keeps them; empty for a family whose programs come with it.
    """

    pixels: NDArray[np.uint8]
    params: Sequence[dict[str, Param]]
    class_id: NDArray[np.int64]
    sources: Mapping[str, str] = field(default_factory=dict)


class Family(Protocol):
    """A kind of pattern: a frozen dataclass of its settings with one method that draws.

    The first line of the class's docstring says what one sees; ``patterngen list`` shows it. The picture
    of a seed depends on nothing but the settings, the seed and the size: not on its neighbours in the
    batch, nor on the worker, the number of threads or the order of work.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    """Raised whenever the same seed draws other pixels."""
    source: ClassVar[str]
    """Where the pattern comes from: a citation."""
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "everywhere"
    """Whether equal seeds give equal bytes on any machine, or only on an equal renderer."""

    kin: ClassVar[int] = 1
    """How many of its pictures in a row share all but the lower 32 bits of their seeds in a job: what is dear
    to make, such as a network, then follows from ``seed >> 32`` and serves them all."""

    slow: ClassVar[bool] = False
    """Whether a picture takes a good part of a second or more: `preview` then draws it only when named."""

    def draw(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: height and width in pixels.

        Raises:
            PatternGenError: the family cannot draw this size, or something it needs is missing.
        """
        ...

    @property
    def num_classes(self) -> int:
        """How many natural categories the family has; 1 if it has none."""
        return 1

    @property
    def inputs(self) -> Mapping[str, str]:
        """Digests of the user's files that decide what is drawn, by the settings that name them.

        In a job's identity they stand for the settings: a file may move, but not change.
        """
        return {}

    @property
    def renderer(self) -> str:
        """What turns numbers into pixels: ``"cpu"``, or the name that OpenGL reports."""
        return "cpu"
