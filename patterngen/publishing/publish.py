"""The command that describes a dataset folder to other tools, and sends it to the Hugging Face Hub."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import tyro

from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.indexes import INDEXES, write_indexes
from patterngen.dataset.wids import known_md5sums, take_md5sums
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.executors import Progress, Silent
from patterngen.publishing.hub import repository
from patterngen.publishing.push import commits, push
from patterngen.storage.files import remove_leftovers


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
    skip_md5: bool = False
    """Read no tar. Otherwise those that shards.json has no MD5 of yet are read, each once, and their SHA-256
    is checked; those of a remote folder are fetched for that."""
    dry_run: bool = False
    """Only tell what would be written and sent."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        if self.push is not None:
            repository(self.push, "dataset")  # which checks it
        elif self.private:
            raise PatternGenError("--private is about the repository on the Hub: give --push")


@dataclass(frozen=True)
class PublishReport:
    """What `publish_folder` wrote, sent, or would."""

    config: PublishConfig
    count: int
    """Pictures in the folder."""
    read: int
    """Tars read for their MD5."""
    read_bytes: int
    """Bytes of those tars."""
    sent: int
    """Files sent."""
    commits: tuple[str, ...]
    """What would be sent, one line each, in a dry run."""

    def to_json(self) -> dict[str, object]:
        """Return the figures by name."""
        return {
            "dir": self.config.dir,
            "dry_run": self.config.dry_run,
            "files": list(INDEXES),
            "count": self.count,
            "read": self.read,
            "read_bytes": self.read_bytes,
            "push": self.config.push,
            "sent": self.sent,
            "commits": list(self.commits),
        }

    def __str__(self) -> str:
        written, read = ("would write", "would read") if self.config.dry_run else ("wrote", "read")
        lines = [f"{visible(self.config.dir)}: {written} {', '.join(INDEXES)} for {self.count} pictures"]
        if self.read:
            lines[0] += f", {read} {self.read} tars ({self.read_bytes / 1e6:.3g} MB) for their MD5"
        if self.commits:
            lines += [f"would send to {self.config.push}, at most:", *(f"  {line}" for line in self.commits)]
        elif self.config.push:
            lines.append(f"{self.config.push}: sent {self.sent} files")
        return "\n".join(lines)


def publish_folder(
    config: PublishConfig, progress: Callable[[int], AbstractContextManager[Progress]] | None = None
) -> PublishReport:
    """Describe a dataset folder to other tools, and send it to the Hub if that is asked for.

    Args:
        config: what to describe.
        progress: called with the number of tars to read, if there are any; gives the context that shows it.

    Raises:
        PatternGenError: no dataset, one that is damaged, or as `patterngen.publishing.push.push`.
        RunFailedError: as `patterngen.publishing.push.push`.
    """
    dataset = DatasetFolder.open(config.dir)
    md5sums = known_md5sums(dataset)
    unread = [] if config.skip_md5 else [one for one in dataset.shards if one.path.name not in md5sums]
    if not config.dry_run:
        if unread:
            with (progress or (lambda _: nullcontext(Silent())))(len(unread)) as shown:
                md5sums |= take_md5sums(unread, shown.advance)
        remove_leftovers(dataset.path)
        write_indexes(dataset, md5sums)
    sent = 0
    planned: tuple[str, ...] = ()
    if config.push is not None:
        if config.dry_run:
            planned = tuple(str(commit) for commit in commits(dataset))
        else:
            sent = push(dataset, config.push, private=config.private)
    read_bytes = sum(shard.stats.bytes for shard in unread)
    return PublishReport(config, dataset.count, len(unread), read_bytes, sent, planned)
