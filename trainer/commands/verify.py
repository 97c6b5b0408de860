"""``trainer verify``: whether runs, encoders and results are as they were written."""

from patterngen.terminal import print_report
from trainer.results.verify_config import VerifyRunsConfig


def run(config: VerifyRunsConfig) -> None:
    """Read checkpoints, exported encoders and results whole, and compare them with their digests."""
    from trainer.results.verify import verify_runs

    print_report(verify_runs(config), json=config.json)
