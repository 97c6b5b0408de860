"""Trying again what a remote place refuses for a moment: a few times, after pauses that grow and differ."""

import io
import time
from collections.abc import Callable
from itertools import count
from typing import BinaryIO, TypeVar

from patterngen.errors import PatternGenError
from patterngen.retry import FailureKind, Retry

T = TypeVar("T")

PATIENCE = Retry(retries=4, pause=0.5)
"""Four to eight seconds, besides the patience of the libraries below fsspec."""

LASTING = (FileNotFoundError, IsADirectoryError, NotADirectoryError, NotImplementedError, PermissionError)
"""What a place will say again however often it is asked."""


def patiently(work: Callable[[], T]) -> T:
    """Do what asks a remote place, again if it fails in a way that may pass.

    Raises:
        PatternGenError, OSError, NotImplementedError: what lasts (`LASTING`), at once.
        Exception: what it failed with at last, after `PATIENCE`.
    """
    for failed in count(1):
        try:
            return work()
        except (PatternGenError, *LASTING):
            raise
        except Exception as error:  # the libraries below fsspec raise what they like
            if _is_about_credentials(error) or not PATIENCE.again(FailureKind.TRANSIENT, failed):
                raise
            time.sleep(PATIENCE.seconds(FailureKind.TRANSIENT, failed))
    raise AssertionError("it counts for ever")


def _is_about_credentials(error: Exception) -> bool:
    """Tell whether a library lacks credentials, which it says without asking a server."""
    return any("Credential" in kind.__name__ for kind in type(error).__mro__)


class PatientFile(io.RawIOBase):
    """A remote file, open for reading; a read that fails is tried again where it began.

    Args:
        file: from fsspec.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """Whether one may go back and forth in it."""
        return self._file.seekable()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or all that are left."""
        return patiently(lambda: self._file.read(-1 if size is None else size))

    def readall(self) -> bytes:
        """Read all that is left."""
        return self.read()

    def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]  # any writable buffer
        """Fill a buffer; return how many bytes there were."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a byte."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Say at which byte it is."""
        return self._file.tell()

    def close(self) -> None:
        """Close it."""
        if not self.closed:
            self._file.close()
        super().close()
