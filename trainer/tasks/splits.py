"""Who may be learned from: published lists of splits, and our own where a dataset publishes none."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from patterngen.storage.names import plain_name
from trainer.errors import TrainerError
from trainer.tasks.contract import Split
from trainer.tasks.metadata import parse_split, read_table


def listed_splits(table: Path, column: str) -> dict[str, Split]:
    """Read which split each value of a table's column has; of names, as `plain_name` writes them.

    Args:
        table: a CSV file with this column and ``split``.
        column: what is split: files, speakers, tones.

    Raises:
        TrainerError: no such table, or a value in two splits.
    """
    splits: dict[str, Split] = {}
    for line, row in read_table(table, (column, "split")):
        where = f"{table} line {line}"
        split = parse_split(row["split"], where)
        name = plain_name(row[column])
        if splits.setdefault(name, split) != split:
            raise TrainerError(f"{where}: {name} is in {split} and in {splits[name]}")
    return splits


def own_splits(groups: Iterable[str], *, train: float, valid: float) -> dict[str, Split]:
    """Split groups of clips: the same ones on every machine, whatever the order in which they are found.

    They are ordered by the SHA-256 of their names; the first ⌊train·n⌋ are learned from, the next ⌊valid·n⌋
    validate, the rest is tested.

    Args:
        groups: names of speakers, uploaders, tones.
        train: share of the groups to learn from.
        valid: share of the groups to validate with.
    """
    order = sorted(set(groups), key=lambda name: hashlib.sha256(name.encode()).digest())
    learned = int(train * len(order))
    validated = learned + int(valid * len(order))
    return {
        name: "train" if i < learned else "valid" if i < validated else "test" for i, name in enumerate(order)
    }


def split_of(splits: dict[str, Split], name: str, table: Path) -> Split:
    """Return a name's split.

    Raises:
        TrainerError: the table does not list it.
    """
    if name not in splits:
        raise TrainerError(f"{table} does not list {name}, of which there are clips; add it or remove them")
    return splits[name]
