"""Which class ids of a dataset belong to which family: ``classes.json`` of its folder."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from patterngen.errors import PatternGenError
from patterngen.storage.files import write_atomic
from patterngen.storage.places import Place, read_bounded
from patterngen.storage.texts import parse_json

CLASSES_FILE = "classes.json"
_MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class ClassRange:
    """The class ids of one family: first_class … first_class + num_classes − 1."""

    family: str
    """The family, as manifests give it."""
    first_class: int
    num_classes: int

    def __str__(self) -> str:
        last = self.first_class + self.num_classes - 1
        return str(last) if self.num_classes == 1 else f"{self.first_class} … {last}"


def count_classes(ranges: Iterable[ClassRange]) -> int:
    """Return how many class ids there are, from 0 to the last of any range; 1 if there are no ranges."""
    return max((one.first_class + one.num_classes for one in ranges), default=1)


def write_classes(folder: Place, ranges: Iterable[ClassRange]) -> None:
    """Write the table of classes; it appears whole or not at all."""
    rows = [asdict(one) for one in ranges]
    write_atomic(folder / CLASSES_FILE, (json.dumps(rows, indent=1) + "\n").encode())


def read_classes(folder: Place) -> tuple[ClassRange, ...]:
    """Read the table of classes, in the order of their ids; empty for a folder that has none.

    Raises:
        PatternGenError: the file is no such table.
    """
    path = folder / CLASSES_FILE
    try:
        rows = parse_json(read_bounded(path, _MAX_BYTES))
        return tuple(ClassRange(str(r["family"]), int(r["first_class"]), int(r["num_classes"])) for r in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise PatternGenError(
            f"{path} is damaged ({error!r}); delete it, and `render` writes it anew"
        ) from None
