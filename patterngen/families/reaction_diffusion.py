"""`reaction-diffusion`: spots, worms, mazes and waves of two substances that react and spread.

The model of Gray and Scott, as explored by Pearson, "Complex patterns in a simple system", Science 261
(1993): u is fed at the rate F and eaten by v, v is removed at the rate F + k, and u spreads twice as fast,

    ∂u/∂t = 2D ∇²u − uv² + F(1 − u),    ∂v/∂t = D ∇²v + uv² − (F + k)v.

Pearson gave Greek letters to the regimes of (F, k); Munafo (arXiv 1501.01990 and his catalogue "xmorphia")
found more with other beginnings. A regime is a class here.

The time a picture takes is sites × steps, some thirty float32 operations each, 16 at a time. Little of it
can be saved, since a pattern grows from its seeds at a speed of its own. So the lattice is as coarse as the
regime allows, which is about nine sites from one spot to the next, and the picture is interpolated from it.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.resample import stretch
from patterngen.drawing.simd import WIDTH, Lanes, load, store
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, log_uniform, uniform

REGIMES = {
    "alpha": (0.010, 0.047),
    "beta": (0.016, 0.0432),
    "gamma": (0.022, 0.051),
    "delta": (0.030, 0.055),
    "epsilon": (0.018, 0.055),
    "zeta": (0.026, 0.059),
    "eta": (0.034, 0.063),
    "theta": (0.030, 0.057),
    "iota": (0.046, 0.0594),
    "kappa": (0.050, 0.063),
    "lambda": (0.034, 0.065),
    "mu": (0.058, 0.065),
    "nu": (0.046, 0.067),
    "xi": (0.010, 0.041),
    "pi": (0.062, 0.061),
}
"""(F, k) of each regime: α … μ are Pearson's, ν, ξ and π Munafo's. A regime's place here is its class."""

Regime = Literal[
    "any", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi",
]  # fmt: skip

TIME_STEP = 1.5
"""Time of a step, in units where F and k are rates (1/F is 16 … 100); longer would calm the waves of β."""
WATCH = 250
"""Steps between two looks at whether the pattern is still alive."""
LEAST = 16
"""Sites across the smallest lattice: a smaller one holds no pattern."""
REVIVAL = 20
"""Steps that new spots have at least before the picture is taken."""
ALIVE = 0.05
"""Least difference between the most and the least of u in a pattern that is alive."""


@kernel
def spread(feed: float) -> float:
    """Return D in sites² per unit of time for a regime.

    Patterns are √(D/F) wide, so D in proportion to F makes all regimes about as coarse. At 0.1, 2D times
    `TIME_STEP` times the stencil's 10/3 reaches 1; beyond it, u could leave [0, 1].
    """
    return min(max(1.3 * feed, 0.03), 0.1)


@kernel
def _mixed(
    flat: NDArray[np.float32],
    n: int,
    stride: int,
    line: Lanes,
    middle: np.float32,
    edge: np.float32,
    corner: np.float32,
) -> Lanes:
    """Return what diffusion makes of the sites from n on, given how far it is from a row to the next."""
    above, under = n - stride, n + stride
    sides = load(flat, above) + load(flat, under)
    left, right = load(flat, above - 1) + load(flat, under - 1), load(flat, above + 1) + load(flat, under + 1)
    edges = sides + (load(flat, n - 1) + load(flat, n + 1))
    mixed: Lanes = line * middle + edges * edge + (left + right) * corner
    return mixed


@kernel
def advance(
    u: NDArray[np.float32],
    v: NDArray[np.float32],
    next_u: NDArray[np.float32],
    next_v: NDArray[np.float32],
    diffusion: float,
    feed: float,
    kill: float,
) -> None:
    """Go one `TIME_STEP` on.

    The Laplacian has nine points and so no favourite direction up to the fourth order; it is taken at the old
    state. What the reaction and the outflow take is taken at the new one: (1 + dt v² + dt F) u' = …, which
    keeps u in [0, 1] and v ≥ 0 at any rate, and what u loses is what v gains.

    Args:
        u: float32 [H + 2, W + 2], a lattice whose opposite sides meet: its outermost rows and columns repeat
            those of the other side. Of 32 sites or more.
        v: likewise.
        next_u: overwritten.
        next_v: overwritten.
        diffusion: D of v, sites² per unit of time; u has twice as much.
        feed: F.
        kill: k.
    """
    height, width = u.shape[0] - 2, u.shape[1] - 2
    dt = np.float32(TIME_STEP)
    edge_v = np.float32(TIME_STEP * diffusion * 2.0 / 3.0)
    edge_u = np.float32(2.0) * edge_v
    corner_v = np.float32(0.25) * edge_v
    corner_u = np.float32(0.25) * edge_u
    middle_v = np.float32(1.0) - np.float32(4.0) * (edge_v + corner_v)
    middle_u = np.float32(1.0) - np.float32(4.0) * (edge_u + corner_u)
    fed = np.float32(TIME_STEP * feed)
    drained = np.float32(1.0 + TIME_STEP * feed)
    kept = np.float32(1.0 / (1.0 + TIME_STEP * (feed + kill)))
    # All rows as one, and the last vector where it ends: rows of some fifty sites end too often. What is
    # computed for the columns outermost means nothing; `wrap` overwrites it.
    stride = width + 2
    first, last = stride + 1, (height + 1) * stride - 1
    flat_u, flat_v, out_u, out_v = u.reshape(-1), v.reshape(-1), next_u.reshape(-1), next_v.reshape(-1)
    for block in range(first, last, WIDTH):
        n = min(block, last - WIDTH)
        line_u, line_v = load(flat_u, n), load(flat_v, n)
        mixed_u = _mixed(flat_u, n, stride, line_u, middle_u, edge_u, corner_u)
        mixed_v = _mixed(flat_v, n, stride, line_v, middle_v, edge_v, corner_v)
        reaction = dt * line_v * line_v
        left = (mixed_u + fed) / (drained + reaction)
        store(out_u, n, left)
        store(out_v, n, (mixed_v + reaction * left) * kept)
    wrap(next_u)
    wrap(next_v)


@kernel
def wrap(field: NDArray[np.float32]) -> None:
    """Make the outermost rows and columns of a lattice repeat those of the other side."""
    rows, columns = field.shape
    for row in range(rows):
        field[row, 0] = field[row, columns - 2]
        field[row, columns - 1] = field[row, 1]
    for column in range(columns):
        field[0, column] = field[rows - 2, column]
        field[rows - 1, column] = field[1, column]


@kernel
def sow(s: State, u: NDArray[np.float32], v: NDArray[np.float32], spots: int) -> None:
    """Put round spots of v, three to five sites across, at random places, each in a ring of fresh u."""
    height, width = u.shape[0] - 2, u.shape[1] - 2
    for _ in range(spots):
        x = uniform(s, 0.0, width)
        y = uniform(s, 0.0, height)
        radius = uniform(s, 2.5, 4.0)
        for row in range(int(y) - 5, int(y) + 7):
            for column in range(int(x) - 5, int(x) + 7):
                distance = (column - x) * (column - x) + (row - y) * (row - y)
                if distance < 2.0 * radius * radius:
                    inside = distance < radius * radius
                    u[row % height + 1, column % width + 1] = 0.5 if inside else 1.0
                    v[row % height + 1, column % width + 1] = 0.25 if inside else 0.0
    wrap(u)
    wrap(v)


@kernel
def grow(
    s: State, rows: int, columns: int, spots: int, steps: int, feed: float, kill: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Return u and v, [rows + 2, columns + 2], after some steps from random spots, and how often sown again.

    Some regimes may burn out and leave all sites alike. Then spots are sown again.
    """
    u = np.ones((rows + 2, columns + 2), np.float32)
    v = np.zeros((rows + 2, columns + 2), np.float32)
    next_u, next_v = np.empty_like(u), np.empty_like(v)
    diffusion = spread(feed)
    sow(s, u, v, spots)
    sown_again = 0
    step = 0
    last = steps
    while step < last:
        advance(u, v, next_u, next_v, diffusion, feed, kill)
        u, next_u = next_u, u
        v, next_v = next_v, v
        step += 1
        if (step % WATCH == 0 or step == steps) and u.max() - u.min() < ALIVE:
            sow(s, u, v, spots)
            sown_again += 1
            last = max(steps, step + REVIVAL)
    return u, v, sown_again


@painter
@kernel
def _draw(
    s: State,
    field: Field,
    drawn: Numbers,
    rates: NDArray[np.float64],
    choices: NDArray[np.int64],
    lattices: tuple[int, int],
    lengths: tuple[int, int],
) -> None:
    height, width = field.shape
    size = max(height, width)
    regime = choices[below(s, len(choices))]
    feed = rates[regime, 0] * uniform(s, 0.98, 1.02)
    kill = rates[regime, 1] * uniform(s, 0.995, 1.005)
    # A lattice finer than the picture would be drawn in vain.
    sites = int(log_uniform(s, lattices[0], lattices[1]) + 0.5)
    sites = min(sites, max(size, LEAST))
    # Along the shorter side, as many as it shows, and at least the few that hold a pattern.
    rows = max(-(-height * sites // size), LEAST)
    columns = max(-(-width * sites // size), LEAST)
    spots = 1 + int(rows * columns * log_uniform(s, 0.0015, 0.006))
    steps = int(uniform(s, lengths[0], lengths[1] + 1))
    u, _, sown_again = grow(s, rows, columns, spots, steps, feed, kill)
    stretch(u, field)
    drawn[0], drawn[1], drawn[2] = regime, feed, kill
    drawn[3], drawn[4], drawn[5], drawn[6] = sites, spots, steps, sown_again


@register
@dataclass(frozen=True, kw_only=True)
class ReactionDiffusion(PaintedField):
    """Spots, worms, mazes and waves of two substances that react and spread; a class for each regime."""

    name: ClassVar[str] = "reaction-diffusion"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Gray & Scott, 1984; Pearson, Complex Patterns in a Simple System, Science 1993"
    numbers: ClassVar[tuple[str, ...]] = (
        *("regime", "feed", "kill", "lattice", "spots", "steps", "sown_again"),
    )

    regime: Regime = "any"
    """The regime of feeding and removal; `any` draws one for each picture."""
    lattice_low: Annotated[int, Range(16, 512)] = 48
    """Fewest sites along the lattice's longer side: large features; drawn log-uniformly per picture."""
    lattice_high: Annotated[int, Range(16, 512)] = 112
    """Most sites along the lattice's longer side: small features. No more are used than there are pixels."""
    steps_low: Annotated[int, Range(50, 20_000)] = 600
    """Fewest steps of time: young patterns, which may not have met yet; drawn uniformly."""
    steps_high: Annotated[int, Range(50, 20_000)] = 1500
    """Most steps of time."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    @property
    def num_classes(self) -> int:
        """Number of regimes, whichever are drawn."""
        return len(REGIMES)

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with u, the share of the fed substance, in [0, 1]."""
        names = list(REGIMES)
        choices = np.arange(len(names)) if self.regime == "any" else np.array([names.index(self.regime)])
        drawn = np.empty((len(seeds), len(self.numbers)))
        lattices, lengths = (self.lattice_low, self.lattice_high), (self.steps_low, self.steps_high)
        rates = np.array(list(REGIMES.values()))
        _draw(seeds, self.colours, fields, pixels, drawn, rates, choices, lattices, lengths)
        return drawn

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return the params of a picture.

        They are ``regime``, ``feed`` (F), ``kill`` (k), ``lattice`` (sites along the longer side),
        ``spots`` sown, ``steps``, and ``sown_again``: how often all had burnt out and spots were sown anew.
        """
        regime, feed, kill, *counts = drawn
        values: list[Param] = [list(REGIMES)[int(regime)], feed, kill, *map(int, counts)]
        return dict(zip(self.numbers, values, strict=True))

    def classes(self, drawn: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the regimes."""
        return drawn[:, 0].astype(np.int64)
