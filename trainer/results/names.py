"""What encoders are called in results, and the baselines that stand beside them."""

from pathlib import Path

from patterngen.escape import as_text
from trainer.errors import TrainerError

FLOOR = "floor"
"""What can be read off the spectrogram without an encoder."""
BASELINES = (FLOOR, "random", "scratch")
"""How the names of rows begin that stand beside the encoders, for comparison."""


def is_baseline(encoder: str) -> bool:
    """Tell whether a row is no pre-trained encoder, but what encoders are compared with."""
    return encoder.startswith(BASELINES)


def parse_named_path(text: str) -> tuple[str, Path]:
    """Read ``NAME=PATH``; a bare path, which may hold a = if it exists, is named after its last part.

    Raises:
        TrainerError: an empty name.
    """
    name, equals, rest = text.partition("=")
    path = Path(rest)
    if not equals or Path(text).exists():
        path = Path(text)
        # ``.`` and ``..`` are places, and a link is called as it is.
        name = path.name if path.name not in ("", "..") else path.resolve().name
    if not name.strip():
        raise TrainerError(f"--run {text}: has no name; give NAME=PATH")
    return as_text(name), path
