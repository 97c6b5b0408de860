"""Where files may lie: on this machine, or behind any fsspec URL, and reading them there.

A place is a `Path`, or for a URL a `RemotePath`, which has those methods of one that a dataset folder needs.
Nothing is asked of a server before a file is: a place is only a name.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeAlias, cast
from urllib.parse import unquote, urlsplit

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.home import expanded
from patterngen.storage.patience import PatientFile, patiently

_READ_AHEAD = 8 << 20

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "hf": "hf"}
"""Extras of our own package, by the scheme that they are for."""
_ELSEWHERE = {"reference", "generic", "dir", "filecache", "blockcache", "simplecache", "cached", "data"}
"""Schemes whose URL does not say where the bytes are, or that would read any other URL for a stranger."""
_WITH_FOLDERS = {"sftp", "ssh", "ftp", "smb", "webdav", "hdfs", "arrow_hdfs", "webhdfs", "dbfs"}
"""Where a file needs a folder before it: object stores have none, and would make a bucket instead."""


@dataclass(frozen=True, order=True)
class RemotePath:
    """The name of a file or folder behind a URL."""

    url: str
    """Without a slash at its end."""

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> "RemotePath":
        return RemotePath(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        """The last part."""
        return self.url.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The last part without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """Ending of the name, from the last dot on."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "RemotePath":
        """The folder that it lies in."""
        return RemotePath(self.url.rpartition("/")[0])

    def with_suffix(self, suffix: str) -> "RemotePath":
        """The file beside it that has another suffix."""
        return self.parent / PurePosixPath(self.name).with_suffix(suffix).name

    def resolve(self) -> "RemotePath":
        """Itself: a URL is absolute."""
        return self

    @property
    def fs(self) -> Any:
        """The fsspec file system."""
        return self._located[0]

    @property
    def path(self) -> str:
        """Name of the place in its file system."""
        return self._located[1]

    @property
    def _located(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs  # not at the top: most datasets are local, and it imports asyncio

        return cast("tuple[Any, str]", url_to_fs(self.url))

    def exists(self) -> bool:
        """Ask whether there is such a file or folder."""
        with reaching(self):
            return bool(patiently(lambda: self.fs.exists(self.path)))

    def is_file(self) -> bool:
        """Ask whether there is such a file."""
        with reaching(self):
            return bool(patiently(lambda: self.fs.isfile(self.path)))

    def is_dir(self) -> bool:
        """Ask whether anything lies below this name."""
        with reaching(self):
            return bool(patiently(lambda: self.fs.isdir(self.path)))

    def open(self, mode: str = "rb", **options: Any) -> BinaryIO:
        """Open it to be read, by default from beginning to end; options are fsspec's.

        Raises:
            FileNotFoundError: there is no such file.
            PatternGenError: it cannot be reached.
        """
        assert mode == "rb", "what is written is written whole, by patterngen.upload"
        if not options:
            options = {"cache_type": "readahead", "block_size": _READ_AHEAD}
        with reaching(self):
            return cast("BinaryIO", PatientFile(patiently(lambda: self.fs.open(self.path, mode, **options))))

    def read_bytes(self) -> bytes:
        """Read all of it; raises as `open` does."""
        with reaching(self):
            return bytes(patiently(lambda: self.fs.cat_file(self.path)))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file."""
        with reaching(self):
            try:
                patiently(lambda: self.fs.rm_file(self.path))
            except FileNotFoundError:
                if not missing_ok:
                    raise

    def glob(self, pattern: str) -> Iterator["RemotePath"]:
        """List the files of this folder whose names match, by one listing."""
        return (self / name for name in listing(self) if PurePosixPath(name).match(pattern))


Place: TypeAlias = Path | RemotePath
"""Path of a file or a folder."""


def place(url: str) -> Place:
    """Turn a path or a URL into a place.

    Raises:
        PatternGenError: nothing is named; or the URL would run a command, leads elsewhere, holds a password,
            or has a scheme that nobody knows.
        MissingDependencyError: what reads such URLs is not installed.
    """
    if url.startswith("pipe:"):
        raise PatternGenError(f"{url!r} would run a command: give a path or a URL such as s3://bucket/name")
    if "://" not in url or url.startswith("file://"):
        return local_folder(url)
    scheme, _, rest = url.partition("://")
    if "::" in url or scheme in _ELSEWHERE:
        raise PatternGenError(f"{url!r} leads on to another place: give that place itself")
    if not rest.strip("/"):
        raise PatternGenError(f"{url!r} names no place: add it, as in {scheme}://bucket/name")
    if urlsplit(url).password:
        shown = re.sub(r"(://[^:/@]*):[^@]*@", r"\1:…@", url)
        raise PatternGenError(
            f"{shown!r} came with a password, which job.yaml would show to every reader: "
            "leave it out, and give it as docs/remote.md says"
        )
    _check_scheme(scheme)
    return RemotePath(url.rstrip("/"))


def local_folder(url: str) -> Path:
    """Turn a path or a ``file://`` URL into a path.

    Raises:
        PatternGenError: another scheme.
    """
    if url.startswith("file://"):
        return Path(unquote(urlsplit(url).path))
    if "://" in url or url.startswith("pipe:"):
        raise PatternGenError(f"folder {url!r}: only local folders are supported; give a path")
    if not url:
        raise PatternGenError("the folder's name is empty; give a path")
    return expanded(url)


@cache
def _check_scheme(scheme: str) -> None:
    from fsspec.registry import get_filesystem_class

    try:
        get_filesystem_class(scheme)
    except ValueError:
        raise PatternGenError(
            f"{scheme}:// is no scheme that fsspec knows: give a path, or s3://, gs://, hf://, sftp:// …"
        ) from None
    except ImportError as error:
        remedy = f"pip install 'patterngen[{_EXTRAS[scheme]}]'" if scheme in _EXTRAS else _first_line(error)
        raise MissingDependencyError(f"{scheme}:// needs a package that is not installed: {remedy}") from None


@contextlib.contextmanager
def reaching(target: Place) -> Iterator[None]:
    """Say in one line what a server or its library has against us.

    Raises:
        FileNotFoundError, IsADirectoryError: as they were raised, for callers who expect them.
        PatternGenError: any other failure of a remote place. Failures of local ones are left as they are.
    """
    try:
        yield
    except (PatternGenError, FileNotFoundError, IsADirectoryError):
        raise
    except PermissionError as error:
        if isinstance(target, Path):
            raise
        raise PatternGenError(
            f"{target}: access is denied ({_first_line(error)}); check the credentials, see docs/remote.md"
        ) from error
    except Exception as error:  # the libraries below fsspec raise what they like
        if isinstance(target, Path):
            raise
        raise PatternGenError(f"{target} cannot be reached: {_first_line(error)}") from error


def listing(folder: Place) -> dict[str, int]:
    """List the files of a folder with their sizes in bytes; empty if there is no such folder.

    A remote folder is listed once, by a request for each thousand files, not one for each.
    """
    if isinstance(folder, Path):
        try:
            with os.scandir(folder) as entries:
                return {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
        except (FileNotFoundError, NotADirectoryError):
            return {}
    with reaching(folder):
        fs = folder.fs
        # Others write there too: what this process saw before, or will have seen, says nothing.
        fs.invalidate_cache(folder.path)
        try:
            found = patiently(lambda: fs.ls(folder.path, detail=True))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        finally:
            fs.invalidate_cache(folder.path)
        return {
            entry["name"].rpartition("/")[2]: int(entry["size"] or 0)
            for entry in found
            if entry["type"] == "file"
        }


def read_bounded(file: Place, limit: int) -> bytes:
    """Read a file that is not expected to be large, and never more than a limit of it.

    Raises:
        FileNotFoundError: there is no such file.
        PatternGenError: it has more bytes than that, or cannot be reached.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            # Memory is taken for what is asked for, and a limit may be far more than there is.
            size = os.fstat(opened.fileno()).st_size
            data = opened.read((min(size, limit) if size else limit) + 1)
    else:
        with reaching(file):
            data = bytes(patiently(lambda: file.fs.cat_file(file.path, start=0, end=limit + 1)))
    if len(data) > limit:
        raise PatternGenError(f"{file} is larger than {limit} bytes: patterngen writes no such file")
    return data


def open_file(path: str) -> BinaryIO:
    """Open a local file, or one behind a URL, to be read from beginning to end.

    Raises:
        FileNotFoundError: there is no such file.
        PatternGenError: as `place`, or it cannot be reached.
    """
    return place(path).open("rb")


def open_for_ranges(file: Place, size: int) -> BinaryIO:
    """Open a file of known size of which little is read: remotely, each read is one request for its bytes.

    Raises:
        FileNotFoundError: there is no such file.
        PatternGenError: it cannot be reached.
    """
    return file.open("rb") if isinstance(file, Path) else file.open("rb", cache_type="none", size=size)


def make_folder(folder: Place) -> None:
    """Make a folder and those above it, where there are folders."""
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=True)
    elif folder.url.partition("://")[0] in _WITH_FOLDERS:
        with reaching(folder):
            folder.fs.makedirs(folder.path, exist_ok=True)


def _first_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return (text if len(text) <= 200 else f"{text[:199]}…") or type(error).__name__
