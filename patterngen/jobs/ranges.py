"""Numbers that a flag takes."""

from patterngen.errors import PatternGenError


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Raise PatternGenError for a number outside low … high, both included, naming its flag."""
    if not low <= value <= high:
        raise PatternGenError(f"{name} {value}: give a number from {low} to {high}")
