"""``patterngen status``: how far a dataset folder has come."""

from patterngen.jobs.status import StatusConfig, status
from patterngen.terminal import print_report


def run(config: StatusConfig) -> None:
    """Tell how far a dataset folder has come, and the command that goes on."""
    print_report(status(config), json=config.json)
