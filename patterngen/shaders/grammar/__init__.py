"""A grammar of fragment programs: from a seed to the text of a program that nobody has written before.

An expression is of a `Kind`, and a `Production` makes one of others: warps bend the plane, fields give a
value to each point of it, blends make one value of several, tints a colour of a value, figures stand
somewhere in the picture, and pictures put these together. `docs/shader-grammar.md` lists them.
"""

from patterngen.shaders.grammar.derive import BUDGET, GRAMMAR, Node, derive
from patterngen.shaders.grammar.productions import Kind, Production
from patterngen.shaders.grammar.splitmix import SplitMix64
from patterngen.shaders.grammar.write import write

__all__ = ["BUDGET", "GRAMMAR", "VERSION", "Kind", "Node", "Production", "derive", "write_program"]

VERSION = 2
"""Version of the grammar; raised whenever a seed gives another program."""


def write_program(seed: int) -> str:
    """Return the text of a program: the same for a seed on every machine, another for every seed.

    Args:
        seed: in [0, 2⁶³).
    """
    return write(derive(SplitMix64(seed)), f"Program {seed} of shader grammar {VERSION}")
