"""Files from strangers: made of sound ones by changes that readers trip over, and read where harm shows.

`spoiled` makes them. `confined` lets a reader have no more than so much memory and time, start nothing, and
write nothing outside of a folder.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError, RunFailedError
from tests.searching import few

REFUSED = (PatternGenError, RunFailedError)
"""In which a file may be refused. Any other error is a traceback for the user."""
MEMORY = 1 << 30
"""Bytes that a reader may take beyond what the process has."""
SECONDS = 30
"""Of the process: what ends a reader that does not end."""

_LENGTHS = [bytes(4), b"\xff" * 4, b"\xff" * 8]
_LENGTHS += [b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0", b"\0\0\0\x80"]
"""Numbers that lengths and offsets are confused by, in either order of bytes."""
_TEXTS = [b"\0", b"\r\n", b"..", b"/etc/passwd", b"<script>", b"nan", b"1e999", b"-1", b"{}", b"/*", b"\\"]
_TEXTS += [b"9" * 5000, b"[" * 20_000, "e\u0301\U0001f600".encode(), b"\xfe\xff", b"&a [*a]"]
_TEXTS += [b"!!python/object/apply:os.system [id]"]


@st.composite
def spoiled(draw: st.DrawFn, sound: Sequence[bytes]) -> bytes:
    """Draw the bytes of a file: one of some sound ones, changed in one to four places."""
    data = draw(st.sampled_from(sound))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(1, 64))
        change = draw(st.sampled_from(["flip", "put", "insert", "text", "cut", "drop", "twice", "other"]))
        if change == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << draw(st.integers(0, 7))]) + data[at + 1 :]
        elif change == "put":
            number = draw(st.sampled_from(_LENGTHS))
            data = data[:at] + number + data[at + len(number) :]
        elif change == "insert":
            data = data[:at] + draw(st.binary(max_size=16)) + data[at:]
        elif change == "text":
            data = data[:at] + draw(st.sampled_from(_TEXTS)) + data[at:]
        elif change == "cut":
            data = data[:at]
        elif change == "drop":
            data = data[:at] + data[at + size :]
        elif change == "twice":
            data = data[: at + size] + data[at:]
        else:  # the end of another
            data = data[:at] + draw(st.sampled_from(sound))[at:]
    return data


class HarmError(BaseException):
    """A reader did what none may; no `except Exception` catches it."""


_STARTS = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen", "pty.spawn")
_STARTS += ("socket.connect", "pickle.find_class")
_CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_room: Path | None = None


def _watch(event: str, arguments: tuple) -> None:
    if _room is None:
        return
    if event in _STARTS:
        raise HarmError(event, arguments)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        names = arguments[:1]
    else:
        names = arguments[:2] if event in _CHANGES else ()
    allowed = (_room, Path("/dev"), Path(os.environ["PATTERNGEN_CACHE"]))
    for name in names:
        path = Path(os.fsdecode(name)).absolute() if isinstance(name, str | bytes | os.PathLike) else _room
        if not any(path.is_relative_to(place) for place in allowed):
            raise HarmError(event, arguments)


_watching = False


@contextlib.contextmanager
def confined(room: Path) -> Iterator[None]:
    """Let what is done inside take little memory and time, start nothing, and write into one folder alone."""
    global _room, _watching
    if not _watching:  # for good: Python takes no such hook away again
        sys.addaudithook(_watch)
        _watching = True
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()

    def late(*_):
        raise HarmError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    _room = room.absolute()
    try:
        yield
    finally:
        _room = None
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read_hostile(read: Callable[[], object], room: Path) -> Exception | None:
    """Read a file of a stranger's; return the error that refuses it, if one does, after a look at its lines.

    Args:
        read: what reads it.
        room: the folder that may be written to.
    """
    try:
        with confined(room):
            read()
    except REFUSED as error:
        lines = str(error).split("\n")
        assert len(lines) <= 20
        assert all(line.isprintable() and len(line) < 2000 for line in lines), lines
        return error
    return None


def each(*uses: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what does one thing with a path after another, whichever of them are refused."""

    def done(path):
        for use in uses:
            with contextlib.suppress(*REFUSED):
                use(path)

    return done


@dataclass(frozen=True)
class Kind:
    """A kind of file, and what reads it.

    Attributes:
        name: of the file in a folder that is otherwise sound.
        read: is given its path.
        sound: such files, as they should be; the folder's own is one, if it has one.
        examples: how many to look at.
    """

    name: str
    read: Callable[[Path], object]
    sound: Sequence[bytes] = ()
    examples: int = 12


def fuzz(kind: Kind, folder: Path) -> None:
    """Read such a file, changed at random, time after time, in a folder that is the only one written to."""
    path = folder / kind.name
    own = [path.read_bytes()] if path.exists() else []

    @few(kind.examples)
    @given(spoiled([*kind.sound, *own]))
    def read(data):
        path.write_bytes(data)
        read_hostile(lambda: kind.read(path), folder)

    read()
