"""Where and how tests run `patterngen` in a process of its own."""

import os
from functools import cache
from pathlib import Path

from tests.forked import Forked, Nursery

ROOT = Path(__file__).parents[1]
DRAWING = """
import os, tempfile
import patterngen.executors.local
from patterngen.cli import main
from patterngen.commands import render, stats, status, verify
with tempfile.TemporaryDirectory() as folder:
    main(["show", "perlin", "--seed", "0", "--size", "8", "--out", os.path.join(folder, "x.png")])
"""
"""What all commands do first: imports, and a picture, for which Numba makes itself ready."""


def base_install() -> dict[str, str]:
    """Return an environment in which Python finds no more than an install without extras brings.

    What numba and pyarrow import if it is there, scipy and pandas, would take a quarter of a command's time.
    """
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "base_install")))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "120", "OMP_NUM_THREADS": "1"}


@cache
def _nursery() -> Nursery:
    return Nursery(DRAWING, base_install())


def start(*words: object, new_session: bool = False) -> Forked:
    """Begin a command of `patterngen`; its start, which takes a second, is that of all such processes."""
    return _nursery().start("patterngen.cli", *words, env=base_install(), new_session=new_session)
