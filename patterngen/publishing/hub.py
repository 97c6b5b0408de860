"""The Hugging Face Hub: addresses of its repositories, and commits to them."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from patterngen.errors import MissingDependencyError, PatternGenError, RunFailedError, first_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

RepoType = Literal["dataset", "model"]
_ADDRESSES = {
    "dataset": (re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)/?"), "hf://datasets/USER/NAME"),
    "model": (re.compile(r"hf://(?!(?:datasets|spaces)/)([\w.-]+/[\w.-]+)/?"), "hf://USER/NAME"),
}
"""USER/NAME in the address of a repository, whose letters the Hub checks more closely; and how it looks."""


def repository(address: str, kind: RepoType) -> str:
    """Return USER/NAME of an address: ``hf://datasets/USER/NAME``, or ``hf://USER/NAME`` of a model.

    Raises:
        PatternGenError: another address.
    """
    form, looks = _ADDRESSES[kind]
    found = form.fullmatch(address)
    if found is None:
        raise PatternGenError(f"--push {address!r}: give {looks}")
    return found[1]


def hub_api(address: str) -> "HfApi":
    """Return what talks to the Hub for whoever is logged in.

    Raises:
        MissingDependencyError: huggingface-hub is not installed.
        PatternGenError: nobody is logged in.
    """
    try:
        from huggingface_hub import HfApi, get_token
    except ImportError:
        raise MissingDependencyError(
            f"--push {address} needs huggingface-hub: pip install 'patterngen[hf]'"
        ) from None
    if get_token() is None:
        raise PatternGenError(f"--push {address}: no token; run `hf auth login`, or set HF_TOKEN")
    return HfApi()


@contextlib.contextmanager
def hub_errors(address: str, remedy: str) -> Iterator[None]:
    """Say in one line what the Hub, or the network before it, has against us, and then what to do.

    Raises:
        RunFailedError: for whatever of theirs is raised inside.
    """
    from huggingface_hub.errors import HfHubHTTPError

    # The bases of its error are what its transport raises, whichever that is.
    transport = cast("tuple[type[Exception], ...]", HfHubHTTPError.__bases__)
    lost: tuple[type[Exception], ...] = (OSError, ValueError, *transport)
    try:
        yield
    except lost as error:
        raise RunFailedError(f"--push {address}: {first_line(error)}; {remedy}") from error


def send(api: "HfApi", name: str, kind: RepoType, files: Mapping[str, Path], message: str) -> None:
    """Commit files to a repository, all of them or none.

    Args:
        api: from `hub_api`.
        name: USER/NAME.
        kind: of repository.
        files: where they lie here, by their names there; without any, nothing is done.
        message: one line for the repository's history.
    """
    from huggingface_hub import CommitOperationAdd

    added = [CommitOperationAdd(path_in_repo=path, path_or_fileobj=file) for path, file in files.items()]
    if added:
        api.create_commit(name, added, commit_message=message, repo_type=kind)
