"""``trainer export``: an encoder of a run as a folder of its own."""

from trainer.commands.load_reports import print_load_report
from trainer.encoders.embed import ExportConfig, export


def run(config: ExportConfig) -> None:
    """Write an encoder as safetensors and JSON, for pictures or adapted to sound."""
    print_load_report(config.out, export(config), json=config.json)
