"""``patterngen verify``: whether a dataset is sound."""

from patterngen.errors import RunFailedError
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.terminal import print_json, print_report


def run(config: VerifyConfig) -> int:
    """Check a dataset: hashes, manifest against members, some pictures drawn again; exits 1 if damaged."""
    try:
        print_report(verify(config), json=config.json)
    except RunFailedError as damage:
        if not config.json:
            raise
        print_json({"problems": list(damage.args)})
        return 1
    return 0
