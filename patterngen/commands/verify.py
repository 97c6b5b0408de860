"""``patterngen verify``: whether a dataset is sound."""

from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.terminal import print_lines


def run(config: VerifyConfig) -> None:
    """Check a dataset: hashes, manifest against members, some pictures drawn again."""
    print_lines(verify(config))
