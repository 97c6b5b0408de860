"""``trainer transfer probe``: probes of encoders on a task."""

from trainer.commands.evaluations import print_evaluations
from trainer.transfer.probe import transfer_probe
from trainer.transfer.probe_config import ProbeConfig


def run(config: ProbeConfig) -> None:
    """Read a task off frozen features, beside those of random encoders and the floor of the log-mels."""
    print_evaluations(transfer_probe(config), config)
