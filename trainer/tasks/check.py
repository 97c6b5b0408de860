"""Is a folder fit to evaluate on? Counts what a task holds, from lists and headers, as far as these tell."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tyro.conf import Positional

from patterngen import PatternGenError
from patterngen.common.progress import Progress
from patterngen.escape import visible
from patterngen.storage.ahead import map_ahead
from trainer.errors import TrainerError
from trainer.sound.audio_files import header
from trainer.tasks import Clip, Published, Task, find
from trainer.tasks.copies import equal_files, equal_sounds

_NAMED = 5  # of many files with one fault, so many are named
_READERS = 4  # threads; most of the time goes to opening files


@dataclass(frozen=True, kw_only=True)
class TaskCheckConfig:
    """What to check."""

    name: Positional[str]
    """The task, e.g. esc50; settings may follow, as in csv:label=pitch_class."""
    root: str
    """Folder of the clips."""
    contents: bool = False
    """Decode every clip and compare: finds copies in another format, or with other tags, in minutes for large
    sets. Files of equal bytes are found without."""
    json: bool = False
    """Print JSON instead of text."""


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Lengths of the clips that can be read, in seconds."""

    shortest: float
    median: float
    longest: float
    hours: float
    """Length of all clips together."""


@dataclass(frozen=True, kw_only=True)
class TaskReport:
    """What a folder was found to hold."""

    name: str
    root: str
    clips: int = 0
    classes: int = 0
    metric: str = ""
    parts: dict[str, int]
    """Clips of each fold or split."""
    smallest_class: tuple[str, int] | None = None
    """The label that fewest clips have, and how many."""
    largest_class: tuple[str, int] | None = None
    durations: Durations | None = None
    sample_rates: dict[int, int]
    """Clips of each sample rate, hertz."""
    unreadable: tuple[str, ...] = ()
    """Files that are no sound, hold no sample or are cut short, and why; also by decoding them, if asked."""
    groups: int = 0
    """Speakers, instruments, source recordings that clips share."""
    grouped: int = 0
    """Clips of which one is known."""
    shared_groups: tuple[str, ...] = ()
    """Speakers, instruments, source recordings with clips both to learn from and to test."""
    copies: tuple[str, ...] = ()
    """Files of equal content in two parts."""
    compared: int = 0
    """Files that were compared for it: those of equal size in two parts, or all if asked."""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """Why no honest score can come of it as it is."""

    @property
    def usable(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return asdict(self) | {"usable": self.usable}

    def __str__(self) -> str:
        lines = [f"{self.name} in {self.root}"]
        if self.clips:
            lines += [
                f"{self.clips} clips, {self.classes} classes, scored by {self.metric}",
                ", ".join(f"{part}: {count}" for part, count in self.parts.items()),
                self._class_sizes(),
                self._groups(),
                f"{self.compared} of them compared by content"
                + " (those of equal size in two parts)" * (self.compared < self.clips),
            ]
        if self.durations is not None:
            d = self.durations
            rates = ", ".join(f"{rate} Hz: {count}" for rate, count in self.sample_rates.items())
            lines += [
                f"{d.hours:.2f} h; clips of {d.shortest:.2f} to {d.longest:.2f} s, median {d.median:.2f} s",
                rates,
            ]
        lines += [f"note: {note}" for note in self.notes]
        lines += [f"problem: {problem}" for problem in self.problems]
        return "\n".join(map(visible, [*lines, "usable" if self.usable else "not usable as it is"]))

    def _groups(self) -> str:
        if not self.groups:
            return "no groups of clips that share a speaker, a recording or the like are known"
        rest = f"; {self.clips - self.grouped} clips are in none" if self.grouped < self.clips else ""
        return f"{self.groups} groups of clips that share a speaker, a recording or the like{rest}"

    def _class_sizes(self) -> str:
        if self.smallest_class is None or self.largest_class is None:
            return "no classes"
        (rare, fewest), (common, most) = self.smallest_class, self.largest_class
        if fewest == most:
            return f"{most} clips of every class"
        return f"{fewest} clips of the rarest class, {rare}; {most} of the most common, {common}"


def check_task(config: TaskCheckConfig) -> TaskReport:
    """Read a task's lists and the headers of its files.

    Raises:
        PatternGenError: an unknown task or setting.
        TrainerError: no such folder. Any other fault is a problem of the report.
    """
    layout = find(config.name)
    root = Path(config.root)
    if not root.is_dir():
        raise TrainerError(f"{root}: no such folder; give the one with the files of the task {config.name!r}")
    try:
        task = layout.load(root)
    except PatternGenError as error:
        return TaskReport(
            name=config.name, root=config.root, parts={}, sample_rates={}, problems=(str(error),)
        )
    headers = _each(task.clips, header, label="headers")
    readable = [found for found in headers if not isinstance(found, str)]
    unreadable = tuple(
        f"{clip.path}: {found}"
        for clip, found in zip(task.clips, headers, strict=True)
        if isinstance(found, str)
    )
    sounds = [clip for clip, found in zip(task.clips, headers, strict=True) if not isinstance(found, str)]
    found = (equal_sounds if config.contents else equal_files)(sounds, _each)
    unreadable += tuple(f"{path}: {fault}" for path, fault in sorted(found.faults.items()))
    copies = tuple(_first([f"{clip.path} ({clip.part})" for clip in same], " = ") for same in found.equal)
    sizes = Counter(label for clip in task.clips for label in clip.labels)
    groups = shared_groups(task)
    named = [clip.group for clip in task.clips if clip.group is not None]
    return TaskReport(
        name=config.name,
        root=config.root,
        clips=len(task.clips),
        classes=len(task.classes),
        metric=task.metric,
        parts=dict(
            sorted(Counter(clip.part for clip in task.clips).items(), key=lambda part: _order(part[0]))
        ),
        smallest_class=min(sizes.items(), key=lambda size: size[1]),
        largest_class=max(sizes.items(), key=lambda size: size[1]),
        durations=_durations([seconds for seconds, _ in readable]) if readable else None,
        sample_rates=dict(Counter(rate for _, rate in readable).most_common()),
        unreadable=unreadable,
        groups=len(set(named)),
        grouped=len(named),
        shared_groups=groups,
        copies=copies,
        compared=found.compared,
        notes=(
            *task.notes,
            # What is published is said of the default settings.
            *_missing(task, layout.published if layout == type(layout)() else Published()),
            *_some("sources with clips both to learn from and to test", groups),
        ),
        problems=(
            *_some("clips that cannot be used", unreadable),
            *_some(f"equal {'sounds' if config.contents else 'files'} in two parts", copies),
        ),
    )


def shared_groups(task: Task) -> tuple[str, ...]:
    """Return the groups with clips both in the training and in the held-out part of an evaluation, sorted."""
    shared: set[str] = set()
    for fold in task.folds():
        held_out = fold.test if fold.valid is None else np.concatenate([fold.valid, fold.test])
        learned = {task.clips[i].group for i in fold.train}
        shared |= {group for i in held_out if (group := task.clips[i].group) is not None and group in learned}
    return tuple(sorted(shared))


def _each(clips: Sequence[Clip], look: Callable[[Path], Any], label: str) -> list[Any]:
    results = []
    with Progress(len(clips), unit="clips", label=label) as progress:
        for result in map_ahead(look, (clip.path for clip in clips), _READERS):
            results.append(result)
            progress.advance()
    return results


def _durations(seconds: Sequence[float]) -> Durations:
    return Durations(
        shortest=min(seconds),
        median=float(np.median(seconds)),
        longest=max(seconds),
        hours=sum(seconds) / 3600,
    )


def _missing(task: Task, published: Published) -> Iterable[str]:
    for what, here, there in (
        ("clips", len(task.clips), published.clips),
        ("classes", len(task.classes), published.classes),
    ):
        if there is not None and here != there:
            yield f"{here} {what}; the published task has {there}"


def _some(fault: str, found: Sequence[str]) -> Iterable[str]:
    if found:
        yield f"{fault}: {len(found)} ({_first(found, '; ')})"


def _first(found: Sequence[str], between: str) -> str:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return between.join(found[:_NAMED]) + more


def _order(part: str) -> tuple[int, str]:
    """Sort splits as they are used, folds by number."""
    known = ("train", "valid", "test")
    return (known.index(part), "") if part in known else (int(part.removeprefix("fold ")), "")
