"""Where the time of a new shader program goes on llvmpipe: milliseconds of the processor for each step.

``python benchmarks/shader_compile.py`` prints a table, means over programs of the grammar. The last column is
a program that paints one colour: what every program pays. ``--opaque`` compiles as llvmpipe does unless it is
kept from it; ``--cached`` leaves Mesa's own cache on disk on, which serves whoever asks for the same again.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator

import numpy as np

from patterngen.shaders.grammar import write_program
from patterngen.shaders.language.glsl import CORNERS
from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.context import open_context
from patterngen.shaders.render.stage import Stage

STEPS = ("write", "translate", "front end and link", "first picture", "each further picture")
PLAIN = "vec3 pattern(vec2 p, float t, vec4 r) { return r.xyz; }"


def measure(texts: Callable[[int], str], count: int, size: int, *, opaque: bool) -> Iterator[list[float]]:
    """Yield the milliseconds of each step, program after program."""
    context = open_context("cpu")
    corners = np.zeros((CORNERS, 6), np.float32)
    corners[:, 1:] = 0.3
    vertices = context.buffer(corners.tobytes())
    target = context.framebuffer([context.texture((size, size), 4)])
    target.use()
    context.blend_func = context.ONE, context.ZERO
    (context.disable if opaque else context.enable)(context.BLEND)
    placed = {"host_stride": size, "host_size": (size, size), "host_pixel": 2 / size, "host_tiles": 1}
    for number in range(count):
        ends = [time.process_time()]
        text = texts(number)
        ends.append(time.process_time())
        fragment = translate(Program.of_text("program", text), Reading())
        ends.append(time.process_time())
        stage = Stage(context, fragment.text, {}, vertices)
        ends.append(time.process_time())
        stage.set(**placed, host_lift=0)
        for _ in range(2):
            stage.array.render(vertices=CORNERS)
            context.finish()
            ends.append(time.process_time())
        yield (1e3 * np.diff(ends)).tolist()


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--opaque", action="store_true")
    parser.add_argument("--cached", action="store_true")
    asked = parser.parse_args()
    os.environ |= {"LP_NUM_THREADS": "0", "MESA_SHADER_CACHE_DISABLE": str(not asked.cached).lower()}
    kinds = (write_program, lambda number: PLAIN.replace("r.xyz", f"r.xyz * {number + 1}.0"))
    means = [
        np.mean(list(measure(kind, asked.count, asked.size, opaque=asked.opaque)), axis=0) for kind in kinds
    ]
    print("| step | grammar | one colour |\n|---|---|---|")
    for step, *numbers in zip(STEPS, *means, strict=True):
        print(f"| {step} | {' | '.join(f'{number:.1f}' for number in numbers)} |")


if __name__ == "__main__":
    main()
