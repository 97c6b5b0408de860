"""The family of our own fragment programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import register
from patterngen.families.contract import Pictures
from patterngen.gl.renderer import Canvas, renderer
from patterngen.gl.source import find_program, programs
from patterngen.kernels import kernel, stream, uniform

TIME = (0.1, 10.0)
"""Range of the time in seconds, as in Shaders21k."""


@register
@dataclass(frozen=True, kw_only=True)
class Shaders:
    """Small GLSL programs of our own, in many visible kinds: waves, noise, tilings, fractals, scenes."""

    name: ClassVar[str] = "shaders"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "our programs, after the idea of Baradad et al., Procedural Image Programs for Representation "
        "Learning, NeurIPS 2022"
    )
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "per renderer"

    program: str = ""
    """Draw with this program alone; empty draws with any of them, each equally often."""
    supersample: int = 1
    """Samples per pixel and axis, 1 or 2: 2 is smoother and takes four times as long."""

    def __post_init__(self) -> None:
        if self.program:
            find_program(self.program)
        if self.supersample not in (1, 2):
            raise PatternGenError(f"supersample={self.supersample}: it is 1 or 2")

    @property
    def num_classes(self) -> int:
        """One class per program, also when only one of them is drawn."""
        return len(programs())

    @property
    def renderer(self) -> str:
        """The name and version that OpenGL reports; opens it."""
        return renderer().name

    def draw(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; see `Family.draw`.

        The seed chooses the program, then its time and its four random numbers.

        Raises:
            PatternGenError: there is no OpenGL, or the size is beyond what it can draw.
        """
        names = tuple(programs())
        drawn = np.array([_numbers(seed) for seed in seeds]).reshape(len(seeds), 6)
        if self.program:
            class_id = np.full(len(seeds), names.index(self.program), np.int64)
        else:
            class_id = (drawn[:, 0] * len(names)).astype(np.int64)
        # Whole multiples of 2⁻²⁴ are exact in float32: what is written down is what the program was given.
        numbers = (np.floor(drawn[:, 1:] * 2**24) / 2**24).astype(np.float32)
        times = (TIME[0] + (TIME[1] - TIME[0]) * numbers[:, 0]).astype(np.float32)
        randoms = numbers[:, 1:]
        pixels = renderer().draw(
            [programs()[names[i]] for i in class_id], times, randoms, Canvas(size, self.supersample)
        )
        return Pictures(
            pixels=cast("NDArray[np.uint8]", pixels),
            params=[
                {"program": names[i], "t": float(t), **{f"r{k}": float(r[k]) for k in range(4)}}
                for i, t, r in zip(class_id, times, randoms, strict=True)
            ],
            class_id=class_id,
        )


@kernel
def _numbers(seed: int) -> NDArray[np.float64]:
    """Draw six numbers from U[0, 1): for the program, the time and the four random numbers."""
    state = stream(seed)
    numbers = np.empty(6)
    for i in range(6):
        numbers[i] = uniform(state, 0.0, 1.0)
    return numbers
