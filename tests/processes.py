"""Where and how tests run `patterngen` in a process of its own."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def base_install() -> dict[str, str]:
    """Return an environment in which Python finds no more than an install without extras brings.

    What numba and pyarrow import if it is there, scipy and pandas, would take a quarter of a command's time.
    """
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "base_install")))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "120", "OMP_NUM_THREADS": "1"}
