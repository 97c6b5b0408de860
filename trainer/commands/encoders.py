"""``trainer encoders``: what comes with the package."""

from dataclasses import asdict

from patterngen.terminal import print_json, print_line, print_notice
from trainer.encoders.listing import EncodersConfig, shipped_encoders
from trainer.encoders.shipped import NONE


def run(config: EncodersConfig) -> None:
    """List the encoders that come with the package, the default first: what any --run takes by its name."""
    entries = shipped_encoders()
    if config.json:
        print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        print_line(entry)
    if not entries:
        print_notice(NONE)
