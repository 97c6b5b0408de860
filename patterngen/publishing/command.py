"""The command that describes a dataset folder to other tools, and sends it to the Hugging Face Hub."""

from dataclasses import dataclass

import tyro

from patterngen.dataset import DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.publishing.indexes import INDEXES, publish
from patterngen.publishing.push import commits, push, repository


@dataclass(frozen=True, kw_only=True)
class PublishConfig:
    """Which dataset to describe to other tools, and where to send it."""

    dir: tyro.conf.Positional[str]
    """The dataset folder."""
    push: str | None = None
    """Send it to the Hugging Face Hub: hf://datasets/USER/NAME. Run again, it sends what is missing.
    Files go as they are: job.yaml names the folder they were drawn into, markers the hosts that drew."""
    private: bool = False
    """Make the Hub's repository private, if it is made."""
    dry_run: bool = False
    """Only tell what would be written and sent."""

    def __post_init__(self) -> None:
        if self.push is not None:
            repository(self.push)  # which checks it
        elif self.private:
            raise PatternGenError("--private is about the repository on the Hub: give --push")


@dataclass(frozen=True)
class PublishReport:
    """What `publish_folder` wrote, sent, or would."""

    config: PublishConfig
    count: int
    """Pictures in the folder."""
    sent: int
    """Files sent."""
    commits: tuple[str, ...]
    """In a dry run, what would be sent, one line each."""

    def __str__(self) -> str:
        written = "would write" if self.config.dry_run else "wrote"
        lines = [f"{self.config.dir}: {written} {', '.join(INDEXES)} for {self.count} pictures"]
        if self.commits:
            lines += [f"would send to {self.config.push}, at most:", *(f"  {line}" for line in self.commits)]
        elif self.config.push:
            lines.append(f"{self.config.push}: sent {self.sent} files")
        return "\n".join(lines)


def publish_folder(config: PublishConfig) -> PublishReport:
    """Describe a dataset folder to other tools, and send it to the Hub if that is asked for.

    Raises:
        PatternGenError: no dataset, one that is damaged, or as `patterngen.publishing.push.push`.
        RunFailedError: as `patterngen.publishing.push.push`.
    """
    dataset = DatasetFolder.open(config.dir)
    if not config.dry_run:
        publish(dataset)
    sent = 0
    planned: tuple[str, ...] = ()
    if config.push is not None:
        if config.dry_run:
            planned = tuple(str(commit) for commit in commits(dataset))
        else:
            sent = push(dataset, config.push, private=config.private)
    return PublishReport(config, dataset.count, sent, planned)
