"""Processes that are started afresh, and the script that starts them.

Python's `multiprocessing` has each of them run the main script again, to find there what it defines. A script
without ``if __name__ == "__main__":`` would so start all over in each, and what is read from standard input
or typed into a notebook is no file to run. Ours need the script only if it defines a family itself.
"""

import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from patterngen.errors import PatternGenError

RERUN = 93
"""Exit code of a process that ran, as it was started, the script that had started it."""


@contextmanager
def spawning(work: object) -> Iterator[None]:
    """Start processes in the block without their running this program's script, unless their work needs it.

    Args:
        work: what they will be sent.

    Raises:
        PatternGenError: it is defined in a script that no other process can run.
    """
    main = sys.modules["__main__"]
    if b"__main__" in bytes(ForkingPickler.dumps(work)):
        if not Path(getattr(main, "__file__", None) or "").is_file():
            raise PatternGenError(
                "worker processes cannot find a family that was typed in or read from standard input: "
                "put it into a module of its own"
            )
        yield
        return
    about: dict[str, Any] = vars(main)
    kept: dict[str, Any] = {name: about.pop(name) for name in ("__file__", "__spec__") if name in about}
    main.__spec__ = None
    try:
        yield
    finally:
        about.update(kept)


def refuse_rerun() -> None:
    """End a process that runs, as it is started, the script that starts it: quietly, before it does anything.

    Its parent knows it by its exit code, `RERUN`; see `check_rerun`.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        sys.exit(RERUN)


def check_rerun(exit_codes: Iterable[int | None]) -> None:
    """Raise PatternGenError if the exit codes of processes that ended too soon say `refuse_rerun`."""
    if RERUN in exit_codes:
        raise PatternGenError(
            "worker processes run this script again, to find the family that it defines: put what the script "
            'does below a line `if __name__ == "__main__":`, or the family into a module of its own'
        ) from None
