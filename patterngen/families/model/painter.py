"""From a kernel that fills one field to one that fills and paints those of many seeds."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from patterngen.drawing.palette import draw_palette, paint
from patterngen.families.model.painted import Field, Numbers, Pixels, Seeds
from patterngen.kernels.jit import kernel
from patterngen.rng import State, stream

P = ParamSpec("P")
FillOne = Callable[Concatenate[State, Field, Numbers, P], None]
"""Kernel of a random stream, a field and its numbers, both overwritten, and of settings."""
FillAll = Callable[Concatenate[Seeds, int, Field, Pixels, Numbers, P], None]
"""Kernel of seeds, colours of a palette, fields, pixels and numbers, all overwritten, and of settings."""


def painter(fill_one: FillOne[P]) -> FillAll[P]:
    """Make of a kernel that fills one field the kernel that `PaintedField.fill` calls.

    It is compiled with the other, so that it costs nothing: a loop in Python takes a tenth longer to draw
    `perlin` at 256 × 256, and a third longer at 64 × 64.

    Args:
        fill_one: draws what it needs from the stream, overwrites the field and the numbers, which are those
            of the family's `numbers`.
    """

    def fill(
        seeds: Seeds, colours: int, fields: Field, pixels: Pixels, drawn: Numbers, *settings: Any
    ) -> None:
        for n in range(len(seeds)):
            s = stream(seeds[n])
            field = fields[n % len(fields)]
            fill_one(s, field, drawn[n], *settings)  # type: ignore[call-arg]  # they are P's
            if len(pixels):
                paint(field, draw_palette(s, colours), pixels[n])

    fill.__module__ = fill_one.__module__  # names the family where compiling is announced, and in files
    return cast("FillAll[P]", kernel(fill))
