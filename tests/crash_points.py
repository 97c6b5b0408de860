"""Every state in which a crash can leave a folder, while something is written there.

`recorded` watches one run. Before each operation that changes the folder for good, and after the last, it
takes down what a killed process would leave. A machine that loses its power leaves less: what was written to
a file since its last fsync may be lost, wholly or from the middle on, and of the renames and removals since
the last fsync of their folder any may not have come to the disk, whatever their order, as POSIX allows.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.operations import Operation, watched

MOST_REORDERED = 4
"""Operations on a folder that may be pending at a time, of which every subset is tried."""


@dataclass(frozen=True)
class Pending:
    """A rename or a removal that is not on the disk yet, and what stood there before."""

    target: Path
    source: Path | None
    before: bytes | None

    def undo(self, files: dict[Path, bytes]) -> None:
        moved = files.pop(self.target, None)
        if self.source is not None and moved is not None:
            files[self.source] = moved
        if self.before is not None:
            files[self.target] = self.before


@dataclass
class Recorder:
    """What is known of a folder while it is written to."""

    folder: Path
    states: list[dict[Path, bytes]] = field(default_factory=list)
    points: int = 0
    _synced: dict[int, bytes] = field(default_factory=dict)
    _pending: list[Pending] = field(default_factory=list)

    def point(self) -> None:
        """Take down every state that a crash at this moment can leave; equal ones count once."""
        self.points += 1
        files = {path.relative_to(self.folder): path.read_bytes() for path in _files(self.folder)}
        written = {
            path.relative_to(self.folder): self._synced.get(path.stat().st_ino)
            for path in _files(self.folder)
        }
        unsynced = [name for name, data in files.items() if written[name] != data]
        for lost in (None, 0.0, 0.5) if unsynced else (None,):
            content = dict(files)
            if lost is not None:
                content |= {name: _left(files[name], written[name], lost) for name in unsynced}
            assert len(self._pending) <= MOST_REORDERED, "a folder is brought to the disk too seldom"
            for kept in itertools.product((True, False), repeat=len(self._pending)):
                state = dict(content)
                for operation, keep in reversed([*zip(self._pending, kept, strict=True)]):
                    if not keep:
                        operation.undo(state)
                if state not in self.states:
                    self.states.append(state)

    def before(self, operation: Operation) -> None:
        """Take down the states, then what the operation, which is about to be done, makes of them."""
        self.point()
        target, source = operation.target, operation.source
        if operation.kind == "fsync":
            self.synced(target)
        else:
            before = target.read_bytes() if target.is_file() else None
            moved = source and source.relative_to(self.folder)
            self._pending.append(Pending(target.relative_to(self.folder), moved, before))

    def synced(self, path: Path) -> None:
        if path.is_dir():
            inside = path.relative_to(self.folder)
            self._pending = [one for one in self._pending if one.target.parent != inside]
        else:
            self._synced[path.stat().st_ino] = path.read_bytes()


def recorded(folder: Path, work: Callable[[], object]) -> Recorder:
    """Do some work that writes below a folder; return what a crash could have left there at any moment."""
    recorder = Recorder(folder)
    for path in _files(folder):  # what was there before is on the disk
        recorder.synced(path)

    with watched(folder, recorder.before):
        work()
    recorder.point()
    return recorder


def restored(states: list[dict[Path, bytes]], folder: Path) -> Iterator[Path]:
    """Make each state anew, in one folder `set` after another, which is removed behind it."""
    for number, state in enumerate(states):
        place = folder / str(number) / "set"
        place.mkdir(parents=True)
        for name, data in state.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        yield place
        shutil.rmtree(place)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _left(data: bytes, synced: bytes | None, share: float) -> bytes:
    """Return what is left of a file when a share of what it got since its last fsync came to the disk."""
    known = len(synced) if synced is not None and data.startswith(synced) else 0
    return data[: known + int(share * (len(data) - known))]
