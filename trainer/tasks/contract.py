"""What a task is: clips of sound, their labels, and which of them may be learned from."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from patterngen.common.spelling import look_alikes, one_spelling
from trainer.errors import TrainerError

Split = Literal["train", "valid", "test"]
Indices = NDArray[np.int64]
_NAMED = 5  # of many classes that look alike, so many are named


@dataclass(frozen=True)
class Clip:
    """One recording.

    Attributes:
        path: the audio file.
        label: class, in the one spelling that `one_spelling` gives any text; a tuple of classes, even of one,
            makes the task multi-label.
        fold: which fold it is held out with, or None if the task has fixed splits.
        split: fixed split, or None if the task has folds.
        group: what it shares with other clips and would give an answer away: its speaker, its instrument, the
            recording it was cut from, in one spelling too. None where the dataset does not say.
    """

    path: Path
    label: str | tuple[str, ...]
    fold: int | None = None
    split: Split | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.label, str):
            label: str | tuple[str, ...] = one_spelling(self.label)
        else:
            label = tuple(dict.fromkeys(map(one_spelling, self.label)))
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "group", one_spelling(self.group or "") or None)

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes of the clip."""
        return (self.label,) if isinstance(self.label, str) else self.label

    @property
    def part(self) -> str:
        """The part of the task it belongs to: ``fold 3`` or ``test``."""
        return str(self.split) if self.fold is None else f"fold {self.fold}"


@dataclass(frozen=True)
class Fold:
    """One evaluation: indices into the task's clips; ``valid`` is None where the task sets none aside."""

    name: str
    train: Indices
    valid: Indices | None
    test: Indices


@dataclass(frozen=True, kw_only=True)
class Published:
    """What a dataset holds as published; None and empty where that is the user's to know.

    Attributes:
        clips: how many take part in the evaluation.
        classes: how many labels.
        seconds: the length at which the field evaluates a clip.
        parts: how it is split.
        multi_label: whether a clip may have several labels.
    """

    clips: int | None = None
    classes: int | None = None
    seconds: float | None = None
    parts: str = ""
    multi_label: bool = False

    @property
    def hours(self) -> float | None:
        """About how much sound that is."""
        return None if self.clips is None or self.seconds is None else self.clips * self.seconds / 3600


@dataclass(frozen=True)
class Task:
    """Clips with labels and the folds or splits of their publication.

    Attributes:
        name: the task's name.
        clips: N recordings: all with a fold, or all with a split.
        clip_seconds: the length at which the field evaluates them.
        notes: what a reader of its scores should know: clips that are not there, splits that are our own,
            classes whose names look alike.

    Raises:
        TrainerError: fewer than two classes or folds, no train or no test split, clips without fold or
            split, a file that is listed twice, or a label that would be tested without ever having been in
            training.
    """

    name: str
    clips: tuple[Clip, ...]
    clip_seconds: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.clips:
            raise TrainerError(f"{self.name}: no clips; is this the right folder?")
        if not 0 < self.clip_seconds < math.inf:
            raise TrainerError(f"{self.name}: clip_seconds = {self.clip_seconds:g} must be more than 0")
        if {(clip.fold is None, clip.split is None) for clip in self.clips} not in (
            {(False, True)},
            {(True, False)},
        ):
            raise TrainerError(f"{self.name}: every clip needs a fold, or every clip a split")
        if len({isinstance(clip.label, str) for clip in self.clips}) > 1:
            raise TrainerError(f"{self.name}: every clip needs one label, or every clip a tuple of labels")
        unlabelled = next((clip for clip in self.clips if not all(clip.labels) or not clip.labels), None)
        if unlabelled is not None:
            raise TrainerError(f"{self.name}: {unlabelled.path} has no label")
        self._check_files()
        self._check_parts()
        if len(self.classes) == 1:
            raise TrainerError(f"{self.name}: the only label is {self.classes[0]!r}; a task needs at least 2")
        self._note_look_alikes()

    def _check_files(self) -> None:
        """No file is listed twice, by whatever names: it could be learned from and tested."""
        seen: dict[object, Clip] = {}
        for clip in self.clips:
            first = seen.setdefault(_file(clip.path), clip)
            if first is not clip:
                also = "" if first.path == clip.path else f" (the same file as {first.path})"
                raise TrainerError(
                    f"{self.name}: {clip.path}{also} is listed twice, in {first.part} and in {clip.part}; "
                    "keep one"
                )

    def _check_parts(self) -> None:
        """Every fold has something to learn from and tests only what it could learn."""
        if self.has_folds and len(self.fold_names) < 2:
            only = self.fold_names[0]
            raise TrainerError(f"{self.name}: all clips are in fold {only}; leaving one out takes 2 or more")
        for fold in self.folds():
            if not len(fold.train) or not len(fold.test):
                raise TrainerError(
                    f"{self.name}: no clip is {'test' if len(fold.train) else 'train'}; both are needed"
                )
            known = {label for i in fold.train for label in self.clips[i].labels}
            held_out = fold.test if fold.valid is None else np.concatenate([fold.valid, fold.test])
            unknown = Counter(label for i in held_out for label in self.clips[i].labels if label not in known)
            if unknown:
                label, count = unknown.most_common(1)[0]
                more = f" (and {len(unknown) - 1} more labels)" if len(unknown) > 1 else ""
                clips = "1 held-out clip" if count == 1 else f"{count} held-out clips"
                raise TrainerError(
                    f"{self.name}: {clips} of {fold.name} with the label {label!r}{more}, "
                    "which no training clip has; a label takes clips to learn from: spread it or remove it"
                )

    def _note_look_alikes(self) -> None:
        """Add a note on classes that may be one by their names, unless it is there."""
        alike = [" and ".join(map(repr, labels)) for labels in look_alikes(self.classes)]
        more = f"; and {len(alike) - _NAMED} more" if len(alike) > _NAMED else ""
        note = f"classes whose names look alike: {'; '.join(alike[:_NAMED])}{more}"
        if alike and note not in self.notes:
            object.__setattr__(self, "notes", (*self.notes, note))

    @property
    def has_folds(self) -> bool:
        """Whether each fold is left out in turn; otherwise the splits are fixed."""
        return self.clips[0].fold is not None

    @property
    def fold_names(self) -> tuple[int, ...]:
        """The folds, ascending."""
        return tuple(sorted({clip.fold for clip in self.clips if clip.fold is not None}))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The labels that can be learned, sorted; a class id is a position in this tuple."""
        return tuple(
            sorted({label for clip in self.clips if clip.split in (None, "train") for label in clip.labels})
        )

    @cached_property
    def multi_label(self) -> bool:
        """Whether a clip may have several labels; such tasks are scored by mean average precision."""
        return not isinstance(self.clips[0].label, str)

    @property
    def metric(self) -> str:
        """The name of its score."""
        return "mAP" if self.multi_label else "accuracy"

    @cached_property
    def targets(self) -> NDArray[np.int64]:
        """Class ids [N], or for multi-label tasks 0/1 [N, C]."""
        number = {label: i for i, label in enumerate(self.classes)}
        if not self.multi_label:
            return np.array([number[clip.labels[0]] for clip in self.clips], dtype=np.int64)
        targets = np.zeros((len(self.clips), len(self.classes)), dtype=np.int64)
        for row, clip in zip(targets, self.clips, strict=True):
            row[[number[label] for label in clip.labels]] = 1
        return targets

    def folds(self) -> Iterator[Fold]:
        """Yield each evaluation: one per fold left out, or the single one of fixed splits."""
        if not self.has_folds:
            split = np.array([clip.split for clip in self.clips])
            train, valid, test = (np.flatnonzero(split == part) for part in ("train", "valid", "test"))
            yield Fold("split", train, valid if len(valid) else None, test)
            return
        fold = np.array([clip.fold for clip in self.clips])
        for name in self.fold_names:
            yield Fold(f"fold {name}", np.flatnonzero(fold != name), None, np.flatnonzero(fold == name))

    def pick_folds(self, numbers: Sequence[int], flag: str = "--fold") -> list[Fold]:
        """Return some evaluations, each once, or all if none is named.

        Args:
            numbers: theirs, counted from 1 in the order of `folds`.
            flag: where they were named, for messages.

        Raises:
            TrainerError: no such number.
        """
        folds = list(self.folds())
        for number in numbers:
            if not 1 <= number <= len(folds):
                raise TrainerError(f"{flag} {number}: {self.name} has folds 1 … {len(folds)}")
        return [folds[number - 1] for number in dict.fromkeys(numbers)] if numbers else folds


def _file(path: Path) -> object:
    """Tell a file by where it lies on its disk, also behind links; by its name if it is not there."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return path
    return found.st_dev, found.st_ino


class Layout(Protocol):
    """A folder layout in which a dataset is published: a frozen dataclass of settings that reads a task.

    The first line of the class's docstring says what the clips are.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[str]
    licence: ClassVar[str]
    source: ClassVar[str]
    """Where users get it: a citation or an address."""
    published: ClassVar[Published]
    """What a complete copy holds."""

    def load(self, root: Path) -> Task:
        """Read the task from its folder.

        Raises:
            TrainerError: the folder is not in this layout; says what was expected and found.
        """
        ...
