from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.errors import TrainerError
from trainer.tasks import Clip, Task
from trainer.transfer import probe as probing
from trainer.transfer.probe import LinearProtocol, classification_loss
from trainer.transfer.scores import score

QUICK = LinearProtocol(lr=0.03, epochs=40)


def task(labels, folds):
    clips = [
        Clip(Path(f"{i}.wav"), label, fold) for i, (label, fold) in enumerate(zip(labels, folds, strict=True))
    ]
    return Task("made", tuple(clips), 1.0)


@pytest.fixture
def separable():
    """Four classes around four corners, and the folds 1 and 2 in turn."""
    rng = np.random.default_rng(0)
    classes = np.arange(160) % 4
    features = np.eye(4)[classes] * 5 + rng.normal(size=(160, 4))
    return task([f"class {c}" for c in classes], np.arange(160) // 80 + 1), torch.tensor(features).float()


def probe_fold(features, made, fold, **settings):
    """Return the test score of a probe."""
    outputs = probing.probe_fold(features, made, fold, **settings).outputs
    return score(outputs, made.targets[fold.test])


def probe(made, features, seed=0, protocol=QUICK):
    return probe_fold(features, made, next(made.folds()), seed=seed, protocol=protocol)


# --- scores ------------------------------------------------------------------------------------


def test_what_a_line_separates_is_learned(separable):
    made, features = separable
    assert probe(made, features) > 0.97
    apart = torch.from_numpy(10 * np.eye(4, dtype=np.float32)[made.targets]) + features
    assert probe(made, apart) == 1
    assert probe(made, 1000 * features + 77) == probe(made, features)  # whatever the units


def test_labels_without_sense_give_chance(separable):
    made, features = separable
    shuffled = np.random.default_rng(1).permutation([clip.label for clip in made.clips])
    senseless = task(shuffled, [clip.fold for clip in made.clips])
    scores = [probe(senseless, features, seed) for seed in range(5)]
    assert abs(np.mean(scores) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 80)


def test_several_labels_a_clip_are_scored_by_mean_average_precision(separable):
    made, features = separable
    several = task(
        [(clip.label, "even" if i % 2 else "odd") for i, clip in enumerate(made.clips)],
        np.arange(160) // 80 + 1,
    )
    assert several.multi_label
    assert probe(several, features) > 0.97


def test_equal_seeds_give_equal_scores(separable):
    made, features = separable
    noisy = features + 4 * torch.randn(features.shape, generator=torch.Generator().manual_seed(0))
    scores = [probe(made, noisy, seed) for seed in range(4)]
    torch.manual_seed(99)  # what others draw does not matter
    assert scores == [probe(made, noisy, seed) for seed in range(4)]
    assert len(set(scores)) > 1


# --- the test clips choose nothing -------------------------------------------------------------


def test_test_features_reach_no_weight(separable, monkeypatch):
    made, features = separable
    fold = next(made.folds())
    layers = []
    monkeypatch.setattr(
        torch.nn, "Linear", lambda *size, real=torch.nn.Linear: layers.append(real(*size)) or layers[-1]
    )
    probe(made, features)
    poisoned = features.clone()
    poisoned[fold.test] = torch.nan
    probe(made, poisoned)
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert layers[1].weight.isfinite().all()


def test_test_labels_choose_no_epoch(separable):
    made, features = separable
    noisy = features + 4 * torch.randn(features.shape, generator=torch.Generator().manual_seed(0))
    fold = next(made.folds())
    half = np.zeros(len(fold.test), bool)
    half[::2] = True
    parts = [replace(fold, test=fold.test[half]), replace(fold, test=fold.test[~half])]
    scores = [probe_fold(noisy, made, part, seed=0, protocol=QUICK) for part in parts]
    # If test clips chose the epoch, each half would choose its own and together they would beat the whole.
    assert probe(made, noisy) == pytest.approx(np.mean(scores))


def test_validation_clips_choose_the_epoch_and_no_weight(separable):
    made, features = separable
    fold = next(made.folds())
    fold = replace(fold, train=fold.train[:60], valid=fold.train[60:])
    misleading = features.clone()
    # Here the better the training, the worse the score: the first epoch is the best.
    misleading[fold.valid] = features[fold.valid].roll(1, dims=1)
    slow = replace(QUICK, lr=0.003)
    first = probe_fold(features, made, fold, seed=0, protocol=replace(slow, epochs=1))
    assert probe_fold(misleading, made, fold, seed=0, protocol=slow) == first
    assert probe_fold(features, made, fold, seed=0, protocol=slow) > first


# --- settings and losses ----------------------------------------------------------------------


def test_classes_of_one_clip_leave_nothing_to_validate_on():
    made = task("abab", [1, 1, 2, 2])
    with pytest.raises(TrainerError, match="no class of fold 1 has two training clips"):
        probe(made, torch.randn(4, 3))


def test_losses():
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    expected = torch.log(1 + torch.exp(torch.tensor([-2.0, -1.0]))).mean()
    torch.testing.assert_close(classification_loss(logits, torch.tensor([0, 1])), expected)
    several = torch.tensor([[1, 1], [0, 1]])
    expected = torch.log(1 + torch.exp(torch.tensor([-2.0, 0.0, 0.0, -1.0]))).mean()
    torch.testing.assert_close(classification_loss(logits, several), expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"patience": 0},
        {"lr": -1},
        {"valid_share": 0},
        {"valid_share": 1},
        {"valid_share": float("nan")},
    ],
)
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        LinearProtocol(**wrong)
