"""From a seed to a tree of productions that fits a budget."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from patterngen.shaders.grammar.colours import PICTURES, TINTS
from patterngen.shaders.grammar.fields import FIELDS, VALUES
from patterngen.shaders.grammar.figures import FIGURES, ON_GROUND, PLACES
from patterngen.shaders.grammar.greys import GREYS
from patterngen.shaders.grammar.productions import Kind, Production
from patterngen.shaders.grammar.splitmix import SplitMix64
from patterngen.shaders.grammar.warps import PLANES, POINTS, SHAPES

BUDGET = 60
"""The most that a program may cost, in the units of `Production.cost`."""

GRAMMAR: dict[Kind, tuple[Production, ...]] = {
    Kind.PICTURE: PICTURES + ON_GROUND + GREYS,
    Kind.TINT: TINTS,
    Kind.FIELD: FIELDS,
    Kind.PLANE: PLANES,
    Kind.POINT: POINTS,
    Kind.VALUE: VALUES,
    Kind.SHAPE: SHAPES,
    Kind.FIGURE: FIGURES,
    Kind.PLACE: PLACES,
}
"""All productions, by the kind that they make."""

# How probable it is that an expression is made of one of its own kind, by how deep it lies in such ones.
# Too little of it, and programs look alike; too much, and they look like nothing.
_NESTING = {
    Kind.PLANE: (0.8, 0.4, 0.1),
    Kind.POINT: (0.35, 0.1),
    Kind.VALUE: (0.55, 0.15),
    Kind.SHAPE: (0.6, 0.45, 0.15),
}


@dataclass(frozen=True)
class Node:
    """One step of a derivation."""

    production: Production
    parts: tuple["Node", ...]
    code: str
    """The production's, with every slot filled but those of its parts."""

    @property
    def cost(self) -> int:
        """Cost of evaluating the node once per pixel."""
        return self.production.cost + self.production.times * sum(part.cost for part in self.parts)

    @property
    def fields(self) -> tuple["Node", ...]:
        """Parts that are fields."""
        return tuple(part for part in self.parts if part.production.makes is Kind.FIELD)

    def walk(self) -> Iterator["Node"]:
        """Yield it and all below, itself last: in the order in which they are computed."""
        for part in self.parts:
            yield from part.walk()
        yield self


def derive(rng: SplitMix64, kind: Kind = Kind.PICTURE, budget: int = BUDGET) -> Node:
    """Draw an expression of a kind that costs no more than a budget."""
    return _grow(rng, kind, budget, dict.fromkeys(Kind, 0))


def _grow(rng: SplitMix64, kind: Kind, budget: int, depth: dict[Kind, int]) -> Node:
    chances = _NESTING.get(kind, ())
    nested = rng.uniform(0.0, 1.0) < (chances[depth[kind]] if depth[kind] < len(chances) else 0.0)
    affordable = [one for one, least in _choices(kind, nested) if least <= budget]
    affordable = affordable or [one for one, least in _choices(kind, False) if least <= budget]
    production = rng.weighted(affordable, [one.weight for one in affordable])
    left = (budget - production.cost) // production.times
    below = {**depth, kind: depth[kind] + 1}
    parts: list[Node] = []
    for n, part in enumerate(production.takes):
        needed = sum(map(_cheapest, production.takes[n + 1 :]))
        parts.append(_grow(rng, part, left - needed, below))
        left -= parts[-1].cost
    return Node(production, tuple(parts), production.filled(rng))


@cache
def _choices(kind: Kind, nested: bool) -> tuple[tuple[Production, int], ...]:
    """Return the productions of a kind that recur, or those that do not, with the least that each costs."""
    found = [one for one in GRAMMAR[kind] if one.recurs == nested]
    return tuple((one, one.cost + one.times * sum(map(_cheapest, one.takes))) for one in found)


@cache
def _cheapest(kind: Kind) -> int:
    """Return the least that an expression of a kind costs."""
    return min(least for _, least in _choices(kind, False))
