"""Drum sounds of the kits that come with the Hydrogen drum machine (Debian's package hydrogen-drumkits)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NoReturn
from xml.etree import ElementTree

from patterngen.storage.names import find_named
from patterngen.storage.walk import subfolders
from trainer.errors import TrainerError
from trainer.tasks import debian, register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import table_or_refuse

_PACKAGE = "hydrogen-drumkits"
_INSTALLED = Path("usr/share/hydrogen/data/drumkits")
_LARGEST_XML = 4 << 20  # bytes; a kit of 80 instruments takes 27 thousand

# An instrument is known by its name alone, once remarks in brackets are dropped. What lies between two
# classes, or is another way to strike, is left out: the first rule that matches decides.
_HAT = r"(\b|hi-?)(hat|hh)\b"
_RULES: tuple[tuple[str, str | None], ...] = (
    (r"roll|flink|swish|choke|semi|half|pedal|foot|bell|cup", None),
    (r"crash.*ride|ride.*crash", None),
    (rf"(closed|\bcl\b).*{_HAT}|{_HAT}.*(closed|\bcl\b)", "closed hat"),
    (rf"(open|\bop\b).*{_HAT}|{_HAT}.*(open|\bop\b)", "open hat"),
    (r"kick|bass ?drum", "kick"),
    (r"snare", "snare"),
    (r"clap", "clap"),
    (r"\btom", "tom"),
    (r"\bcrash", "crash"),
    (r"\bride", "ride"),
)
CLASSES = tuple(sorted({label for _, label in _RULES if label}))

# Kits whose author signs with two names.
_SAME_AUTHOR = {"sineshine": "artemiolabs"}
_GROUPS = Grouping(what="kits", columns=("author", "kit"))


@register
@dataclass(frozen=True, kw_only=True)
class Drums:
    """Single drum hits, of kits that training has not seen.

    Args:
        folds: how many; an author's kits are never in two of them.
        per_kit: at most so many clips of a class from one kit, evenly out of its velocity layers, so that
            richly sampled kits do not outweigh the others.
    """

    name: ClassVar[str] = "drums"
    licence: ClassVar[str] = "GPL, CC BY, CC BY-SA, CC0, by kit"
    source: ClassVar[str] = "Debian's package hydrogen-drumkits"
    published: ClassVar[Published] = Published(
        classes=len(CLASSES), seconds=1.0, parts="5 folds of authors of kits"
    )

    folds: int = 5
    per_kit: int = 8

    def __post_init__(self) -> None:
        for setting, least in (("folds", 2), ("per_kit", 1)):
            if getattr(self, setting) < least:
                raise TrainerError(f"drums: {setting} = {getattr(self, setting)} must be at least {least}")

    def load(self, root: Path) -> Task:
        """Read the unpacked package, the folder of its kits, or a folder with metadata.csv."""
        tables = kit_tables(root)
        if tables:
            found = Grouped(self._published(tables))
        else:
            expected = f"{_INSTALLED}/KIT/drumkit.xml or KIT/drumkit.xml"
            found = table_or_refuse(root, self.name, expected, _GROUPS)
        # A second holds the strike and enough of a cymbal's decay.
        return Task(self.name, found.clips, clip_seconds=1.0, notes=found.notes)

    def _published(self, tables: list[Path]) -> tuple[Clip, ...]:
        by_author: dict[str, list[tuple[Path, str]]] = defaultdict(list)
        for table in tables:
            author, sounds = read_kit(table)
            for label, files in sounds.items():
                kept = [files[i * len(files) // self.per_kit] for i in range(self.per_kit)]
                by_author[author] += [(file, label) for file in dict.fromkeys(kept)]
        # The author with most clips goes first, each into the fold that has fewest: even folds, greedily.
        sizes = [0] * self.folds
        clips = []
        for author, hits in sorted(by_author.items(), key=lambda item: (-len(item[1]), item[0])):
            fold = sizes.index(min(sizes))
            sizes[fold] += len(hits)
            clips += [Clip(file, label, fold + 1, group=author) for file, label in hits]
        return tuple(sorted(clips, key=lambda clip: clip.path))


def fetch(cache: Path | None = None) -> Path:
    """Download and unpack Debian's package once, without root; return the folder to load the task from.

    Args:
        cache: where to; by default ``$XDG_CACHE_HOME/patterngen``.

    Raises:
        TrainerError: as `trainer.tasks.debian.fetch`.
    """
    return debian.fetch(_PACKAGE, cache or debian.cache_folder())


def kit_tables(root: Path) -> list[Path]:
    """Return the ``drumkit.xml`` of every kit in the unpacked package or the folder of its kits, sorted."""
    kits = root / _INSTALLED if (root / _INSTALLED).is_dir() else root
    return [table for kit in subfolders(kits) if (table := kit / "drumkit.xml").is_file()]


def classify(instrument: str) -> str | None:
    """Return the class of an instrument's name, or None if it is none of the eight or between them."""
    name = re.sub(r"\(.*?\)", "", instrument).lower().replace("_", " ")
    return next((label for pattern, label in _RULES if re.search(pattern, name)), None)


def read_kit(table: Path) -> tuple[str, dict[str, list[Path]]]:
    """Read a ``drumkit.xml``.

    Returns:
        The author, in lower case without addresses and co-authors, and the sound files of each class.

    Raises:
        TrainerError: not a kit's XML, one that declares a document type (entities can grow without bound), a
            sound file outside the kit's folder, or one that does not exist.
    """
    kit = _parse(table)
    sounds: dict[str, list[Path]] = defaultdict(list)
    taken = set()  # instruments may share their files
    for instrument in kit.iterfind(".//{*}instrument"):
        label = classify(instrument.findtext("{*}name") or "")
        if label is None:
            continue
        for file in _files(table, instrument):
            if file not in taken:
                taken.add(file)
                sounds[label].append(file)
    author = re.split(r"[<\[(@/,.]", (kit.findtext("{*}author") or "unknown").lower())[0].strip()
    return _SAME_AUTHOR.get(author, author), dict(sounds)


def _files(table: Path, instrument: ElementTree.Element) -> Iterator[Path]:
    folder = table.parent
    for element in instrument.iterfind(".//{*}filename"):
        file = folder / (element.text or "").strip()
        if not file.resolve().is_relative_to(folder.resolve()):
            raise TrainerError(
                f"{table}: {element.text!r} lies outside the kit's folder; do not use this kit"
            )
        (found,) = find_named([file])
        if found is None:
            raise TrainerError(f"{table}: the sound {element.text!r} does not exist; unpack the kit again")
        yield found


class _NoDocumentType(ElementTree.TreeBuilder):
    """Builds the tree, but refuses to begin on a document type."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:
        raise ValueError("it declares a document type")


def _parse(table: Path) -> ElementTree.Element:
    if table.stat().st_size > _LARGEST_XML:
        raise TrainerError(f"{table}: {table.stat().st_size} bytes is too long for a drum kit; remove it")
    try:
        parser = ElementTree.XMLParser(target=_NoDocumentType())  # noqa: S314 - no entities without a document type
        return ElementTree.parse(table, parser).getroot()  # noqa: S314
    except (ElementTree.ParseError, ValueError) as error:
        raise TrainerError(f"{table}: cannot be read as a drum kit ({error}); remove or repair it") from None
