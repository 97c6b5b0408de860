"""How well programs that others wrote are drawn, beside a plain wrapper that does what their own site does.

``python benchmarks/foreign_programs.py FOLDER --against plain`` prints a table: of each dialect how many
programs the plain wrapper draws and how many of those we do, how far pictures lie apart, and how much of the
processor's time ours takes beside it, for a first picture (reading and compiling it included) and for others.
``--sample 200`` takes some at random; ``--list`` names those that fail or differ. Inputs of ISF programs are
at their defaults.

Those that differ and read textures are counted by themselves: how sharp a texture is read follows from
neighbouring pixels, in pairs of rows, and ours lie upside down.
"""

import argparse
import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from plain_texts import kind_of
from plain_wrapper import PlainProcess

from patterngen.shaders.language.folder import find_programs
from patterngen.shaders.language.program import Program
from patterngen.shaders.language.shadertoy_parts import parts_of
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.options import Options, drawing
from patterngen.shaders.render.renderer import renderer

TIMES = (2.5, 0.7, 8.1)
HEADS = ("dialect", "programs", "plain draws", "of these we", "we alone", "differ", "with textures")
HEADS += ("first", "others")
EQUAL = 1
"""Most that two pictures of one program may differ by, of 255."""


@dataclass(frozen=True)
class Compared:
    """One program, drawn by both."""

    name: str
    kind: str
    plain: str = ""
    """Why the plain wrapper does not draw it; empty if it does."""
    ours: str = ""
    textures: bool = False
    """Whether it reads a texture, of which drivers choose the sharpness by neighbouring pixels."""
    difference: int = 0
    """Largest difference of a colour, of 255."""
    pixels: float = 0.0
    """Share of pixels that differ by more than `EQUAL`."""
    first: float = np.nan
    """Seconds of the processor's for the first picture, ours beside the plain wrapper's."""
    others: float = np.nan


def seconds_of(process: int) -> float:
    """Return how long a process has had the processor."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def compare(program: Program, plain: PlainProcess, size: int, budget: float) -> Compared:
    """Draw with a program in both ways."""
    source, kind, channels = program.source, kind_of(program.source), dict[str, str]()
    if program.unreadable:
        return Compared(program.name, "unreadable", program.unreadable, program.unreadable)
    if parts := parts_of(source):
        if len(parts) > 1:
            return Compared(program.name, kind, "several passes")
        source, channels = source.split("\n", 1)[1], parts[0].channels
    found = Compared(program.name, kind)
    theirs = plain.draw(budget * (len(TIMES) + 5), source, kind, size, TIMES, channels)
    times, randoms = np.array(TIMES, np.float32), np.zeros((len(TIMES), 4), np.float32)
    spent, ours = list[float](), list[np.ndarray]()
    for part in (slice(1), slice(1, None)):
        began = _clock()
        n = len(times[part])
        tried = renderer().attempt([program] * n, times[part], randoms[part], Canvas(size))
        spent.append(_clock() - began)
        ours.append(tried.pixels)
        if tried.losses:
            found = replace(found, ours=next(iter(tried.losses.values())))
            break
    if isinstance(theirs, str):
        return replace(found, plain=theirs)
    if found.ours:
        return found
    pixels, first, others = theirs
    apart = np.abs(pixels.astype(int) - np.concatenate(ours)).max(3)
    ratios = {"first": spent[0] / max(first, 1e-4), "others": spent[1] / max(others, 1e-4)}
    reads = bool(re.search(r"\b(?:texture|texelFetch|IMG_)", source))
    found = replace(found, textures=reads, **ratios)
    return replace(found, difference=int(apart.max()), pixels=float((apart > EQUAL).mean()))


def _clock() -> float:
    return time.process_time() + seconds_of(renderer()._open()._child.pid)


def rows(found: Sequence[Compared]) -> Iterator[str]:
    """Write the lines of a table in Markdown."""
    yield f"| {' | '.join(HEADS)} |"
    yield "|---" * len(HEADS) + "|"
    for kind in sorted({one.kind for one in found}):
        mine = [one for one in found if one.kind == kind]
        theirs = [one for one in mine if not one.plain]
        both = [one for one in theirs if not one.ours]
        alone = sum(bool(one.plain) and not one.ours for one in mine)
        apart = [one.textures for one in both if one.difference > EQUAL]
        first = np.median([one.first for one in both] or [np.nan])
        others = np.median([one.others for one in both] or [np.nan])
        share = f"{len(both)} ({100 * len(both) / max(1, len(theirs)):.1f} %)"
        cells = (kind, len(mine), len(theirs), share, alone, len(apart) - sum(apart), sum(apart))
        yield f"| {' | '.join(map(str, cells))} | {first:.2f} | {others:.2f} |"


def main() -> None:
    """Compare, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--against", choices=("plain",), default="plain")
    parser.add_argument("--sample", type=int, default=0, help="take so many at random; 0 takes all")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds for a picture")
    parser.add_argument("--list", action="store_true", help="name those that fail or differ")
    asked = parser.parse_args()
    os.environ["MESA_SHADER_CACHE_DISABLE"] = "true"  # or what was drawn before is compiled in no time
    programs = list(find_programs(asked.folder).values())
    if asked.sample:
        programs = random.Random(0).sample(programs, min(asked.sample, len(programs)))
    plain, found = PlainProcess(), list[Compared]()
    with drawing(Options("cpu", asked.budget)):
        for program in programs:
            one = compare(program, plain, asked.size, asked.budget)
            found.append(one)
            if asked.list and ((one.ours and not one.plain) or one.difference > EQUAL):
                words = (
                    one.ours
                    or f"differs by {one.difference} of 255 in {100 * one.pixels:.2g} % of the pixels"
                )
                print(f"{one.name}: {words}", flush=True)
    print("\n".join(rows(found)))


if __name__ == "__main__":
    main()
