"""The versions of a dataset folder's format, and the one line that refuses a newer one.

1. Nothing says its version: neither ``job.yaml`` nor a marker has the key. Seeds of pictures have 63 bits.
2. ``format_version: 2`` stands in ``job.yaml`` and in every marker. Seeds of pictures have 53 bits, and an
   integer in a picture's ``params`` that has more is a text: jq, JavaScript and whatever else reads JSON into
   float64 keeps them all.

A folder stays of the version that it was begun in; its jobs, shards and copies carry that version on.
"""

from collections.abc import Mapping

from patterngen._version import __version__
from patterngen.common.yaml_text import parse_yaml
from patterngen.errors import PatternGenError
from patterngen.storage.places import Place, read_bounded

FIRST, NEWEST = 1, 2
KEY = "format_version"
JOB_FILE = "job.yaml"

EXACT = 2**53
"""Integers below it, and no others, are all float64 numbers."""

_MAX_BYTES = 1 << 20


class NewerFormatError(PatternGenError):
    """A folder of a version that is not known yet: nothing in it is damaged, nothing may be mended."""


def version_in(values: Mapping[str, object], where: object) -> int:
    """Return the version that a marker or a job's file states, the first one if it states none.

    Args:
        values: what stands in it.
        where: it lies, for the message.

    Raises:
        NewerFormatError: a version that is not known yet.
        ValueError: something that is no version.
    """
    version = values.get(KEY, FIRST)
    if type(version) is not int or version < FIRST:
        raise ValueError(f"{KEY} {version!r} is no version")
    if version > NEWEST:
        raise NewerFormatError(
            f"{where} is of dataset format {version}, and patterngen {__version__} knows formats {FIRST} to "
            f"{NEWEST}: install a newer one (pip install -U patterngen)"
        )
    return version


def begun_in(folder: Place) -> int | None:
    """Return the version that a folder's job file states; None where no job file tells.

    Raises:
        NewerFormatError: a version that is not known yet.
    """
    try:
        values = parse_yaml(read_bounded(folder / JOB_FILE, _MAX_BYTES).decode(), JOB_FILE)
        return version_in(values, folder) if isinstance(values, Mapping) else None
    except NewerFormatError:
        raise
    except (OSError, ValueError, PatternGenError):  # another's file, or none
        return None


def exact(value: int) -> int | str:
    """Return an integer for a JSON file: as a text where a reader of float64 would change it."""
    return value if abs(value) < EXACT else str(value)
