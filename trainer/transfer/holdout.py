"""Clips set aside for validation where a task sets none aside."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.errors import TrainerError
from trainer.tasks import Fold, Task
from trainer.tasks.contract import Indices


def with_validation(task: Task, fold: Fold, share: float, seed: int, *, remedy: str) -> Fold:
    """Return a fold that has validation clips, held out of its training clips if the task sets none aside.

    Args:
        task: gives the targets and groups.
        fold: of the task.
        share: of each class to hold out.
        seed: of the draw.
        remedy: what else than more clips would help if none can be spared, for the error.

    Raises:
        TrainerError: no clip can be spared.
    """
    if fold.valid is not None:
        return fold
    groups = [clip.group for clip in task.clips]
    train, valid = hold_out(fold.train, task.targets, share, np.random.default_rng(seed), groups)
    if not len(valid):
        what = "training clips" if all(groups[i] is None for i in fold.train) else "groups of training clips"
        raise TrainerError(
            f"{task.name}: no class of {fold.name} has two {what}, one to learn from and one to "
            f"validate on; give more clips, or {remedy}"
        )
    return Fold(fold.name, train, valid, fold.test)


def valid_clips(split: Fold) -> Indices:
    """Return the validation clips of a fold that has some."""
    assert split.valid is not None
    return split.valid


def note_on_shared_groups(task: Task) -> str:
    """Say of the validation clips that the task sets aside which groups they share with training clips."""
    for fold in task.folds():
        if fold.valid is not None:
            known = {task.clips[i].group for i in fold.train} - {None}
            shared = [task.clips[i].group in known for i in fold.valid]
            if any(shared):
                return (
                    f"{sum(shared)} of its {len(shared)} validation clips share their group (speaker, "
                    "recording …) with training clips: what they choose is not chosen for unseen ones"
                )
    return ""


def hold_out(
    indices: Indices,
    targets: NDArray[np.int64],
    share: float,
    rng: np.random.Generator,
    groups: Sequence[str | None] | None = None,
) -> tuple[Indices, Indices]:
    """Split training clips in two, every class on both sides where it has two clips or more.

    Clips of one group (a speaker, a recording) go to one side, so that the validation score says how well
    unseen ones are recognised, as the test score does. A class that only one group has is not validated.

    Args:
        indices: the training clips [n].
        targets: class ids [N], or 0/1 [N, C], of all clips; of several classes the first counts.
        share: of each class to hold out; at least one clip, or one group.
        rng: source of the draw.
        groups: of all clips [N]; None for a clip that shares nothing.

    Returns:
        Indices to train on and indices to validate on, ascending.
    """
    labels = targets[indices] if targets.ndim == 1 else targets[indices].argmax(axis=1)
    numbered = _numbered(indices, groups)
    if numbered is not None:
        held = _hold_groups(labels, numbered, share, rng)
    else:
        held = np.zeros(len(indices), bool)
        for label in np.unique(labels):
            members = rng.permutation(np.flatnonzero(labels == label))
            held[members[: min(max(1, round(share * len(members))), len(members) - 1)]] = True
    return np.sort(indices[~held]), np.sort(indices[held])


def _numbered(indices: Indices, groups: Sequence[str | None] | None) -> NDArray[np.intp] | None:
    """Number the groups of some clips; None where every clip is its own."""
    if groups is None:
        return None
    names = [groups[i] for i in indices]
    if len({name for name in names if name is not None}) == len([name for name in names if name is not None]):
        return None
    alone = [(name, None) if name is not None else (None, i) for i, name in enumerate(names)]
    number = {key: n for n, key in enumerate(dict.fromkeys(alone))}
    return np.array([number[key] for key in alone], dtype=np.intp)


def _hold_groups(
    labels: NDArray[np.int64], groups: NDArray[np.intp], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Mark clips of whole groups as held out, class by class, those of fewest groups first.

    A group is held out if that brings its class closer to its share and leaves no class without clips to
    learn from.
    """
    classes, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((groups.max() + 1, len(classes)), dtype=np.int64)
    np.add.at(counts, (groups, label), 1)
    free = np.ones(len(counts), bool)
    left, out = counts.sum(axis=0), np.zeros(len(classes), dtype=np.int64)
    for c in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        want = max(1, round(share * int(counts[:, c].sum())))
        order = rng.permutation(np.flatnonzero(counts[:, c]))
        # One that alone is more than the share comes last: it may be most of the class.
        for group in order[np.argsort(counts[order, c] > want, kind="stable")]:
            own = counts[group]
            closer = out[c] == 0 or abs(out[c] + own[c] - want) < abs(out[c] - want)
            if free[group] and closer and (left - own >= 1)[own > 0].all():
                free[group] = False
                left, out = left - own, out + own
    held: NDArray[np.bool_] = ~free[groups]
    return held
