"""``trainer export``: an encoder of a run as a folder of its own."""

from trainer.commands.load_reports import print_load_report
from trainer.publishing.export import ExportConfig, export


def run(config: ExportConfig) -> None:
    """Write an encoder with its card, for pictures or adapted to sound, and send it to the Hub if asked."""
    print_load_report(config.out, export(config), json=config.json)
