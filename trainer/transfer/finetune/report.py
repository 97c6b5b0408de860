"""What a fine-tuning shows for itself: curves, confusions, and the mistakes to play."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.results.rows import Evaluation
from trainer.tasks import Fold, Task
from trainer.transfer.finetune import plots
from trainer.transfer.finetune.mistakes import Mistake, mistakes_page
from trainer.transfer.finetune.store import Store
from trainer.transfer.finetune.training import Outcome
from trainer.transfer.task_features import TaskFeatures

SHOWN = 24
"""Mistakes on a page."""
_NAMED = 3  # likeliest classes told for each


@dataclass(frozen=True)
class Finished:
    """An evaluation that is done."""

    fold: Fold
    seed: int
    outcome: Outcome
    row: Evaluation


def write_report(store: Store, data: TaskFeatures, finished: Mapping[str, Sequence[Finished]]) -> None:
    """Write ``curves.png``, and into each encoder's folder ``confusion.png`` and ``mistakes.html``."""
    task = data.task
    plots.curves(
        store.curves,
        {name: [one.outcome.history for one in several] for name, several in finished.items()},
        {name: [one.outcome.score for one in several] for name, several in finished.items()},
        metric=task.metric,
    )
    for name, several in finished.items():
        folder = store.folder(name)
        title = f"{task.name} · {name} · {several[0].row.protocol}"
        indices, chances = clip_chances(task, several)
        if task.multi_label:
            plots.class_bars(
                folder / "confusion.png", task.classes, class_precisions(task, indices, chances), title=title
            )
        else:
            counts = confusion(task, several)
            plots.confusion(folder / "confusion.png", task.classes, counts, title=title)
        worst = worst_mistakes(task, indices, chances, SHOWN)
        page = mistakes_page(
            worst,
            [data.clips[mistake.clip] for mistake in worst],
            title=title,
            root=data.config.root,
            clip_seconds=task.clip_seconds,
            tested=len(indices),
        )
        (folder / "mistakes.html").write_text(page, encoding="utf-8")


def clip_chances(task: Task, finished: Sequence[Finished]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Average the probabilities that several seeds give each tested clip.

    Returns:
        Indices [n] of the tested clips, ascending, and probabilities [n, C] of the classes: softmax, or
        sigmoid where a clip may have several labels.
    """
    total = np.zeros((len(task.clips), len(task.classes)))
    times = np.zeros(len(task.clips))
    for one in finished:
        logits = one.outcome.outputs.double()
        chances = logits.sigmoid() if task.multi_label else logits.softmax(dim=1)
        total[one.fold.test] += chances.numpy()
        times[one.fold.test] += 1
    indices = np.flatnonzero(times)
    return indices, total[indices] / times[indices, None]


def confusion(task: Task, finished: Sequence[Finished]) -> NDArray[np.int64]:
    """Count how often each class (row) was called what (column), over all folds and seeds, [C, C]."""
    counts = np.zeros((len(task.classes),) * 2, dtype=np.int64)
    for one in finished:
        called = one.outcome.outputs.argmax(dim=1).numpy()
        np.add.at(counts, (task.targets[one.fold.test], called), 1)
    return counts


def class_precisions(
    task: Task, indices: NDArray[np.int64], chances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each class's average precision over the tested clips, NaN where none of them has it, [C]."""
    from sklearn.metrics import average_precision_score

    targets = task.targets[indices]
    return np.array(
        [
            average_precision_score(own, given) if own.any() else np.nan
            for own, given in zip(targets.T, chances.T, strict=True)
        ]
    )


def worst_mistakes(
    task: Task, indices: NDArray[np.int64], chances: NDArray[np.float64], count: int
) -> list[Mistake]:
    """Return the clips that were called something else with the greatest confidence, surest first.

    Where a clip may have several labels, a mistake is a class it does not have that was found likelier than
    one that it has.
    """
    own = (
        task.targets[indices].astype(bool)
        if task.multi_label
        else task.targets[indices][:, None] == np.arange(len(task.classes))
    )
    wrong = np.where(own, -1.0, chances)
    called = wrong.argmax(axis=1)
    sure = wrong.max(axis=1)
    mistaken = sure > np.where(own, chances, 2.0).min(axis=1)
    order = [row for row in np.argsort(-sure, kind="stable") if mistaken[row]][:count]
    return [
        Mistake(
            clip=int(indices[row]),
            path=task.clips[indices[row]].path,
            part=task.clips[indices[row]].part,
            labels=tuple((task.classes[i], float(chances[row, i])) for i in np.flatnonzero(own[row])),
            called=(task.classes[called[row]], float(sure[row])),
            likeliest=tuple(
                (task.classes[i], float(chances[row, i])) for i in np.argsort(-chances[row])[:_NAMED]
            ),
        )
        for row in order
    ]
