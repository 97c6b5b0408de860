"""Uploading a dataset folder to the Hugging Face Hub, shard by shard, so that no reader finds half of one.

A commit on the Hub is whole or not there. A shard's tar, manifest and marker go in one; what says that the
dataset is complete (`INDEXES`) goes in the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from patterngen.dataset.classes import CLASSES_FILE
from patterngen.dataset.folder import NOTES_FILE, QUARANTINE_FILE, DatasetFolder, Shard
from patterngen.dataset.format_version import JOB_FILE
from patterngen.dataset.indexes import INDEXES
from patterngen.dataset.marker import MARKER, SHARD_GLOB
from patterngen.dataset.programs import program_files
from patterngen.errors import PatternGenError
from patterngen.publishing.hub import hub_api, hub_errors, repository, send

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

SHARDS_PER_COMMIT = 25
"""The Hub advises fewer than 100 files in a commit (its "Repository limitations and recommendations")."""
MOST_FILES = 10_000
"""Most files in one folder of a repository, as the Hub advises."""

_BESIDE = (JOB_FILE, CLASSES_FILE, QUARANTINE_FILE, NOTES_FILE)


@dataclass(frozen=True)
class Commit:
    """Files that appear on the Hub together.

    Attributes:
        message: line for the repository's history.
        files: where they lie here, by their names there, in order.
    """

    message: str
    files: dict[str, Path]

    def __str__(self) -> str:
        there = [path.stat().st_size for path in self.files.values() if path.exists()]
        return f"{self.message}: {len(self.files)} files, {sum(there) / 1e6:.3g} MB"


def commits(dataset: DatasetFolder, shards: Sequence[Shard] | None = None) -> list[Commit]:
    """Say what is sent and in which order: shards, what they are drawn again with, and last the indexes.

    Args:
        dataset: a local folder; what is not patterngen's stays in it.
        shards: which shards to send; all unless given.

    Raises:
        PatternGenError: the folder is remote, or has more files than the Hub takes.
    """
    folder = dataset.path
    if not isinstance(folder, Path):
        raise PatternGenError(
            f"{folder} is remote: --push sends a local folder; copy it to this machine first"
        )
    if 3 * len(dataset.shards) + len(_BESIDE + INDEXES) > MOST_FILES:
        raise PatternGenError(
            f"{folder} has {len(dataset.shards)} shards of 3 files; the Hub takes {MOST_FILES} files in "
            "a folder: draw it with a larger --samples-per-shard"
        )
    chosen = dataset.shards if shards is None else shards
    waves = [
        _commit_of(folder, chosen[start : start + SHARDS_PER_COMMIT])
        for start in range(0, len(chosen), SHARDS_PER_COMMIT)
    ]
    beside = {path.relative_to(folder).as_posix(): path for path in program_files(folder)}
    beside |= {name: folder / name for name in _BESIDE if (folder / name).exists()}
    last = {name: folder / name for name in INDEXES}
    return [*waves, Commit("job and programs", beside), Commit("card and indexes", last)]


def push(dataset: DatasetFolder, address: str, *, private: bool = False) -> int:
    """Send a local folder with all its indexes to the Hub; what is there already is not sent again.

    Args:
        dataset: the folder.
        address: ``hf://datasets/USER/NAME``; made if it does not exist.
        private: make it for its owner's eyes only.

    Returns:
        How many files were sent.

    Raises:
        MissingDependencyError: huggingface-hub is not installed.
        PatternGenError: not an address of the Hub, no token, a remote folder or too many files, or the
            repository holds shards that the folder has not.
        RunFailedError: the Hub refused or could not be reached; what was committed stays there.
    """
    name = repository(address, "dataset")
    api = hub_api(address)
    again = f"`patterngen publish {dataset.path} --push {address}` sends the rest"
    with hub_errors(address, f"what was committed stays, and {again}"):
        api.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        there = _files_there(api, name)
        missing = _missing(dataset, there, address)
        sent = 0
        for commit in commits(dataset, missing):
            send(api, name, "dataset", commit.files, commit.message)
            sent += len(commit.files)
    return sent


def _commit_of(folder: Path, shards: Sequence[Shard]) -> Commit:
    names = [
        name
        for shard in shards
        for name in (f"{shard.name}.tar", f"{shard.name}.parquet", shard.name + MARKER)
    ]
    return Commit(f"{shards[0].name} … {shards[-1].name}", {name: folder / name for name in names})


def _files_there(api: "HfApi", name: str) -> "dict[str, RepoFile]":
    from huggingface_hub.hf_api import RepoFile

    found = api.list_repo_tree(name, repo_type="dataset")
    return {entry.path: entry for entry in found if isinstance(entry, RepoFile)}


def _missing(dataset: DatasetFolder, there: "Mapping[str, RepoFile]", address: str) -> list[Shard]:
    """List the shards that the repository has not, or has otherwise."""
    foreign = [path for path in there if PurePath(path).match(SHARD_GLOB)]
    foreign = sorted(set(foreign) - {shard.path.name for shard in dataset.shards})
    if foreign:
        raise PatternGenError(
            f"--push {address}: {len(foreign)} shards there are not in {dataset.path}, e.g. {foreign[0]}: "
            "give another repository, or delete them there"
        )
    return [shard for shard in dataset.shards if not _is_there(shard, there)]


def _is_there(shard: Shard, there: "Mapping[str, RepoFile]") -> bool:
    tar = there.get(shard.path.name)
    return (
        tar is not None
        and tar.lfs is not None
        and tar.lfs.sha256 == shard.stats.sha256
        and {f"{shard.name}.parquet", shard.name + MARKER} <= there.keys()
    )
