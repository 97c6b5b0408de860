"""The table beside the clips: ``metadata.csv`` with ``file_name``, ``label`` and ``fold`` or ``split``."""

import csv
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NoReturn, cast, get_args

from trainer.errors import TrainerError
from trainer.tasks.contract import Clip, Split

METADATA = "metadata.csv"


def refuse_layout(root: Path, task: str, expected: str) -> NoReturn:
    """Raise the error for a folder in another layout: what was expected, what is there."""
    found = sorted(child.name + "/" * child.is_dir() for child in islice(root.iterdir(), 1000))
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    there = ", ".join(found[:5]) + more or "an empty folder"
    raise TrainerError(f"{root} is not the task {task}: expected {expected}; found {there}")


def read_table(path: Path, required: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file with a header.

    Returns:
        Each row with the number of its line.

    Raises:
        TrainerError: unreadable, without rows, without one of the required columns, or a row with
            more or fewer cells than columns.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = reader.fieldnames or []
            missing = [name for name in required if name not in columns]
            if missing:
                raise TrainerError(
                    f"{path}: expected the columns {', '.join(required)}; {', '.join(missing)} missing among "
                    f"{', '.join(columns) or 'no columns at all'}"
                )
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainerError(f"{path}: cannot be read as a CSV table in UTF-8 ({error})") from None
    if not rows:
        raise TrainerError(f"{path}: the table has a header and no rows; list one clip per row")
    for line, row in rows:
        if None in row or None in row.values():
            raise TrainerError(
                f"{path} line {line}: expected {len(columns)} cells; a cell that holds a comma needs quotes"
            )
    return rows


def clips_of_table(root: Path, *, label: str = "label") -> tuple[Clip, ...]:
    """Read ``metadata.csv`` of a folder; file names are relative to the folder.

    Args:
        root: the folder.
        label: the column that holds the labels.

    Raises:
        TrainerError: no such table, wrong columns, a row without label, fold or split, or files that are
            listed and missing.
    """
    path = root / METADATA
    if not path.is_file():
        refuse_layout(root, "csv", f"{METADATA} (columns file_name, {label}, and fold or split)")
    rows = read_table(path, ("file_name", label))
    columns = rows[0][1]
    if not {"fold", "split"} & set(columns):
        raise TrainerError(f"{path}: expected a column fold (integer) or split; found {', '.join(columns)}")
    return require_files([_clip(root, row, label, f"{path} line {line}") for line, row in rows], path)


def require_files(clips: Sequence[Clip], listed_in: Path) -> tuple[Clip, ...]:
    """Return the clips if every file exists.

    Raises:
        TrainerError: names the first missing file and counts the others.
    """
    missing = [clip.path for clip in clips if not clip.path.is_file()]
    if missing:
        raise TrainerError(
            f"{listed_in} lists {len(missing)} of {len(clips)} files that do not exist, first {missing[0]}; "
            "complete the folder or remove their rows"
        )
    return tuple(clips)


def _clip(root: Path, row: Mapping[str, str], label: str, where: str) -> Clip:
    for column in ("file_name", label):
        if not row[column].strip():
            raise TrainerError(f"{where}: {column} is empty")
    fold, split = parse_fold(row["fold"], where) if "fold" in row else None, None
    if fold is None:
        split = _split(row["split"], where)
    return Clip(root / row["file_name"], row[label].strip(), fold, split)


def parse_fold(text: str, where: str) -> int:
    """Read a fold's number.

    Raises:
        TrainerError: not an integer; ``where`` names the row.
    """
    try:
        return int(text)
    except ValueError:
        raise TrainerError(f"{where}: fold = {text!r} must be an integer") from None


def _split(text: str, where: str) -> Split:
    if text not in get_args(Split):
        raise TrainerError(f"{where}: split = {text!r} must be one of {', '.join(get_args(Split))}")
    return cast("Split", text)
