"""``trainer transfer linear``: linear probes of encoders on a task."""

from trainer.commands.evaluations import print_evaluations
from trainer.transfer.linear import LinearConfig, transfer_linear


def run(config: LinearConfig) -> None:
    """Probe encoders with one linear layer, beside a random encoder and the floor of the log-mels."""
    print_evaluations(transfer_linear(config), config)
