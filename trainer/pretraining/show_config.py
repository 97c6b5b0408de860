"""What `trainer show` looks at: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass

from tyro.conf import Positional


@dataclass(frozen=True, kw_only=True)
class ShowRunConfig:
    """Which runs to look at."""

    run: Positional[tuple[str, ...]]
    """Run folders; several are shown side by side."""
    json: bool = False
    """Print JSON instead of a table: a list with one object a run."""
