"""What `trainer verify` reads: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass

from tyro.conf import Positional


@dataclass(frozen=True, kw_only=True)
class VerifyRunsConfig:
    """What `trainer verify` reads."""

    paths: Positional[tuple[str, ...]]
    """Run folders, checkpoints, exported encoders, names of shipped ones, or folders of results."""
    json: bool = False
    """Print JSON instead of text."""
