"""The home folder that a path may begin with, and that a user in a container may not have."""

import os
from pathlib import Path

from patterngen.errors import PatternGenError


def expanded(path: str | Path) -> Path:
    """Return a path with the home folder in place of its ``~``.

    Raises:
        PatternGenError: there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise PatternGenError(
            f"{path}: there is no such home folder; set HOME, or give the whole path"
        ) from None


def cache_folder() -> Path | None:
    """Return the folder for what can be made again: ``$XDG_CACHE_HOME/patterngen``, ``~/.cache`` by default.

    None if the variable names none, and the user has no home folder.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():  # the XDG base directory specification has relative paths ignored
        return Path(base) / "patterngen"
    try:
        return Path.home() / ".cache" / "patterngen"
    except RuntimeError:
        return None
