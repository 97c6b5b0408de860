"""EVAR's linear evaluation (Niizumi et al., github.com/nttcslab/eval-audio-repr), for its tables alone.

Features standardised on the training clips, one linear layer, Adam, batches of 200 clips at most, 200 epochs
at most. The weights of the epoch with the best validation score are tested, the last of equals; training ends
after 20 epochs in a row that are worse. How far that is from the layer's optimum depends on the number of
features and on the learning rate, which EVAR sets for each representation: compare no encoders by it that
EVAR did not.
"""

import numpy as np
import torch
from torch import Tensor, nn

from trainer.tasks import Fold, Task
from trainer.tasks.contract import Indices
from trainer.transfer.logistic import one_hot
from trainer.transfer.scores import FoldOutputs, score

_BATCH, _EPOCHS, _PATIENCE = 200, 200, 20
_VALID_SHARE, _DRAWS = 0.1, 100
_WEIGHT_DECAY = 1e-8


def learning_rate(asked: float | None, *, floor: bool) -> float:
    """Return the learning rate that was asked for, or EVAR's: for mel spectra (the floor), or for M2D."""
    return asked or (3e-4 if floor else 3e-5)


def evar_fold(features: Tensor, task: Task, fold: Fold, *, seed: int, lr: float) -> FoldOutputs:
    """Train EVAR's layer on one fold.

    Where the task sets no validation clips aside, a tenth of the training clips serves, drawn anew, a hundred
    times at most, until it has every class; speakers and recordings may lie on both sides. The features are
    standardised before that, by both sides.

    Two things of EVAR's are left out: of two classes its code makes one, and never learns; and classes that
    no test clip has lower its mean average precision.

    Args:
        features: float32 [N, D], of all clips of the task.
        task: gives the targets.
        fold: which clips train, validate and test.
        seed: of the draw, the weights and the order.
        lr: Adam's learning rate.
    """
    generator = torch.Generator().manual_seed(seed)
    std, mean = torch.std_mean(features[fold.train].double(), dim=0, correction=0)
    scaled = ((features - mean) / torch.where(std > 0, std, 1.0)).float()
    train, valid = _validated(task, fold, seed)
    inputs, targets = scaled[train], one_hot(task.targets[train], len(task.classes)).float()
    asked, labels = scaled[valid], task.targets[valid]
    layer = nn.Linear(features.shape[1], len(task.classes))
    bound = features.shape[1] ** -0.5
    for tensor in (layer.weight, layer.bias):
        nn.init.uniform_(tensor, -bound, bound, generator=generator)
    optimizer = torch.optim.Adam(layer.parameters(), lr=lr, weight_decay=_WEIGHT_DECAY)
    best, since = 0.0, 0
    weight, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    for _ in range(_EPOCHS):
        for index in torch.randperm(len(inputs), generator=generator).split(_BATCH):
            loss = _loss(layer(inputs[index]), targets[index], multi_label=task.multi_label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            found = score(layer(asked).numpy(), labels)
        since += 1
        if found >= best:
            best, since = found, 0
            weight, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
        if since == _PATIENCE:
            break
    outputs = nn.functional.linear(scaled[fold.test], weight, bias)
    return FoldOutputs(outputs.numpy(), best)


def _loss(outputs: Tensor, targets: Tensor, *, multi_label: bool) -> Tensor:
    """Return the mean over clips and classes: of the cross entropy, a part for each class."""
    if multi_label:
        return nn.functional.binary_cross_entropy_with_logits(outputs, targets)
    return -(targets * outputs.log_softmax(dim=1)).mean()


def _validated(task: Task, fold: Fold, seed: int) -> tuple[Indices, Indices]:
    """Return the clips to learn from and to validate on."""
    if fold.valid is not None:
        return fold.train, fold.valid
    rng = np.random.default_rng(seed)
    present = one_hot(task.targets[fold.train], len(task.classes)).numpy() > 0
    count = -(-len(fold.train) // round(1 / _VALID_SHARE))
    for _ in range(_DRAWS):
        order = rng.permutation(len(fold.train))
        held = order[:count]
        if (present[held].any(axis=0) == present.any(axis=0)).all():
            break
    return fold.train[order[count:]], fold.train[held]
