"""Settings of `trainer tasks export`: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass
from typing import Literal

from tyro.conf import Positional

Evaluator = Literal["yavih", "xares"]


@dataclass(frozen=True, kw_only=True)
class TaskExportConfig:
    """What to write, and for whom."""

    name: Positional[str]
    """The task, e.g. esc50; settings may follow, as in csv:label=pitch_class."""
    root: str
    """Folder of the clips."""
    evaluator: Evaluator
    """The format: of yavih, a private benchmark, or of xares, tars of each fold."""
    out: str
    """New folder; its name is the task's there."""
    json: bool = False
    """Print JSON instead of text."""
