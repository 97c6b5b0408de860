from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from patterngen import RunFailedError
from trainer.encoders.tokens import Tokens
from trainer.tasks import Clip, Task
from trainer.transfer import attentive
from trainer.transfer.attentive import Attentive, attentive_fold
from trainer.transfer.holdout import with_validation
from trainer.transfer.linear_probe import linear_fold
from trainer.transfer.logistic import Scaling
from trainer.transfer.scores import score

pytestmark = pytest.mark.numerical


def task(labels):
    half = len(labels) // 2
    clips = [Clip(Path(f"{i}.wav"), label, 1 + (i >= half)) for i, label in enumerate(labels)]
    return Task("made", tuple(clips), 1.0)


def tokens(each):
    found = Tokens([len(steps) for steps in each], each[0].shape[1])
    for i, steps in enumerate(each):
        found[i].copy_(torch.from_numpy(steps))
    return found


def hidden(clips=240, classes=3, several=False):
    """Clips of 8 to 10 steps of noise, of which one alone is marked, and says the class of the clip.

    An equally loud step that is not marked says any class at random: their mean knows no more than chance
    would by half.
    """
    rng = np.random.default_rng(0)
    known, each = rng.permutation(np.arange(clips) % classes), []
    for label in known:
        steps = 0.3 * rng.normal(size=(rng.integers(8, 11), 12))
        places = rng.permutation(len(steps))
        steps[places[0], [label, 10]] += 3
        for place in places[1:6]:
            steps[place, [rng.integers(classes), 11]] += 3
        each.append(steps)
    labels = [(f"{label}", "all" if label else "some") if several else f"{label}" for label in known]
    return task(labels), tokens(each)


def test_it_finds_what_one_step_carries_and_the_mean_hides():
    made, steps = hidden()
    split = with_validation(made, next(made.folds()), 0.1, 0, remedy="")
    means = torch.stack([steps[i].float().mean(dim=0) for i in range(len(made.clips))])
    scores = [
        score(found.outputs, made.targets[split.test])
        for (found,) in (attentive_fold(steps, made, [split]), linear_fold(means, made, [split]))
    ]
    assert scores[0] > 0.95
    assert scores[1] < 0.75


def test_several_labels_a_clip_are_learned_too():
    made, steps = hidden(several=True)
    split = with_validation(made, next(made.folds()), 0.1, 0, remedy="")
    (found,) = attentive_fold(steps, made, [split])
    assert score(found.outputs, made.targets[split.test]) > 0.95


@pytest.mark.parametrize("several", [False, True])
def test_gradients_are_those_of_the_loss(several):
    made, steps = hidden(30, several=several)
    training = attentive._Training(steps, made, next(made.folds()).train)
    generator = torch.Generator().manual_seed(0)
    classes = len(made.classes)
    shapes = (12,), (12, classes), (classes,)
    model = Attentive(*(torch.randn(shape, generator=generator) for shape in shapes))
    _, *gradients = training._loss(0.1, model)
    for name, gradient, shape in zip(("query", "weights", "intercept"), gradients, shapes, strict=True):
        step = torch.randn(shape, generator=generator) * 0.01
        ends = [
            training._loss(0.1, replace(model, **{name: getattr(model, name) + sign * step}))[0]
            for sign in (1, -1)
        ]
        assert (ends[0] - ends[1]) / 2 == pytest.approx((gradient * step).sum().item(), abs=2e-5)


def test_without_a_query_it_is_the_linear_probe_of_the_mean():
    made, steps = hidden(60)
    fold = next(made.folds())
    training = attentive._Training(steps, made, fold.train)
    outputs = training.outputs(training.start(0.01), fold.test)
    stacked = torch.cat([steps[i] for i in fold.train]).float()
    scaling = Scaling.of(stacked)
    np.testing.assert_allclose(training.mean, scaling.mean, atol=1e-3)
    np.testing.assert_allclose(training.scale, scaling.scale, rtol=1e-3)
    direct = torch.stack([steps[i].float().mean(dim=0) for i in fold.test])
    model = training.start(0.01)
    expected = scaling(direct) @ model.weights.double() + model.intercept
    np.testing.assert_allclose(outputs, expected, atol=1e-3)


def test_order_of_steps_and_units_change_nothing_and_test_clips_choose_nothing():
    made, steps = hidden(90)
    split = with_validation(made, next(made.folds()), 0.1, 0, remedy="")
    (first,) = attentive_fold(steps, made, [split])
    turned = tokens([4 * steps[i].flip(0).float().numpy() - 1 for i in range(90)])
    (same,) = attentive_fold(turned, made, [split])
    assert score(same.outputs, made.targets[split.test]) == pytest.approx(
        score(first.outputs, made.targets[split.test]), abs=0.05
    )
    for clip in split.test[1:]:
        steps[clip].fill_(torch.nan)
    (alone,) = attentive_fold(steps, made, [replace(split, test=split.test[:1])])
    np.testing.assert_allclose(alone.outputs, first.outputs[:1], rtol=1e-3, atol=1e-3)


def test_it_says_when_it_does_not_converge(monkeypatch):
    made, steps = hidden(30)
    monkeypatch.setattr(attentive, "TOLERANCE", -1.0)
    training = attentive._Training(steps, made, next(made.folds()).train)
    with pytest.raises(RunFailedError, match=r"strength 0\.01 did not converge"):
        training.fit(0.01, training.start(0.01))
