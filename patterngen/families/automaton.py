"""`automaton`: space-time diagrams of one-dimensional cellular automata.

Wolfram, "Statistical mechanics of cellular automata", Reviews of Modern Physics 55, 1983. Time runs to the
right: a column holds the cells of one moment, closed to a ring, and the next follows from it by one rule.
Rules differ in how much disorder they keep, which is measured: as Wolfram's spatial entropy ("Universality
and complexity in cellular automata", Physica D 10, 1984), between 0, all cells alike or in a regular row, and
1, cells drawn by lot.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.numba_math import log
from patterngen.rng import State, below, bits, log_uniform, stream, uniform

ELEMENTARY = 256
"""Rules of two states and three neighbours, numbered as Wolfram numbers them."""
TOTALISTIC = 256
"""Rules by the sum of the neighbours, drawn once for all to choose among: there are far too many."""

BLOCK = 4
"""Neighbouring cells whose patterns are counted to measure a rule's entropy."""
RING = 251
"""Cells of the ring on which it is measured: a prime, as on rings of 2ⁿ cells additive rules die out."""
MOMENTS = 256
"""Moments for which it is; the first half is left out."""


@kernel
def step(
    cells: NDArray[np.uint8], out: NDArray[np.uint8], table: NDArray[np.uint8], states: int, radius: int
) -> None:
    """Fill out [N] with the cells [N] of the next moment.

    Args:
        cells: states of a ring, 0 … states − 1.
        out: overwritten.
        table: what follows of each neighbourhood: of 8 for elementary rules, in the order of the numbers
            4·left + 2·middle + right; otherwise of each sum of 2·radius + 1 states.
        states: how many a cell may have.
        radius: neighbours to either side.
    """
    count = len(cells)
    elementary = len(table) == 8 and states == 2 and radius == 1
    for n in range(count):
        place = 0
        for k in range(-radius, radius + 1):
            cell = cells[(n + k) % count]
            place = 2 * place + cell if elementary else place + cell
        out[n] = table[place]


@kernel
def _entropies(tables: NDArray[np.uint8], states: int, radius: int) -> NDArray[np.float64]:
    """Measure rules [R, T]: bits that one more cell of a block tells, as a share of all that it could."""
    out = np.empty(len(tables))
    one, other = np.empty(RING, np.uint8), np.empty(RING, np.uint8)
    for r in range(len(tables)):
        s = stream(r)
        for n in range(RING):
            one[n] = below(s, states)
        whole, shorter = np.zeros(states**BLOCK), np.zeros(states ** (BLOCK - 1))
        for moment in range(MOMENTS):
            step(one, other, tables[r], states, radius)
            one, other = other, one
            for n in range(RING if 2 * moment >= MOMENTS else 0):
                block = 0
                for k in range(BLOCK):
                    if k == BLOCK - 1:
                        shorter[block] += 1.0
                    block = block * states + one[(n + k) % RING]
                whole[block] += 1.0
        out[r] = (_spread(whole) - _spread(shorter)) / log(float(states))
    return out


@kernel
def _spread(counts: NDArray[np.float64]) -> float:
    """Return the entropy of counts, in nats."""
    total = np.sum(counts)
    entropy = 0.0
    for count in counts:
        if count > 0.0:
            entropy -= count / total * log(count / total)
    return entropy


@kernel
def _totalistic(states: int, radius: int) -> NDArray[np.uint8]:
    """Draw rules [256, sums]; of no neighbour there comes nothing, so that the ground stays the ground."""
    tables = np.zeros((TOTALISTIC, (states - 1) * (2 * radius + 1) + 1), np.uint8)
    for r in range(TOTALISTIC):
        s = stream(r)
        share = uniform(s, 0.2, 1.0)  # of the sums that have an heir
        for k in range(1, tables.shape[1]):
            if uniform(s, 0.0, 1.0) < share:
                tables[r, k] = below(s, states)
    return tables


@painter
@kernel
def _draw(
    s: State,
    field: Field,
    drawn: Numbers,
    tables: NDArray[np.uint8],
    rules: NDArray[np.int64],
    states: int,
    radius: int,
    sides: tuple[int, int],
) -> None:
    height, width = field.shape
    rule = rules[below(s, len(rules))]
    side = min(int(log_uniform(s, sides[0], sides[1] + 1.0)), sides[1])
    density = uniform(s, 0.1, 1.0)
    count = (height + side - 1) // side
    one, other = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    one[below(s, count)] = states - 1
    for k in range(count):
        if uniform(s, 0.0, 1.0) < density:
            one[k] = bits(s) % np.uint64(states)
    for column in range(width):
        if column > 0 and column % side == 0:
            step(one, other, tables[rule], states, radius)
            one, other = other, one
        for row in range(height):
            field[row, column] = one[row // side]
    drawn[0], drawn[1], drawn[2] = rule, side, density


@lru_cache(maxsize=16)
def rule_tables(kind: str, states: int, radius: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the tables of all rules of a kind, uint8 [R, T], and their entropies, float64 [R], 0 … 1."""
    if kind == "elementary":
        numbers = np.arange(ELEMENTARY)[:, None]
        tables = (numbers >> np.arange(8) & 1).astype(np.uint8)
    else:
        tables = _totalistic(states, radius)
    return tables, _entropies(tables, states, radius)


@register
@dataclass(frozen=True, kw_only=True)
class Automaton(PaintedField):
    """Triangles, stripes, gliders and disorder: the history of a row of cells, from left to right."""

    name: ClassVar[str] = "automaton"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "Wolfram, Statistical Mechanics of Cellular Automata, Reviews of Modern Physics, 1983"
    )
    numbers: ClassVar[tuple[str, ...]] = ("rule", "cell", "density")

    rules: Literal["elementary", "totalistic"] = "totalistic"
    """The 256 rules of two states and three neighbours, or 256 by the sum of the neighbours' states."""
    states: Annotated[int, Range(2, 6)] = 3
    """States of a cell, with totalistic rules; elementary ones have two."""
    radius: Annotated[int, Range(1, 4)] = 1
    """Neighbours to either side, with totalistic rules; elementary ones have one."""
    entropy_low: Annotated[float, Range(0, 1)] = 0.2
    """Least disorder that a rule keeps, as a share of what cells drawn by lot have; others are left out."""
    entropy_high: Annotated[float, Range(0, 1)] = 1.0
    """Most disorder that a rule keeps."""
    cell_low: Annotated[int, Range(1, 256)] = 1
    """Smallest side of a cell, pixels; drawn log-uniformly for each picture."""
    cell_high: Annotated[int, Range(1, 256)] = 8
    """Largest side of a cell."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def __post_init__(self) -> None:
        """Check the settings, and that there is a rule.

        Raises:
            PatternGenError: as `Family`; or no rule keeps so much disorder.
        """
        super().__post_init__()
        # Rules are measured by a kernel, and who only lists families should not wait for one.
        usual = (type(self).entropy_low, type(self).entropy_high)
        if (self.entropy_low, self.entropy_high) != usual and not len(self._chosen()[1]):
            raise PatternGenError(
                f"automaton: no rule has an entropy of {self.entropy_low:g} to {self.entropy_high:g}: "
                "widen entropy_low and entropy_high"
            )

    @property
    def num_classes(self) -> int:
        """One for each rule, whichever are chosen."""
        return ELEMENTARY if self.rules == "elementary" else TOTALISTIC

    def _chosen(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return the tables of all rules, and the numbers of those between the two entropies."""
        tables, entropies = rule_tables(self.rules, *self._kind())
        return tables, np.flatnonzero((entropies >= self.entropy_low) & (entropies <= self.entropy_high))

    def _kind(self) -> tuple[int, int]:
        return (2, 1) if self.rules == "elementary" else (self.states, self.radius)

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with the states of the cells."""
        drawn = np.empty((len(seeds), 3))
        tables, rules = self._chosen()
        sides = (self.cell_low, self.cell_high)
        _draw(seeds, self.colours, fields, pixels, drawn, tables, rules, *self._kind(), sides)
        return drawn

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return the ``rule``'s number, the side of a ``cell`` in pixels, and the start's ``density``."""
        return {"rule": int(drawn[0]), "cell": int(drawn[1]), "density": drawn[2]}

    def classes(self, drawn: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the rules."""
        return drawn[:, 0].astype(np.int64)
