"""``patterngen publish``: card and indexes of a dataset, and its way to the Hugging Face Hub."""

from patterngen.common.progress import Progress
from patterngen.publishing.publish import PublishConfig, publish_folder
from patterngen.terminal import print_report


def run(config: PublishConfig) -> None:
    """Write what other tools look for beside the shards, and send a dataset to the Hugging Face Hub."""
    report = publish_folder(config, lambda total: Progress(total, unit="tars", label="publish"))
    print_report(report, json=config.json)
