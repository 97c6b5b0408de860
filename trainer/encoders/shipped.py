"""Encoders that come with the package, and the one way from what people write to where an encoder lies."""

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from trainer import digests
from trainer.errors import TrainerError

PINNED = "SHA256SUMS"
"""List of shipped files, as ``sha256sum`` writes it: it alone says what is shipped, and in which order."""
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^/]+)/([^/]+)")
NONE = "this version of the package comes without encoders"


def list_encoders() -> list[str]:
    """Return the names of the encoders that come with the package; the first is the default wherever one is.

    Examples:
        >>> import trainer
        >>> names = trainer.list_encoders()
        >>> len(names) == len(set(names))
        True
    """
    return list(_pinned())


def default_encoder() -> str:
    """Return the name of the encoder that is taken where none is named: the first that is shipped.

    Raises:
        TrainerError: none is.
    """
    names = list_encoders()
    if not names:
        raise TrainerError(f"no encoder was named, and {NONE}: give a run or an exported folder")
    return names[0]


def located(source: str | Path) -> Path:
    """Return where an encoder lies: the path that was given, or the folder of a shipped encoder of that name.

    What lies under the path goes first, so a folder of the user's is never hidden by a shipped name. Whether
    there is an encoder is not asked.
    """
    path = Path(source)
    return shipped_folder() / path if str(path) in _pinned() and not path.exists() else path


def not_there(source: str | Path) -> TrainerError:
    """Build the error for a source that is neither a path nor a shipped name; the closest are offered."""
    said = f"{source}: no such run, checkpoint or exported encoder"
    if Path(source).name != str(source):  # a path, which was not meant as a name
        return TrainerError(said)
    names = list_encoders()
    if not names:
        return TrainerError(f"{said}; {NONE}")
    close = get_close_matches(str(source), names, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    return TrainerError(f"{said}; {meant}Shipped are {', '.join(names)}")


def check_as_shipped(folder: Path) -> None:
    """Compare the files of a shipped encoder with their pinned SHA-256; other folders are not looked at.

    Raises:
        TrainerError: a file is missing or another one.
    """
    if folder.parent != shipped_folder():
        return
    for name, expected in _pinned().get(folder.name, {}).items():
        try:
            found = digests.of_file(folder / name)
        except OSError as error:
            raise TrainerError(f"{folder / name}: {error.strerror}; install the package again") from None
        if found != expected:
            raise TrainerError(
                f"{folder / name}: not what was shipped as {folder.name}: its SHA-256 is {found[:12]}…, that "
                f"of what was shipped {expected[:12]}…; install the package again"
            )


@cache
def shipped_folder() -> Path:
    """Return the folder of the encoders: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "shipped"
    return installed if installed.is_dir() else package.parent / "encoders"


def _pinned() -> dict[str, dict[str, str]]:
    """Return the pinned SHA-256 of files, by encoder and file, in the order of the list."""
    file = shipped_folder() / PINNED
    found: dict[str, dict[str, str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        entry = _LINE.fullmatch(line)
        if entry is None:
            raise TrainerError(f"{file}: damaged: {line!r} is no SHA-256 of FOLDER/FILE; install it again")
        digest, encoder, name = entry.groups()
        found.setdefault(encoder, {})[name] = digest
    return found
