from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.tasks import Clip, Task
from trainer.transfer import linear_probe
from trainer.transfer.holdout import valid_clips, with_validation
from trainer.transfer.linear_probe import STRENGTHS, choose_strength, linear_fold, strength_in_words
from trainer.transfer.scores import score

pytestmark = pytest.mark.numerical


def task(labels, folds, groups=None):
    clips = [
        Clip(Path(f"{i}.wav"), label, int(fold), group=None if groups is None else str(groups[i]))
        for i, (label, fold) in enumerate(zip(labels, folds, strict=True))
    ]
    return Task("made", tuple(clips), 1.0)


def splits(made, seeds=1, fold=0):
    whole = list(made.folds())[fold]
    return [with_validation(made, whole, 0.1, seed, remedy="") for seed in range(seeds)]


def scores(made, features, seeds=1):
    parts = splits(made, seeds)
    return [score(found.outputs, made.targets[parts[0].test]) for found in linear_fold(features, made, parts)]


@pytest.fixture
def separable():
    """Four classes around four corners, and the folds 1 and 2 in turn."""
    rng = np.random.default_rng(0)
    classes = np.arange(160) % 4
    features = np.eye(4)[classes] * 5 + rng.normal(size=(160, 4))
    return task([f"class {c}" for c in classes], np.arange(160) // 80 + 1), torch.tensor(features).float()


@pytest.fixture
def noisy(separable):
    made, features = separable
    return made, features + 4 * torch.randn(features.shape, generator=torch.Generator().manual_seed(0))


def test_what_a_plane_divides_is_learned(separable):
    made, features = separable
    assert scores(made, features)[0] > 0.97
    assert scores(made, 1000 * features + 77) == scores(made, features)  # whatever the units
    apart = torch.from_numpy(10 * np.eye(4, dtype=np.float32)[made.targets]) + features
    assert scores(made, apart) == [1.0]


def test_several_labels_a_clip_are_scored_by_mean_average_precision(separable):
    made, features = separable
    several = task(
        [(clip.label, "even" if i % 2 else "odd") for i, clip in enumerate(made.clips)],
        np.arange(160) // 80 + 1,
    )
    assert several.multi_label
    assert scores(several, features)[0] > 0.97


def test_labels_without_sense_give_chance(separable):
    made, features = separable
    found = []
    for seed in range(10):
        shuffled = np.random.default_rng(seed).permutation([clip.label for clip in made.clips])
        found += scores(task(shuffled, [clip.fold for clip in made.clips]), features)
    assert abs(np.mean(found) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 800)


def test_features_that_give_the_group_away_never_help():
    """Forty speakers, of whom each says one word ten times: whoever knows the speaker knows the word."""
    rng = np.random.default_rng(0)
    speakers = np.repeat(np.arange(40), 10)
    words = rng.permutation(np.arange(40) % 4)[speakers]
    poison = torch.from_numpy(np.eye(40)[speakers] + 0.01 * rng.normal(size=(400, 40))).float()
    folds = 1 + (speakers >= 20)
    labels = [f"word {word}" for word in words]
    (known,) = splits(task(labels, folds, speakers))
    groups = [set(speakers[part]) for part in (known.train, valid_clips(known), known.test)]
    assert not groups[0] & groups[1] | groups[1] & groups[2] | groups[0] & groups[2]
    chances = [
        [found.valid_score for fold in (0, 1) for found in linear_fold(poison, made, splits(made, 3, fold))]
        for made in (task(labels, folds, speakers), task(labels, folds))
    ]
    assert np.mean(chances[0]) < 0.5
    assert np.mean(chances[1]) > 0.95  # where nobody says who speaks, the poison works


def test_every_split_is_tested_with_the_strength_that_it_chose(noisy):
    made, features = noisy
    parts = splits(made, 4)
    together = linear_fold(features, made, parts)
    for split, found in zip(parts, together, strict=True):
        strength, valid_score = choose_strength(features, made, split)
        assert found.chosen == strength_in_words(strength)
        assert found.valid_score == valid_score
        (alone,) = linear_fold(features, made, [split])
        np.testing.assert_allclose(alone.outputs, found.outputs, atol=0.02)


def test_equal_strengths_are_fitted_once(noisy, monkeypatch):
    made, features = noisy
    fitted, path = [], linear_probe.logistic_path
    monkeypatch.setattr(
        linear_probe,
        "logistic_path",
        lambda inputs, *rest, **kind: fitted.append(len(inputs)) or path(inputs, *rest, **kind),
    )
    parts = 2 * splits(made, 3)
    chosen = {found.chosen for found in linear_fold(features, made, parts)}
    assert fitted.count(80) == len(chosen) <= 3
    assert len(fitted) == 6 + len(chosen)


def test_test_clips_choose_nothing(noisy):
    made, features = noisy
    poisoned, (split,) = features.clone(), splits(made)
    poisoned[split.test] = torch.nan
    assert choose_strength(poisoned, made, split) == choose_strength(features, made, split)
    half = replace(split, test=split.test[::2])
    (whole,), (part,) = linear_fold(features, made, [split]), linear_fold(features, made, [half])
    np.testing.assert_allclose(part.outputs, whole.outputs[::2], atol=1e-5)
    poisoned[half.test] = features[half.test]
    (same,) = linear_fold(poisoned, made, [split])
    np.testing.assert_allclose(same.outputs[::2], part.outputs, atol=1e-5)


def test_validation_clips_choose_the_strength_and_are_learned_from_then(noisy):
    """Of features that are mostly noise a strong penalty is right; where a plane divides, a weak one."""
    rng = np.random.default_rng(1)
    targets = np.arange(200) % 2
    made = task([f"{t}" for t in targets], 1 + np.arange(200) // 100)
    clear = np.concatenate([targets[:, None], 0.1 * rng.normal(size=(200, 1))], axis=1)
    dim = np.concatenate([targets[:, None] + rng.normal(size=(200, 1)), rng.normal(size=(200, 60))], axis=1)
    (split,) = splits(made)
    strengths = [choose_strength(torch.from_numpy(x).float(), made, split)[0] for x in (dim, clear)]
    assert strengths[0] > strengths[1]
    lone = replace(split, train=split.train[:-1], valid=np.array([split.train[-1]]))
    known = np.concatenate([lone.train, lone.valid])
    wrong = torch.from_numpy(clear).float()
    wrong[known[-1], 0] = 50  # learned from, it takes the plane away
    assert scores_of(wrong, made, lone) < 1 == scores_of(torch.from_numpy(clear).float(), made, lone)


def scores_of(features, made, split):
    (found,) = linear_fold(features, made, [split])
    return score(found.outputs, made.targets[split.test])


def test_the_edge_of_the_grid_is_told():
    assert strength_in_words(STRENGTHS[0]) == "strength 1.0e+01, the strongest tried"
    assert strength_in_words(STRENGTHS[-1]) == "strength 1.0e-08, the weakest tried"
    assert strength_in_words(STRENGTHS[5]) == "strength 3.2e-02"
