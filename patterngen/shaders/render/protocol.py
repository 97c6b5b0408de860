"""What the process that draws is asked for, and the memory that it shares with its parent.

The memory that both share begins with three numbers, which survive the child's end and tell the parent
what it died of: the program that is running (−1 for none), whether it is being compiled, and how many steps
were begun so far. Then come the vertices of the request, then the pixels of the answer.
"""

import mmap
from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from patterngen.shaders.language.glsl import CORNERS

PICTURES = 256
"""Most pictures in one request."""
PICTURE_VERTICES = CORNERS * 4 * (1 + 1 + 4)
"""Bytes of one picture's vertices: tile, time, four random numbers, each float32, at every corner."""
VERTICES = mmap.PAGESIZE
"""Where the vertices begin."""
PIXELS = VERTICES + -(-PICTURES * PICTURE_VERTICES // mmap.PAGESIZE) * mmap.PAGESIZE
"""Where the pixels begin: RGBA, one picture after the other, an even number of rows each."""

COMPILING = 5.0
"""Compiling a program may take this many times as long as drawing a picture with it."""


class Text(TypedDict):
    """A program to compile."""

    number: int
    """Number by which both sides know it."""
    fragment: str
    samplers: dict[str, str]
    """Textures of the program: ``noise``, or what a pass drew, ``back0``, ``back1`` or ``pass0`` …"""
    frames: int
    """How many frames lead to its picture, if it reads the last one; 0 if its passes do not."""
    passes: list[dict[str, Any]]
    """What it draws in each frame: the fields of a `patterngen.shaders.language.passes.Pass` each."""
    parameters: dict[str, Sequence[float]]
    """Uniforms that a picture may set, with their defaults."""


class Request(TypedDict):
    """What the parent asks for, as JSON."""

    drop: list[int]
    """Programs to forget."""
    compile: list[Text]
    """New programs."""
    bytes: int
    """How much memory is shared."""
    height: int
    width: int
    stride: int
    """Rows from one picture to the next in a target."""
    pixel: float
    dtype: Literal["f1", "f4"]
    columns: list[tuple[int, list[tuple[int, int]]]]
    """Targets: how many pictures each has, and in their order programs with how many pictures of each."""
    values: list[dict[str, Sequence[float]]]
    """Parameters of each picture that are not at their defaults; empty if those of none are."""
    budget: float
    """Seconds for one picture."""
    single: bool
    """Whether to draw each picture by itself, so that an end can be laid to one."""
