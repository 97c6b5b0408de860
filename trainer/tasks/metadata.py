"""The table beside the clips: ``metadata.csv`` with ``file_name``, ``label``, perhaps ``fold`` or ``split``.

Other columns may name what clips share, a speaker or the recording they were cut from: see
`trainer.tasks.groups`.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NoReturn, cast, get_args

from patterngen.common.spelling import column_names, one_spelling, trimmed
from patterngen.escape import as_text
from patterngen.storage.names import find_named
from patterngen.storage.texts import read_text
from trainer.errors import TrainerError
from trainer.tasks.contract import Clip, Split
from trainer.tasks.folds import dealt
from trainer.tasks.groups import UNKNOWN, Grouped, Grouping, with_groups

METADATA = "metadata.csv"
SEPARATOR = ";"
"""What stands between the labels of a clip; commas belong to the names of classes."""
_LONGEST = 300  # characters of a path that an error shows


def refuse_layout(root: Path, task: str, expected: str) -> NoReturn:
    """Raise the error for a folder in another layout: what was expected, what is there."""
    found = sorted(as_text(child.name) + "/" * child.is_dir() for child in islice(root.iterdir(), 1000))
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    there = ", ".join(found[:5]) + more or "an empty folder"
    raise TrainerError(f"{root} is not laid out as the task {task!r}: expected {expected}; found {there}")


def read_table(
    path: Path, required: Sequence[str], *, as_written: str | None = None
) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file with a header.

    Args:
        path: the file.
        required: columns that it must have; others may be there, too.
        as_written: a column whose cells keep the blanks around them, for `listed_file`.

    Returns:
        Each row with the number of its line, without blanks and invisible characters around its cells.

    Raises:
        PatternGenError: two columns of one name.
        TrainerError: unreadable, without rows, without one of the required columns, or a row with more or
            fewer cells than columns.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
        reader.fieldnames = columns = column_names(reader.fieldnames or [], str(path))
        missing = [name for name in required if name not in columns]
        if missing:
            raise TrainerError(
                f"{path}: expected the columns {', '.join(required)}; {', '.join(missing)} missing among "
                f"{', '.join(columns) or 'no columns at all'}"
            )
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        raise TrainerError(f"{path}: cannot be read as a CSV table in UTF-8 ({error})") from None
    if not rows:
        raise TrainerError(f"{path}: the table has a header and no rows; list one clip per row")
    for line, row in rows:
        if None in row or None in row.values():
            raise TrainerError(
                f"{path} line {line}: expected {len(columns)} cells; a cell that holds a comma needs quotes"
            )
        for name in columns:
            row[name] = row[name] if name == as_written else trimmed(row[name])
    return rows


def listed_file(folder: Path, name: str) -> Path:
    """Return the file that a table calls by a name; blanks around it may be the file's or the table's own."""
    exact, short = folder / name, folder / trimmed(name)
    return exact if exact == short or next(find_named([exact])) else short


def read_lines(path: Path) -> list[str]:
    """Read a list: a name on each line, in UTF-8; empty lines stay, so that lines can be numbered.

    Raises:
        TrainerError: it cannot be read.
    """
    try:
        return [trimmed(line) for line in read_text(path).splitlines()]
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read as a list in UTF-8 ({error})") from None


def clips_of_table(
    root: Path,
    *,
    label: str = "label",
    separator: str = SEPARATOR,
    group: str | None = None,
    grouping: Grouping = UNKNOWN,
    folds: int | None = None,
) -> Grouped:
    """Read ``metadata.csv`` of a folder; file names are relative to the folder.

    Args:
        root: the folder.
        label: the column that holds the labels.
        separator: what stands between the labels of a clip; where any clip has several, the task is
            multi-label.
        group: the column that names what clips share; by default the one that `with_groups` finds.
        grouping: how the dataset tells what they share.
        folds: how many clips are dealt into where the table has no column fold or split; None refuses it.

    Raises:
        PatternGenError: two columns of one name.
        TrainerError: no such table, wrong columns, both fold and split, a row without label, fold or split,
            or files that are listed and missing.
    """
    path = root / METADATA
    if not path.is_file():
        refuse_layout(root, "csv", f"{METADATA} (columns file_name, {label}, and fold or split if any)")
    label, group = one_spelling(label), one_spelling(group or "")
    rows = read_table(path, ("file_name", label, *filter(None, [group])), as_written="file_name")
    part = _part_column(rows, path, needed=folds is None)
    several = separator if any(separator in row[label] for _, row in rows) else None
    clips = [_clip(root, row, label, part, several, f"{path} line {line}") for line, row in rows]
    grouped = with_groups(clips, [row for _, row in rows], grouping, asked=group)
    found = require_files(grouped.clips, path)
    if part or folds is None:
        return replace(grouped, clips=found)
    in_order = sorted(found, key=lambda clip: (clip.group or "", clip.path))
    told = f"folds: {folds}, dealt by the names of the files (the table has no column fold or split)"
    return Grouped(dealt(in_order, folds), (*grouped.notes, told))


def _part_column(rows: Sequence[tuple[int, dict[str, str]]], path: Path, *, needed: bool) -> str | None:
    """Return the column that says which part of the task a clip belongs to, ``fold`` or ``split``, if any."""
    columns = rows[0][1]
    found = [name for name in ("fold", "split") if name in columns]
    if not found:
        if needed:
            raise TrainerError(
                f"{path}: expected a column fold (integer) or split; found {', '.join(columns)}; "
                "`--task csv` does without"
            )
        return None
    filled = [name for name in found if any(row[name] for _, row in rows)]
    if len(filled) > 1:
        raise TrainerError(
            f"{path}: has a column fold and a column split, and a task is evaluated by one of them; rename "
            "or remove the other"
        )
    return (filled or found)[0]


def table_or_refuse(
    root: Path, task: str, expected: str, grouping: Grouping = UNKNOWN, *, separator: str = SEPARATOR
) -> Grouped:
    """Read ``metadata.csv`` of a folder that is not in a task's published layout.

    Args:
        root: the folder.
        task: its name.
        expected: the published layout, in words.
        grouping: how the dataset tells what clips share.
        separator: as in `clips_of_table`.

    Raises:
        TrainerError: there is no such table either: says what was expected and what is there.
    """
    if not (root / METADATA).is_file():
        refuse_layout(root, task, f"{expected}, or {METADATA}")
    return clips_of_table(root, separator=separator, grouping=grouping)


def require_files(clips: Sequence[Clip], listed_in: Path | str) -> tuple[Clip, ...]:
    """Return the clips if every file exists, under the names that the files have (see `find_named`).

    Args:
        clips: what a table lists.
        listed_in: the table, or in words a list that is published apart from the clips.

    Raises:
        TrainerError: names the first missing file and counts the others.
    """
    found = list(find_named([clip.path for clip in clips]))
    missing = [str(clip.path) for clip, path in zip(clips, found, strict=True) if path is None]
    if missing:
        first = missing[0] if len(missing[0]) <= _LONGEST else f"{missing[0][:_LONGEST]}…"
        raise TrainerError(
            f"{listed_in} lists {len(missing)} of {len(clips)} files that do not exist, first {first}; "
            f"complete the folder{' or remove their rows' * isinstance(listed_in, Path)}"
        )
    return tuple(
        clip if path is None or path == clip.path else replace(clip, path=path)
        for clip, path in zip(clips, found, strict=True)
    )


def _clip(
    root: Path, row: Mapping[str, str], label: str, part: str | None, separator: str | None, where: str
) -> Clip:
    for column in ("file_name", label):
        if not trimmed(row[column]):
            raise TrainerError(f"{where}: {column} is empty")
    fold = parse_fold(row[part], where) if part == "fold" else None
    split = parse_split(row[part], where) if part == "split" else None
    labels = row[label] if separator is None else several_labels(row[label], separator)
    return Clip(listed_file(root, row["file_name"]), labels, fold, split)


def several_labels(text: str, separator: str) -> tuple[str, ...]:
    """Return the labels of a clip, without blanks around them; an empty one is none."""
    return tuple(filter(None, map(trimmed, text.split(separator))))


def parse_fold(text: str, where: str) -> int:
    """Read a fold's number.

    Raises:
        TrainerError: not an integer; ``where`` names the row.
    """
    try:
        return int(text)
    except ValueError:
        raise TrainerError(f"{where}: fold = {text!r} must be an integer") from None


def parse_split(text: str, where: str) -> Split:
    """Read a split's name.

    Raises:
        TrainerError: none of train, valid, test; ``where`` names the row.
    """
    if text not in get_args(Split):
        raise TrainerError(f"{where}: split = {text!r} must be one of {', '.join(get_args(Split))}")
    return cast("Split", text)
