"""The learning rate and layer decay that suit an encoder, chosen on validation clips.

What suits pre-trained weights holds random ones back, so each encoder, `scratch` too, may choose for itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from patterngen.common.progress import Progress
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.tasks import Fold
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.finetune.loop import finetune_fold
from trainer.transfer.finetune.store import EvaluationFiles
from trainer.transfer.finetune.training import Finetuning
from trainer.transfer.holdout import valid_clips, with_validation
from trainer.transfer.task_features import TaskFeatures


class Recipe(NamedTuple):
    """The settings that were chosen.

    Attributes:
        config: settings with the chosen learning rate and layer decay.
        valid_score: score of the validation clips, in [0, 1].
        chosen: the two in words.
    """

    config: FinetuneConfig
    valid_score: float
    chosen: str


def recipes(config: FinetuneConfig) -> Sequence[FinetuneConfig]:
    """Return the settings to choose from, which differ in learning rate and layer decay alone."""
    rates, decays = config.try_lr or (config.lr,), config.try_layer_decay or (config.layer_decay,)
    return [
        replace(config, lr=lr, layer_decay=decay, try_lr=(), try_layer_decay=())
        for lr, decay in product(dict.fromkeys(rates), dict.fromkeys(decays))
    ]


def choose_recipe(
    data: TaskFeatures,
    config: FinetuneConfig,
    encoder: SoundEncoder,
    fold: Fold,
    seed: int,
    place: EvaluationFiles | None,
    progress: Progress,
) -> Recipe:
    """Fine-tune with each recipe on a part of the training clips, and take the one best on the others.

    The clips that choose share no group (speaker, recording) with those that are learned from, where the task
    names groups; they are the task's own validation clips where it has some. No test clip is looked at.

    Args:
        data: the task.
        config: the settings, with several learning rates or layer decays.
        encoder: where to start from.
        fold: whose training clips are split.
        seed: of the split and the trainings.
        place: keeps the trainings, to go on from where one stopped.
        progress: counts clips.

    Returns:
        The recipe; of equal scores the one that was named first.

    Raises:
        TrainerError: no clip can be spared for validation.
        RunFailedError: a training diverged.
    """
    split = with_validation(data.task, fold, config.valid_share, seed, remedy="leave out --try-…")
    asked = Fold(fold.name, split.train, None, valid_clips(split))
    found = []
    for recipe in recipes(config):
        training = Finetuning(
            encoder,
            data.clips,
            data.task,
            asked,
            seed=seed,
            protocol=replace(recipe, selection="last"),
            autocast=data.autocast,
        )
        words = f"lr {recipe.lr:g}, layer decay {recipe.layer_decay:g}"
        saver = None if place is None else place.attempt(words)
        if saver is not None:
            saver.resume(training)
        progress.advance(training.clips_done)
        outcome = finetune_fold(training, saver=saver, progress=progress)
        progress.advance(config.epochs * (len(fold.train) - len(training.train)))
        if saver is not None:
            saver.save(training.state())
        found.append(Recipe(recipe, outcome.score, words))
    return max(found, key=lambda recipe: recipe.valid_score)
