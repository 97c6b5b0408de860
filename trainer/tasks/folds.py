"""Folds of our own, for clips that come without any."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from trainer.tasks.contract import Clip


def dealt(clips: Sequence[Clip], folds: int) -> tuple[Clip, ...]:
    """Deal the clips of each class into folds of equal size, as far as whole groups allow.

    A class is cut into runs of neighbours, as these are often pieces of one recording. A group goes where its
    first clip does. The clips of a multi-label task are dealt as one class.

    Args:
        clips: in the order in which they are neighbours; the folds that they have are not looked at.
        folds: how many, 2 or more.
    """
    kinds = [clip.label if isinstance(clip.label, str) else None for clip in clips]
    sizes, met = Counter(kinds), Counter[str | None]()
    of_group: dict[str, int] = {}
    found = []
    for clip, kind in zip(clips, kinds, strict=True):
        fold = 1 + met[kind] * folds // sizes[kind]
        met[kind] += 1
        if clip.group is not None:
            fold = of_group.setdefault(clip.group, fold)
        found.append(replace(clip, fold=fold))
    return tuple(found)
