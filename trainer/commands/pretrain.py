"""``trainer pretrain``: a masked autoencoder learns from pictures."""

from dataclasses import dataclass

from patterngen.terminal import print_json, print_line
from trainer.pretraining.config import PretrainConfig, settings_of_run


@dataclass(frozen=True, kw_only=True)
class PretrainCommand(PretrainConfig):
    """Settings of a run, and how its end is printed."""

    json: bool = False
    """Print JSON instead of the run folder: what `trainer show --json` says of the run."""


def run(config: PretrainCommand) -> None:
    """Pre-train a masked autoencoder on a dataset folder; run again, it goes on where it stopped."""
    from trainer.pretraining.pretrain import (
        pretrain,  # not at the top: who asks for help need not wait for torch
    )
    from trainer.pretraining.run_summary import summarise_run

    folder = pretrain(settings_of_run(config))
    if folder is None:  # the first of several processes speaks for all
        return
    if config.json:
        print_json(summarise_run(folder))
    else:
        print_line(folder)
