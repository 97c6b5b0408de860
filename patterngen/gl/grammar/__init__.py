"""A grammar of fragment programs: from a seed to the text of a program that nobody has written before.

An expression is of a `Kind`, and a `Production` makes one of others: warps bend the plane, fields give a
value to each point of it, blends make one value of several, tints a colour of a value, and pictures put
these together. `docs/shader-grammar.md` lists them.
"""

from patterngen.gl.grammar.derive import BUDGET, GRAMMAR, Node, derive
from patterngen.gl.grammar.dice import Dice
from patterngen.gl.grammar.language import Kind, Production
from patterngen.gl.grammar.write import write

__all__ = ["BUDGET", "GRAMMAR", "VERSION", "Kind", "Node", "Production", "derive", "write_program"]

VERSION = 1
"""Of the grammar; raised whenever a seed gives another program."""


def write_program(seed: int) -> str:
    """Return the text of a program: the same for a seed on every machine, another for every seed.

    Args:
        seed: in [0, 2⁶³).
    """
    return write(derive(Dice(seed)), f"Program {seed} of shader grammar {VERSION}")
