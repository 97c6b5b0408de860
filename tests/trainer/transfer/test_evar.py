from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler
from torch.nn import functional

from trainer.tasks import Clip, Task
from trainer.transfer.evar import evar_fold, learning_rate

pytestmark = pytest.mark.numerical


def made(classes=3, several=False, valid=False, n=150):
    rng = np.random.default_rng(0)
    known = rng.permutation(np.arange(n) % classes)
    features = np.eye(classes)[known] @ rng.normal(size=(classes, 12)) + 1.5 * rng.normal(size=(n, 12))
    parts = ["train", "valid", "test"] if valid else [1, 2]
    clips = []
    for i, label in enumerate(known):
        part = parts[i % len(parts)]
        labels = (f"{label}", f"{(label + i % 2) % classes}") if several else f"{label}"
        where = {"split": part} if valid else {"fold": part}
        clips.append(Clip(Path(f"{i}.wav"), labels, group="all", **where))
    return Task("made", tuple(clips), 1.0), torch.from_numpy(5 * features + 1).float()


def evar(features, targets, classes, train, valid, test, seed, lr):
    """EVAR's loop in a few lines, written from its description alone; also tells how long it went on."""
    scaler = StandardScaler().fit(features[train])
    x = {
        part: torch.tensor(scaler.transform(features[index])).float()
        for part, index in (("train", train), ("valid", valid), ("test", test))
    }
    generator = torch.Generator().manual_seed(seed)
    bound = features.shape[1] ** -0.5
    weight = (
        torch.empty(classes, features.shape[1]).uniform_(-bound, bound, generator=generator).requires_grad_()
    )
    bias = torch.empty(classes).uniform_(-bound, bound, generator=generator).requires_grad_()
    adam = torch.optim.Adam([weight, bias], lr=lr, weight_decay=1e-8)
    one_label = targets.ndim == 1
    y = torch.from_numpy(np.eye(classes)[targets] if one_label else targets).float()
    best, kept, epochs = 0, [], []
    for epoch in range(200):
        for index in torch.randperm(len(train), generator=generator).split(200):
            logits = x["train"][index] @ weight.T + bias
            labels = y[train][index]
            loss = (
                -(labels * logits.log_softmax(1)).mean()
                if one_label
                else functional.binary_cross_entropy(logits.sigmoid(), labels)
            )
            adam.zero_grad(), loss.backward(), adam.step()
        logits = (x["valid"] @ weight.T + bias).detach().numpy()
        found = (
            (logits.argmax(1) == targets[valid]).mean()
            if one_label
            else average_precision_score(targets[valid], logits, average="macro")
        )
        if found >= best:
            best, kept = found, (x["test"] @ weight.T + bias).detach().numpy()
            epochs.append(epoch)
        elif epoch - epochs[-1] == 20:
            break
    return best, kept, epoch


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("lr", [0.03, 3e-4])
def test_it_is_evars_loop(several, lr):
    task, features = made(several=several, valid=True)
    (fold,) = task.folds()
    found = evar_fold(features, task, fold, seed=5, lr=lr)
    arrays = (features.numpy(), task.targets, 3, fold.train, fold.valid, fold.test)
    best, outputs, last = evar(*arrays, 5, lr)
    assert found.valid_score == pytest.approx(best)
    np.testing.assert_allclose(found.outputs, outputs, atol=1e-4)
    assert (last < 199) == (lr == 0.03)  # both ways to end


def test_where_the_task_has_no_validation_clips_a_tenth_of_any_group_serves(monkeypatch):
    task, features = made()
    fold = next(task.folds())
    seen = []
    monkeypatch.setattr(
        "trainer.transfer.evar.score", lambda outputs, targets: seen.append(targets.tolist()) or 0.5
    )
    evar_fold(features, task, fold, seed=0, lr=0.01)
    assert {len(targets) for targets in seen} == {8}  # of 75
    assert set(seen[0]) == {0, 1, 2}  # one group of all: EVAR looks at none


def test_equal_seeds_give_equal_outputs_and_test_clips_choose_nothing():
    task, features = made()
    fold = next(task.folds())
    found = [evar_fold(features, task, fold, seed=seed, lr=0.01).outputs for seed in (0, 0, 1)]
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()
    poisoned = features.clone()
    poisoned[fold.test[1:]] = torch.nan
    one = evar_fold(poisoned, task, replace(fold, test=fold.test[:1]), seed=0, lr=0.01).outputs
    np.testing.assert_allclose(one, found[0][:1], atol=1e-5)


def test_learning_rates_are_those_of_the_representation():
    assert learning_rate(None, floor=True) == 3e-4
    assert learning_rate(None, floor=False) == 3e-5
    assert learning_rate(0.1, floor=True) == learning_rate(0.1, floor=False) == 0.1
