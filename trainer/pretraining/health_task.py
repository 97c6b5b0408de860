"""What a run's features are worth on a small task of real clips, asked as it goes and never learned from."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trainer import tasks
from trainer.encoders.neighbours import neighbour_votes
from trainer.errors import TrainerError
from trainer.pretraining.clip_inputs import clip_inputs
from trainer.pretraining.config import PretrainConfig
from trainer.tasks import Task

CLIPS = 512
"""Most clips that are asked about."""
NEIGHBOURS = 10
"""How many of the most similar clips vote."""


class HealthTask:
    """Clips of a task and the accuracy of k-NN on them, each fold asked by the others.

    Of a clip its beginning is looked at, at the size of the run's input. It says how a run goes and is no
    score to report: `trainer transfer probe` gives those.

    Args:
        config: of the run, with ``health_task`` and ``health_root``.

    Raises:
        PatternGenError: no such task.
        TrainerError: clips that are missing or cannot be read, or that may have several labels.
    """

    def __init__(self, config: PretrainConfig) -> None:
        assert config.health_task is not None
        assert config.health_root is not None
        task = tasks.load(config.health_task, config.health_root)
        if task.multi_label:
            raise TrainerError(
                f"--health-task {task.name}: its clips may have several labels, and k-NN gives one; "
                "choose another task"
            )
        self.task = task = _part(task)
        self.images = clip_inputs(config, [clip.path for clip in task.clips]).images

    def accuracy(self, embed: Callable[[Tensor], Tensor]) -> float:
        """Return the share of clips, all folds together, that are of the class that similar ones vote for.

        Args:
            embed: from images [N, C, H, W] to features [N, D].
        """
        features = embed(self.images).float().cpu()
        votes = functional.one_hot(torch.from_numpy(self.task.targets), len(self.task.classes)).float()
        right = []
        for fold in self.task.folds():
            told = neighbour_votes(
                features[fold.train], votes[fold.train], features[fold.test], neighbours=NEIGHBOURS
            )
            right.append(told.argmax(dim=1).numpy() == self.task.targets[fold.test])
        return float(np.concatenate(right).mean())


def _part(task: Task) -> Task:
    """Return a task of `CLIPS` of its clips at most, of each class and part about the same share."""
    if len(task.clips) <= CLIPS:
        return task
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in np.random.default_rng(0).permutation(len(task.clips)).tolist():
        cells[task.clips[i].labels[0], task.clips[i].part].append(i)
    ranked = [(rank / len(cell), i) for cell in cells.values() for rank, i in enumerate(cell)]
    chosen = sorted(i for _, i in sorted(ranked)[:CLIPS])
    return replace(task, clips=tuple(task.clips[i] for i in chosen))
