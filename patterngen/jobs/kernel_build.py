"""Kernels compiled ahead: for a wheel, or for a machine before its first picture; several side by side.

``python -m patterngen.jobs.kernel_build`` compiles those that a wheel brings: for the best level that this
processor can run, or, with ``all`` behind it, for every level.
"""

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np

from patterngen.drawing.band_powers import BandPowers
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.families import Family, family, known_families, mandelbulb, shader_grammar, shaders, spec_text
from patterngen.families.model.settings import setting_types
from patterngen.kernels import cache as kernel_cache
from patterngen.kernels.notice import say, silence
from patterngen.metrics import total_variation
from patterngen.rng import stream
from patterngen.shaders.render.canvas import take_colours
from patterngen.storage.ahead import usable_cores

SIZES = (16, 33)
"""Pixels across the pictures that kernels are compiled with: some kernels are for powers of two alone."""
SLOWEST = ("spectro", "dead-leaves-textures", "dead-leaves-mixed")
"""Families whose kernels take longest to compile: begun first, so that no processor is left waiting."""

_MODULE = "patterngen.jobs.kernel_build"  # run by `python -m`, `__name__` is another
_OPENGL = "OpenGL"
"""Stands among families for the kernels of those that OpenGL draws."""
_SOUND = "sound"
"""Stands among families for the kernels of spectrograms."""


def kernel_families() -> list[Family]:
    """Return the families that kernels draw, with their defaults: not those of OpenGL and of networks."""
    made = []
    for name, cls in known_families().items():
        if cls.repeats == "everywhere":
            # A plugin's may have no defaults.
            with contextlib.suppress(Exception):
                made.append(family(name))
    return sorted(made, key=lambda one: (one.name not in SLOWEST, one.name))


def prepare(drawn: Sequence[Family]) -> int:
    """Have the kernels of families at hand, so that the first picture does not wait for the compiler.

    What is in no file is compiled, and that is said; side by side if several families lack theirs. A family
    that cannot draw is left to say so itself, when it is asked for a picture.

    Returns:
        how many families lacked kernels.
    """
    missing = [one for one in drawn if one.repeats == "everywhere" and not _loads(one)]
    if len(missing) > 1 and usable_cores() > 1:
        say(f"compiling the kernels of {len(missing)} families: a minute at most, once for this machine …")
        _compile([spec_text(one) for one in missing])
    for one in missing:
        with contextlib.suppress(Exception):
            _draw(one)
    return len(missing)


def fill(folder: Path, level: str) -> int:
    """Compile every kernel that Python calls into the folder of a wheel.

    Kernels that only other kernels call are compiled into those; their own files come into a folder inside.

    Args:
        folder: where to; made if absent.
        level: the processor level that they are compiled for, one of `kernel_cache.LEVELS`.

    Returns:
        how many kernels there are.
    """
    arguments, environment = [str(folder), level], kernel_cache.shipping_environment(level)

    def is_whole() -> bool:
        command = [sys.executable, "-m", _MODULE, *arguments, "keep-called"]
        return subprocess.run(command, env=os.environ | environment, check=False).returncode == 0  # noqa: S603

    if not is_whole():
        shutil.rmtree(folder / kernel_cache.INNER, ignore_errors=True)  # they may be of other sources
        say(f"compiling all kernels for {level}: a minute or two")
        _compile(_everything(), arguments, environment)
        if not is_whole():
            raise RunFailedError(f"{folder}: not all kernels could be compiled")
    return len(list(folder.glob(f"*{kernel_cache.ENDING}")))


def _sort(folder: Path, called: set[Path]) -> None:
    """Leave in a folder the kernels that Python has called, and put the others into one inside it."""
    inner = folder / kernel_cache.INNER
    inner.mkdir(exist_ok=True)
    for path in set(folder.glob(f"*{kernel_cache.ENDING}")) - called:
        path.replace(inner / path.name)
    for path in called:
        path.replace(folder / path.name)


def _everything() -> list[str]:
    """Return what `_draw_variants` takes: our own families, not plugins', and what stands for others."""
    ours = [one for one in kernel_families() if type(one).__module__.startswith("patterngen.")]
    return [*(one.name for one in ours), _OPENGL, _SOUND]


def _compile(
    texts: Sequence[str], arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> None:
    """Have worker processes draw families, each the next that waits, so that their kernels are compiled."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for text in texts:
        waiting.put(text)

    workers: list[subprocess.Popen[str]] = []

    def feed() -> None:
        command = [sys.executable, "-m", _MODULE, *arguments, "serve"]
        worker = subprocess.Popen(  # noqa: S603 - ourselves
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | (environment or {}),
        )
        workers.append(worker)
        assert worker.stdin is not None
        assert worker.stdout is not None
        with worker, contextlib.suppress(Empty, BrokenPipeError):
            while True:
                print(waiting.get_nowait(), file=worker.stdin, flush=True)
                worker.stdout.readline()

    threads = [threading.Thread(target=feed) for _ in range(min(usable_cores(), len(texts)))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        with contextlib.suppress(Empty):  # after an interruption, nothing more is begun
            while True:
                waiting.get_nowait()
        for worker in workers:
            worker.terminate()


def _serve(draw: Callable[[str], object]) -> None:
    """Draw each family that a line of standard input names, and answer with a line."""
    silence()  # who has started this process says what is being done, and ends it
    gc.disable()  # the compiler leaves little, and looking for it takes a seventh of the time
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        with contextlib.suppress(Exception):
            draw(line.rstrip("\n"))
        print(flush=True)  # noqa: T201


def _loads(one: Family) -> bool:
    """Tell whether a family draws without compiling anything, or not at all."""
    try:
        with kernel_cache.only_loaded():
            one.draw([0], SIZES[0])
    except kernel_cache.KernelMissingError:
        return False
    except Exception:
        return True  # what is wrong is said where pictures are asked for
    return True


def _draw(one: Family) -> None:
    for size in SIZES:
        total_variation(one.draw([0, 1], size).pixels)


def _draw_variants(name: str) -> None:
    """Draw a family with its defaults, then with each setting at other values: other kernels may draw it."""
    if name == _OPENGL:
        _call_those_beside_opengl()
        return
    if name == _SOUND:
        call_those_of_sound()
        return
    for one in _variants(name):
        with contextlib.suppress(PatternGenError):
            _draw(one)
    with contextlib.suppress(PatternGenError):
        family(name).draw_views([0], SIZES[0])


def _call_those_beside_opengl() -> None:
    """Call the kernels of families that OpenGL draws, which a machine that builds a wheel may not have."""
    seeds, numbers = np.zeros(1, np.uint64), np.zeros((1, 5), np.float32)
    pixels = np.zeros((1, 2, 2, 3), np.uint8)
    for kind in (np.uint8, np.float32):
        rgba, rgb = np.zeros((1, 2, 2, 4), kind), np.zeros((1, 2, 2, 3), kind)
        take_colours(rgba, np.zeros(1, np.int64), 1, rgb, np.zeros(1, np.bool_))
    shaders._choose(0, np.ones(1, np.bool_))
    shaders._numbers(0)
    shaders._halved(pixels)
    shader_grammar._below(stream(0), 1)
    shader_grammar._draw_numbers(seeds, numbers)
    shader_grammar._flat(pixels)
    mandelbulb._draw_numbers(seeds, np.zeros(1, np.int64), numbers)


def call_those_of_sound() -> None:
    """Call the kernels by which `trainer` computes log-mels."""
    BandPowers(np.ones(4), np.eye(3), size=4, hop=2)(np.zeros(4, np.float32), np.empty((3, 1), np.float32))


def _variants(name: str) -> Iterator[Family]:
    cls = known_families()[name]
    yield cls()
    for key, kind in setting_types(cls).items():
        values: tuple[object, ...] = kind.choices
        if kind.type is bool:
            values = (False, True)
        elif kind.range is not None:
            least, most = kind.range.low, kind.range.high
            values = (kind.type(least), kind.type(min(least + 1, most)))
        for value in values:
            with contextlib.suppress(PatternGenError):
                yield cls(**{key: value})


def main(arguments: Sequence[str]) -> None:
    """Compile the kernels of a wheel; or be one of the processes that do so, or that `prepare` starts."""
    match list(arguments):
        case ["serve"]:
            _serve(lambda text: _draw(family(text)))
        case [folder, level, "serve"]:
            with kernel_cache.ship(Path(folder), level):
                _serve(_draw_variants)
        case [folder, level, "keep-called"]:
            with kernel_cache.ship(Path(folder), level) as called, kernel_cache.only_loaded():
                try:
                    for name in _everything():
                        _draw_variants(name)
                except kernel_cache.KernelMissingError:
                    raise SystemExit(1) from None
            _sort(Path(folder), called)
        case [] | ["all"]:
            levels = list(kernel_cache.LEVELS) if arguments else kernel_cache.host_levels()[:1]
            for level in levels:
                fill(kernel_cache.SHIPPED / level, level)
        case _:
            raise SystemExit("usage: python -m patterngen.jobs.kernel_build [all]")


if __name__ == "__main__":
    main(sys.argv[1:])
