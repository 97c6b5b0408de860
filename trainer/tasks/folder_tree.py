"""What the folders of a task stand for: splits, classes, groups; and when nobody can tell."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NoReturn, get_args

from patterngen.common.spelling import one_spelling
from patterngen.storage.names import plain_name
from patterngen.storage.walk import subfolders
from trainer.errors import TrainerError
from trainer.tasks.contract import Split

_SPLITS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "dev": "valid",
    "development": "valid",
    "test": "test",
    "testing": "test",
}
_EVALUATION = ("eval", "evaluation")
"""What is tested, or what validates where something else is tested."""
_SUFFIX = re.compile(r"[ _-]?(set|split|data)$")
_NAMED = 5  # of many folders, so many are named


@dataclass(frozen=True)
class Reading:
    """What the folders of a root are.

    Attributes:
        splits: the folder of each split, in the order of their use; empty where the folders are the classes.
        notes: what is left out, and what is read otherwise than it is called.
    """

    splits: dict[Split, str]
    notes: tuple[str, ...]


def splits_by_name(names: Iterable[str]) -> dict[str, Split]:
    """Tell which names are those of splits, and of which.

    They are train, training; val, valid, validation, dev, development; test, testing; eval, evaluation: in
    any case, and with set, split or data behind them.
    """
    simple = {name: _SUFFIX.sub("", one_spelling(plain_name(name)).casefold()) for name in names}
    found = {name: _SPLITS[said] for name, said in simple.items() if said in _SPLITS}
    tested: Split = "valid" if "test" in found.values() else "test"
    return found | {name: tested for name, said in simple.items() if said in _EVALUATION}


def read_tree(root: Path, clips: Collection[PurePath], *, grouped: bool = False) -> Reading:
    """Tell whether the folders of a root are splits that hold classes, or the classes.

    Args:
        root: the folder.
        clips: the sound files below it, relative to it.
        grouped: its folders are the classes, and folders below them groups, however they are called.

    Raises:
        TrainerError: it can be read in two ways, or in none: names them, and what to do.
    """
    tree = _Tree(root, clips)
    named = splits_by_name(tree.inner)
    # A class may be called train: it is a vehicle, too.
    classes = grouped or not named or (len(tree.inner) > len(named) == 1 and not tree.deep(named))
    if classes:
        if not grouped:
            tree.check_classes()
        return Reading({}, tuple(tree.notes({})))
    tree.check_splits(named)
    order = sorted(named, key=lambda name: get_args(Split).index(named[name]))
    splits = {named[name]: name for name in order}
    return Reading(splits, tuple(tree.notes(splits)))


class _Tree:
    """The folders of a root that hold sound: the clips in each, by the folder in it that they lie in."""

    def __init__(self, root: Path, clips: Collection[PurePath]) -> None:
        self.root = root
        self.inner: dict[str, Counter[str]] = defaultdict(Counter)
        self.loose = 0
        for path in clips:
            if len(path.parts) == 1:
                self.loose += 1
            else:
                self.inner[path.parts[0]][path.parts[1] if len(path.parts) > 2 else ""] += 1

    def below(self, name: str) -> set[str]:
        """Return the folders within one."""
        return set(self.inner[name]) - {""}

    def deep(self, names: Iterable[str]) -> list[str]:
        """Return those that hold folders."""
        return [name for name in names if self.below(name)]

    def shared(self, names: Iterable[str]) -> list[str]:
        """Return the folders that lie in more than one."""
        count = Counter(inner for name in names for inner in self.below(name))
        return [inner for inner, times in count.items() if times > 1]

    def check_splits(self, named: dict[str, Split]) -> None:
        """Refuse what is called a split and has no classes, has a double, or may be a class."""
        deep, others = self.deep(named), self.inner.keys() - named.keys()
        splits = f"{_listed(named)} {'are splits' if len(named) > 1 else 'is a split'}"
        if len(deep) < len(named):
            flat = _listed(named.keys() - deep)
            remedy = f"put a folder for each class into {flat}"
            if deep:
                remedy += f", or give --root {self.root / deep[0]} to have its clips dealt into folds"
            self._two(f"{splits}, though no class folders lie in {flat}", remedy)
        for split in get_args(Split):
            same = [name for name in named if named[name] == split]
            if len(same) > 1:
                raise TrainerError(
                    f"{self.root}: {_listed(same)} are all the {split} split; keep one of them"
                )
        if others and not self.shared(named):
            self._two(f"{splits}, and no others", f"move {_listed(others)} out of {self.root}")
        held = {split: name for name, split in named.items()}
        for missing, use in (("test", "test on"), ("train", "learn from")):
            if missing not in held:
                other = held.get("valid")
                remedy = f"rename {other} to {missing}" if other else f"add {missing}"
                if len(named) == 1:
                    remedy += f", or give --root {self.root / deep[0]} to have its clips dealt into folds"
                raise TrainerError(f"{self.root}: {splits}, and there is none to {use}; {remedy}")

    def check_classes(self) -> None:
        """Refuse what holds classes, or may do, and so is none."""
        root, names = self.root, self.inner.keys()
        if len(names) == 1 and "" not in self.inner[(only := next(iter(names)))]:
            raise TrainerError(
                f"{root}: all clips lie below {only}; give --root {root / only} if "
                f"{_listed(self.below(only))} are the classes"
            )
        for name in names:
            if {"train", "test"} <= set((inner := splits_by_name(self.below(name))).values()):
                raise TrainerError(
                    f"{root}: the splits {_listed(inner)} lie in {name}; put classes into splits, as in "
                    f"{next(iter(inner))}/{name}, or list the clips in metadata.csv"
                )
            if "" not in self.inner[name] and (again := self.below(name) & names):
                self._two(f"{name} holds more clips of {_listed(again)}", f"move it out of {root}")
        # What has a number counts recordings, or speakers; what has none may well be a class.
        words = [inner for inner in self.shared(names) if not re.search(r"\d", inner)]
        if (
            len(words) > 1
            and len(self.deep(names)) == len(names)
            and not any("" in self.inner[n] for n in names)
        ):
            self._two(
                f"{_listed(words)} are the classes, in each of {_listed(names)}",
                "list the clips in metadata.csv, or give the splits their names",
            )

    def notes(self, splits: dict[Split, str]) -> Iterator[str]:
        """Say what is no clip of a class, and which splits are not called by their names."""
        if any(split != name for split, name in splits.items()):
            yield "read as splits: " + ", ".join(f"{name} ({split})" for split, name in splits.items())
        if splits and (beside := self.inner.keys() - set(splits.values())):
            yield f"left out, as they lie beside the splits: {_listed(beside)}"
        stray = self.loose + sum(self.inner[name][""] for name in splits.values())
        if stray:
            yield f"left out, as they lie in no folder of a class: {stray} clips"
        empty = [path.name for path in subfolders(self.root) if path.name not in self.inner]
        for name in splits.values():
            inside = subfolders(self.root / name)
            empty += [f"{name}/{path.name}" for path in inside if path.name not in self.below(name)]
        if empty:
            yield f"no classes, as no sound lies in them: {_listed(empty)}"

    def _two(self, reading: str, remedy: str) -> NoReturn:
        raise TrainerError(
            f"{self.root} can be read in two ways: either {reading} (then {remedy}), or the classes are "
            f"{_listed(self.inner)} (then say folder:below=groups)"
        )


def _listed(names: Iterable[str]) -> str:
    every = sorted(names)
    return ", ".join(every[:_NAMED]) + (f" and {len(every) - _NAMED} more" if len(every) > _NAMED else "")
