"""A recipe is chosen on validation clips, for each encoder by itself."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from patterngen.common.progress import Progress
from trainer.errors import TrainerError
from trainer.tasks import Task
from trainer.transfer.finetune import recipe as module
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.finetune.recipe import choose_recipe, recipes
from trainer.transfer.finetune.store import EvaluationFiles
from trainer.transfer.finetune.training import Finetuning


def config(**settings):
    plain = {"task": "csv", "root": ".", "epochs": 8, "batch_size": 6, "valid_share": 0.4}
    return FinetuneConfig(**plain | settings)


@pytest.fixture
def choose(small_encoder, low_or_high):
    """Chooses on the first fold of a task."""
    spectrograms, usual = low_or_high

    def chosen(settings, task=usual, place=None):
        data = SimpleNamespace(clips=spectrograms, task=task, autocast=torch.no_grad)
        data.autocast = lambda: torch.autocast("cpu", enabled=False)
        with Progress(1, unit="clips", label="try") as progress:
            return choose_recipe(data, settings, small_encoder, next(task.folds()), 0, place, progress)

    return chosen


def test_every_rate_is_tried_with_every_decay_once():
    several = recipes(config(try_lr=(1e-3, 1e-4, 1e-3), try_layer_decay=(0.5, 1.0)))
    assert [(one.lr, one.layer_decay) for one in several] == [(1e-3, 0.5), (1e-3, 1), (1e-4, 0.5), (1e-4, 1)]
    assert not any(one.chooses for one in several)
    (one,) = recipes(config(try_lr=(0.1,), layer_decay=0.7))
    assert (one.lr, one.layer_decay) == (0.1, 0.7)


def test_a_rate_that_learns_is_chosen_over_those_that_do_not(choose):
    found = choose(config(try_lr=(0.0, 1e-3)))
    assert found.config.lr == 1e-3
    assert found.chosen == "lr 0.001, layer decay 1"
    assert found.valid_score > 0.5


def test_of_equal_recipes_the_first_is_taken(choose):
    assert choose(config(epochs=1, try_lr=(0.0,), try_layer_decay=(0.5, 0.9))).config.layer_decay == 0.5


def test_test_clips_are_not_looked_at(choose, low_or_high, monkeypatch):
    """Their labels may be anything: what is chosen, and how well it did, stays."""
    _, task = low_or_high
    wrong = tuple(
        replace(clip, label={"low": "high", "high": "low"}[clip.label]) if clip.fold == 1 else clip
        for clip in task.clips
    )
    settings = config(epochs=2, try_lr=(1e-4, 1e-3))
    assert choose(settings) == choose(settings, Task("made", wrong, 1.0))


def test_no_group_is_on_both_sides(choose, low_or_high, monkeypatch):
    _, task = low_or_high
    grouped = tuple(replace(clip, group=f"speaker {i // 4}") for i, clip in enumerate(task.clips))
    asked = []

    class Watched(Finetuning):
        def __init__(self, encoder, clips, task, fold, **settings):
            asked.append(fold)
            super().__init__(encoder, clips, task, fold, **settings)

    monkeypatch.setattr(module, "Finetuning", Watched)
    choose(config(epochs=1, try_lr=(1e-4, 1e-3)), Task("made", grouped, 1.0))
    first, second = asked
    sides = [{grouped[i].group for i in side} for side in (first.train, first.test)]
    assert not sides[0] & sides[1]
    assert first.train.tolist() == second.train.tolist()
    assert {grouped[i].fold for i in (*first.train, *first.test)} == {2}  # none of the fold that is tested


def test_a_choice_that_was_interrupted_goes_on_to_the_same(choose, tmp_path, monkeypatch):
    settings = config(epochs=2, try_lr=(1e-4, 1e-3))
    whole = choose(settings)
    place = EvaluationFiles(tmp_path, tmp_path / "mine" / "fold-1.seed-0", "mine", "0" * 64, 0.0)
    steps = []

    def step(training, take=Finetuning.take_step):
        if len(steps) == 3:  # of four
            steps.append(0)
            raise KeyboardInterrupt
        steps.append(training.step)
        return take(training)

    monkeypatch.setattr(Finetuning, "take_step", step)
    with pytest.raises(KeyboardInterrupt):
        choose(settings, place=place)
    taken = len(steps)
    assert choose(settings, place=place) == whole
    assert steps[taken:] == [3, 0, 1, 2, 3]  # the last step of one recipe, and the other
    assert list((tmp_path / "mine").glob("*.try-*.state.pt"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"try_lr": (-1.0,)}, "try_lr = -1.0 must be at least 0"),
        ({"try_layer_decay": (0.0,)}, "try_layer_decay = 0.0 must be more than 0 and at most 1"),
    ],
)
def test_recipes_out_of_range_are_refused(settings, said):
    with pytest.raises(TrainerError, match=said):
        config(**settings)
