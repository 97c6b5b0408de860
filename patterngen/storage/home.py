"""The home folder that a path may begin with, and that a user in a container may not have."""

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
