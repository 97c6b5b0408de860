"""What went wrong in training or transfer, in one line that a user can act on."""

import math

from patterngen import PatternGenError, RunFailedError


class TrainerError(PatternGenError):
    """A mistake of the user's or of the input: shown as one line, exit code 2."""


class DivergedError(RunFailedError):
    """A loss or gradient became infinite or NaN."""


def check_range(settings: object, low: float, high: float, *names: str) -> None:
    """Refuse numbers outside [low, high]; NaN is outside.

    Args:
        settings: any object.
        low: the least value.
        high: the greatest, or infinity.
        names: attributes of the settings; None is no number and passes.

    Raises:
        TrainerError: names the setting, its value and the range.
    """
    for name in names:
        value = getattr(settings, name)
        if value is not None and not (low <= value <= high and math.isfinite(value)):
            rule = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise TrainerError(f"{name} = {value} must be {rule}")
