"""``trainer encoders``: what comes with the package."""

from dataclasses import asdict, dataclass

from patterngen.terminal import print_json, print_line, print_notice
from trainer.encoders.shipped import NONE


@dataclass(frozen=True, kw_only=True)
class EncodersConfig:
    """How to list."""

    json: bool = False
    """Print JSON instead of text."""


def run(config: EncodersConfig) -> None:
    """List the encoders that come with the package, the default first: what any --run takes by its name."""
    from trainer.encoders.listing import shipped_encoders

    entries = shipped_encoders()
    if config.json:
        print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        print_line(entry)
    if not entries:
        print_notice(NONE)
