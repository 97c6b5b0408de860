"""Sizes as users write them: one number, or two with an x between."""

from trainer.errors import TrainerError


def parse_pair(
    size: int | str,
    name: str = "size",
    advice: str = "give pixels as 128 (a square) or 80x208 (height x width)",
) -> tuple[int, int]:
    """Read ``128`` as twice the same number and ``80x208`` as two.

    Args:
        size: the text, or one number.
        name: of the setting, for the error.
        advice: what the error says to do.

    Raises:
        TrainerError: anything else, or a number below 1.
    """
    parts = str(size).lower().replace("×", "x").split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise TrainerError(f"{name} = {size}: {advice}")
    return int(parts[0]), int(parts[-1])
