"""What clips share, as columns of a table or names of files tell: a speaker, a recording, an instrument."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from trainer.tasks.contract import Clip

COLUMNS: Mapping[str, str] = {
    "group": "groups",
    "speaker": "speakers",
    "speaker_id": "speakers",
    "actor": "actors",
    "singer": "singers",
    "patient": "patients",
    "patient_id": "patients",
    "subject": "subjects",
    "recording": "recordings",
    "recording_id": "recordings",
    "uploader": "uploaders",
    "artist": "artists",
    "instrument": "instruments",
    "program": "instruments",
}
"""Columns that are taken for groups, the first one before the others, and what their values are called."""


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """How a dataset tells what its clips share.

    Attributes:
        what: what the groups are called, in the plural.
        columns: names of columns that hold the groups, to be looked for before `COLUMNS`.
        file: matches somewhere in a file's name, which is relative to the table, and has a part ``group``;
            None where names tell nothing.
    """

    what: str = "groups"
    columns: tuple[str, ...] = ()
    file: re.Pattern[str] | None = None

    def named(self, file_name: str) -> str | None:
        """Return the group that a file's name tells, if it does."""
        found = self.file.search(file_name) if self.file else None
        return found["group"] if found else None


UNKNOWN = Grouping()
"""A table of whose file names nothing is known."""


@dataclass(frozen=True)
class Grouped:
    """Clips with their groups, and one sentence on where these come from."""

    clips: tuple[Clip, ...]
    notes: tuple[str, ...] = field(default=())


def with_groups(
    clips: Sequence[Clip],
    rows: Sequence[Mapping[str, str]],
    grouping: Grouping = UNKNOWN,
    *,
    asked: str | None = None,
) -> Grouped:
    """Give clips their groups: by the asked column, else by the first that tells any, else by file names.

    A column in which every label has one value alone says no more than the label: who speaks, where that is
    what is asked for. Clips cannot be held out by it, and it is passed over.

    Args:
        clips: as a table lists them.
        rows: of the table, one for each.
        grouping: how the dataset tells.
        asked: the column to take, whatever it says.
    """
    columns = dict.fromkeys(grouping.columns, grouping.what) | dict(COLUMNS)
    sources: dict[str, tuple[Sequence[str | None], str]] = {
        f"column {name!r}": ([row[name] for row in rows], columns.get(name, "groups"))
        for name in ((asked,) if asked else columns)
        if name in rows[0]
    }
    if grouping.file and not asked:
        sources["names of the files"] = [grouping.named(row["file_name"]) for row in rows], grouping.what
    idle = ""
    for source, (names, what) in sources.items():
        grouped = tuple(replace(clip, group=name) for clip, name in zip(clips, names, strict=True))
        count = len({clip.group for clip in grouped} - {None})
        told = f"groups: {count} {what} by the {source}"
        if not says_no_more_than_labels(grouped):
            return Grouped(grouped, (told,))
        if asked:
            return Grouped(
                grouped, (f"{told}; every class lies in one of them and cannot be held out by it",)
            )
        idle = idle or (f" (the labels say all that the {source} would)" if count else "")
    return Grouped(tuple(clips), (none_known(idle),))


def none_known(more: str = "") -> str:
    """Say that nothing is known of what clips share, and what follows."""
    return (
        f"groups: none known{more}; validation clips may share a speaker or a recording with training clips, "
        "and intervals take each clip for itself"
    )


def says_no_more_than_labels(clips: Sequence[Clip]) -> bool:
    """Tell whether all clips of a label are of one group, for every label; so it is where there are none."""
    groups: dict[str, set[str | None]] = defaultdict(set)
    for clip in clips:
        for label in clip.labels:
            groups[label].add(clip.group)
    return all(len(found) == 1 for found in groups.values())
