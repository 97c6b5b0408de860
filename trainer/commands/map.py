"""``trainer map``: the clips of a task as points."""

from patterngen.terminal import print_report
from trainer.transfer.clip_map import MapConfig, map_clips


def run(config: MapConfig) -> None:
    """Draw the clips of a task as points, coloured by class, where an encoder and the mel bands put them."""
    print_report(map_clips(config), json=config.json)
