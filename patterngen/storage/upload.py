"""Bringing whole files to a remote place, again if it fails in a way that may pass."""

from pathlib import Path

from patterngen.errors import GaveUpError, PatternGenError
from patterngen.storage import patience
from patterngen.storage.places import RemotePath, make_folder


def upload(data: Path | bytes, target: RemotePath) -> None:
    """Write a file to a remote place, whole: object stores show it only when its last byte is there.

    Args:
        data: a local file, or the bytes themselves.
        target: its place; another file there is replaced.

    Raises:
        PatternGenError: it is not allowed, or there is no such bucket.
        GaveUpError: it failed as often as is sensible.
    """
    try:
        patience.patiently(lambda: _put(data, target))
    except PatternGenError:
        raise
    except patience.LASTING as error:
        raise _refusal(error, target) from error
    except Exception as error:  # the libraries below fsspec raise what they like
        times = patience.PATIENCE.retries + 1
        raise GaveUpError(f"{target} could not be uploaded, {times} times: {_said(error)}") from error


def _put(data: Path | bytes, target: RemotePath) -> None:
    make_folder(target.parent)
    if isinstance(data, bytes):
        target.fs.pipe_file(target.path, data)
    else:
        target.fs.put_file(str(data), target.path)


def _refusal(error: Exception, target: RemotePath) -> PatternGenError:
    """Say of which place a server spoke, and what to do about it."""
    said = _said(error)
    if isinstance(error, PermissionError):
        return PatternGenError(
            f"{target}: writing is denied ({said}); check the credentials, see docs/remote.md"
        )
    if isinstance(error, FileNotFoundError):
        return PatternGenError(f"{target} cannot be written: {said}; make the bucket first")
    if isinstance(error, NotImplementedError):
        said = "such URLs can only be read"
    return PatternGenError(f"{target} cannot be written: {said}; give another --out")


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
