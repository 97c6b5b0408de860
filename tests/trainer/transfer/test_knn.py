from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler, normalize

from trainer.tasks import Clip, Task
from trainer.transfer import knn
from trainer.transfer.scores import score


def knn_fold(features, problem, fold, **settings):
    """Return the score of the votes."""
    outputs = knn.knn_fold(features, problem, fold, **settings).outputs
    return score(outputs, problem.targets[fold.test])


def task(labels, folds):
    clips = [
        Clip(Path(f"{i}.wav"), label, int(fold))
        for i, (label, fold) in enumerate(zip(labels, folds, strict=True))
    ]
    return Task("made", tuple(clips), 1.0)


def made(rng, n=120):
    classes = rng.integers(0, 3, n)
    features = np.eye(3)[classes] @ rng.normal(size=(3, 6)) + 0.8 * rng.normal(size=(n, 6))
    return task([f"class {c}" for c in classes], np.arange(n) % 2 + 1), features.astype(np.float32)


def test_it_votes_as_scikit_learn_does():
    problem, features = made(np.random.default_rng(0))
    for fold in problem.folds():
        scaled = normalize(StandardScaler().fit(features[fold.train]).transform(features))
        # The cosine distance of unit vectors is 1 − cosine.
        theirs = KNeighborsClassifier(
            7, metric="cosine", weights=lambda distance: np.exp((1 - distance) / 0.07)
        ).fit(scaled[fold.train], problem.targets[fold.train])
        expected = theirs.score(scaled[fold.test], problem.targets[fold.test])
        assert knn_fold(torch.from_numpy(features), problem, fold, neighbours=7) == expected


def test_many_clips_are_compared_in_blocks(monkeypatch):
    problem, features = made(np.random.default_rng(0))
    fold, vectors, sizes = next(problem.folds()), torch.from_numpy(features), []
    expected = knn_fold(vectors, problem, fold, neighbours=7)
    topk = torch.Tensor.topk
    monkeypatch.setattr("trainer.encoders.neighbours._NUMBERS", 1000)
    monkeypatch.setattr(torch.Tensor, "topk", lambda t, *a, **k: sizes.append(t.numel()) or topk(t, *a, **k))
    assert knn_fold(vectors, problem, fold, neighbours=7) == expected
    assert sum(sizes) == len(fold.train) * len(fold.test)
    assert max(sizes) <= 1000


def test_shuffled_labels_are_chance_and_separable_ones_are_found():
    rng = np.random.default_rng(1)
    problem, features = made(rng, 600)
    shuffled = task(rng.permutation([clip.label for clip in problem.clips]), np.arange(600) % 2 + 1)
    vectors = torch.from_numpy(features)
    chance = [knn_fold(vectors, shuffled, fold, neighbours=10) for fold in shuffled.folds()]
    assert abs(np.mean(chance) - 1 / 3) < 4 * np.sqrt(2 / 9 / 600)
    clear = torch.cat([vectors, 10 * torch.eye(3)[problem.targets]], dim=1)
    assert all(knn_fold(clear, problem, fold, neighbours=10) == 1 for fold in problem.folds())


def test_more_neighbours_than_clips_and_a_constant_feature():
    problem = task(["a", "b", "a", "b"], [1, 1, 2, 2])
    features = torch.tensor([[1.0, 5], [-1, 5], [2, 5], [-2, 5]])
    assert knn_fold(features, problem, next(problem.folds()), neighbours=10) == 1


def test_several_labels_a_clip():
    problem = task([("a",), ("b", "c"), ("a", "c"), ("b",)] * 2, [1] * 4 + [2] * 4)
    features = torch.eye(4).repeat(2, 1)
    assert knn_fold(features, problem, next(problem.folds()), neighbours=1) == 1


def test_test_clips_are_no_neighbours():
    problem, features = made(np.random.default_rng(2))
    vectors, fold = torch.from_numpy(features), next(problem.folds())
    single = [replace(fold, test=fold.test[i : i + 1]) for i in range(len(fold.test))]
    alone = [knn_fold(vectors, problem, one, neighbours=5) for one in single]
    assert np.mean(alone) == pytest.approx(knn_fold(vectors, problem, fold, neighbours=5))
