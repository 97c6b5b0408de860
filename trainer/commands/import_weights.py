"""``trainer import``: published weights as an encoder of ours."""

from trainer.commands.load_reports import print_load_report
from trainer.encoders.weights.import_config import ImportConfig


def run(config: ImportConfig) -> None:
    """Bring published weights, of masked autoencoders or timm ViTs, into a folder that runs start from."""
    from trainer.encoders.weights.importing import import_weights

    print_load_report(config.out, import_weights(config), json=config.json)
