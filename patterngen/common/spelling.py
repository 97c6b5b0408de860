"""One spelling of what people wrote in a table or as a folder's name, and what only looks like one.

The same word may come as other characters: accents in two forms, blanks of many kinds, marks that nobody
sees.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from patterngen.errors import PatternGenError

_INVISIBLE = "\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Soft hyphen, zero-width space, word joiner, byte order mark, and marks for the direction of writing."""
_JOINERS = "\u200c\u200d"
"""Characters that part words of Persian and join emoji: they mean something between two others."""
_REMOVED = re.compile(f"[{_INVISIBLE}]")
_AROUND = re.compile(rf"^[\s{_INVISIBLE}{_JOINERS}]+|[\s{_INVISIBLE}{_JOINERS}]+$")
_UNSEEN = re.compile(f"[{_JOINERS}\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Joiners, and marks that choose between two pictures of a character."""
_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u03bf", "aeopcyxijsdho"
)
"""Small letters of Cyrillic, and one of Greek, that fonts draw as those of Latin; see Unicode's UTS 39."""


def trimmed(text: str) -> str:
    """Return a text without blanks and invisible characters around it."""
    return text.strip() if text.isascii() else _AROUND.sub("", text)


def one_spelling(text: str) -> str:
    """Return the one spelling of a label: in Unicode's form NFC, with single spaces between its words.

    Blanks of all kinds are spaces, and those around it are dropped. So are characters that nobody sees: the
    soft hyphen, zero-width spaces, byte order marks, marks for the direction of writing, and zero-width
    joiners at its ends, but not within. Upper and lower case stay. Applied twice, it changes nothing more.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", trimmed(_REMOVED.sub("", text)))
    return " ".join(text.split())


def look_alikes(labels: Iterable[str]) -> list[tuple[str, ...]]:
    """Gather labels that differ only in case, in characters that look alike, or in what nobody sees.

    Alike look compatible characters (ﬁ and fi), and letters of Latin, Cyrillic and Greek that have one shape.

    Returns:
        Groups of two or more, in the order of their first ones.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
        groups[_UNSEEN.sub("", folded).translate(_LATIN)].append(label)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def column_names(header: Sequence[str], where: str) -> list[str]:
    """Return the names of a table's columns in one spelling.

    Args:
        header: what stands in the table's first line.
        where: the table, as an error names it.

    Raises:
        PatternGenError: two columns of one name; those without a name are none.
    """
    names = [one_spelling(name) for name in header]
    for place, name in enumerate(names):
        if name and name in names[:place]:
            raise PatternGenError(f"{where}: two columns are called {name!r}; rename or remove one of them")
    return names
