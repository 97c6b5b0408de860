"""What all tests share."""

import atexit
import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path

from hypothesis import settings

from tests.searching import MORE

# The first call of a kernel compiles it, which no deadline should judge.
settings.register_profile("search", deadline=None)
# A suite that repeats: what fails for one fails for all. HYPOTHESIS_PROFILE=search looks for new examples,
# and MORE_EXAMPLES=100 for a hundred times as many where states, stores and files are searched.
settings.register_profile("repeat", settings.get_profile("search"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat" if MORE == 1 else "search"))

# Workers run side by side, one on each core; so does what they start.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")


def pytest_xdist_auto_num_workers():
    """`-n auto` means a worker for each core that this process may use, but for memory: each imports torch.

    One more has work for a core whose worker waits for another process.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 1, 8)


# What is imported stays: it is not looked through for garbage while it comes, nor ever again.
gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


# Compiled kernels alone are the user's: named after all that they are, they cannot be wrong.
os.environ.setdefault(
    "NUMBA_CACHE_DIR",
    str(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "patterngen/kernels").expanduser()),
)
# Nothing that tests compute goes to the user's cache, nor comes from it.
os.environ["PATTERNGEN_CACHE"] = tempfile.mkdtemp(prefix="patterngen-cache-")
atexit.register(shutil.rmtree, os.environ["PATTERNGEN_CACHE"], ignore_errors=True)

# A shell starts what it runs in the background deaf to Ctrl-C, and the commands that tests run inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
