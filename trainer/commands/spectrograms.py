"""``trainer spectrograms``: recordings as pictures to pre-train on."""

from patterngen.terminal import print_report
from trainer.pretraining.spectrograms import SpectrogramsConfig, pack_spectrograms


def run(config: SpectrogramsConfig) -> None:
    """Pack the clips of a task as log-mel pictures, to pre-train on recordings themselves."""
    print_report(pack_spectrograms(config), json=config.json)
