"""What went wrong in training or transfer, in one line that a user can act on."""

import math
from collections.abc import Iterator
from pathlib import Path

from patterngen import PatternGenError, RunFailedError


class TrainerError(PatternGenError):
    """A mistake of the user's or of the input: shown as one line, exit code 2.

    Examples:
        >>> from trainer import PretrainConfig, TrainerError
        >>> try:
        ...     PretrainConfig(data=("clouds",), out="run", epochs=1, mask_ratio=1.5)
        ... except TrainerError as error:
        ...     print(error)
        mask_ratio = 1.5 must lie between 0 and 1, both excluded
    """


class ClipError(TrainerError):
    """A recording that is missing, no sound, empty, cut short, too long, or holds what no recording holds.

    Args:
        path: its file.
        reason: what is wrong with it.
        remedy: what to do about it, if there is more than to give another path.
    """

    def __init__(self, path: Path, reason: str, remedy: str = "") -> None:
        super().__init__(f"{path}: {reason}" + f"; {remedy}" * bool(remedy))
        self.path, self.reason, self.remedy = path, reason, remedy


class DivergedError(RunFailedError):
    """A loss or gradient became infinite or NaN."""


def check_range(settings: object, low: float, high: float, *names: str) -> None:
    """Refuse numbers outside [low, high]; NaN is outside.

    Args:
        settings: any object.
        low: the least value.
        high: the greatest, or infinity.
        names: attributes of the settings: numbers, or tuples of them; None is no number and passes.

    Raises:
        TrainerError: names the setting, its value and the range.
    """
    for name, value in _numbers(settings, names):
        if not (low <= value <= high and math.isfinite(value)):
            rule = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise TrainerError(f"{name} = {value} must be {rule}")


def check_positive(settings: object, high: float, *names: str) -> None:
    """Refuse numbers outside (0, high], as `check_range` does for a closed range."""
    for name, value in _numbers(settings, names):
        if not (0 < value <= high and math.isfinite(value)):
            rule = "more than 0" if high == math.inf else f"more than 0 and at most {high:g}"
            raise TrainerError(f"{name} = {value} must be {rule}")


def check_share(settings: object, *names: str) -> None:
    """Refuse numbers outside (0, 1), as `check_range` does for a closed range."""
    for name, value in _numbers(settings, names):
        if not 0 < value < 1:
            raise TrainerError(f"{name} = {value} must lie between 0 and 1, both excluded")


def check_at_most_one(settings: object, *names: str) -> None:
    """Refuse settings of which more than one is given.

    Raises:
        TrainerError: names the flags that were.
    """
    given = [name for name in names if getattr(settings, name) is not None]
    if len(given) > 1:
        raise TrainerError(f"{_flags(given, 'and')} say the same in two ways: give one of them")


def check_one(settings: object, *names: str) -> None:
    """Refuse settings of which none or more than one is given."""
    check_at_most_one(settings, *names)
    if all(getattr(settings, name) is None for name in names):
        raise TrainerError(f"give {_flags(list(names), 'or')}")


def check_folder(folder: str | Path | None) -> None:
    """Refuse a folder to write to that is a file or lies below one, before anything is computed for it.

    Raises:
        TrainerError: names the file.
    """
    if folder is None:
        return
    there = next((path for path in (Path(folder), *Path(folder).parents) if path.exists()), None)
    if there is not None and not there.is_dir():
        raise TrainerError(f"--out {folder}: {there} is a file; give a folder")


def _numbers(settings: object, names: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    for name in names:
        value = getattr(settings, name)
        for number in value if isinstance(value, tuple) else (value,):
            if number is not None:
                yield name, number


def _flags(names: list[str], word: str) -> str:
    flags = [f"--{name.replace('_', '-')}" for name in names]
    return f"{', '.join(flags[:-1])} {word} {flags[-1]}"
