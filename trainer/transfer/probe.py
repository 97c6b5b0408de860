"""The linear probe: how much of a task one linear layer can read off frozen features.

The protocol is EVAR's (Niizumi et al.): features standardised on the training clips, one linear layer,
Adam at 3e-4, batches of min(200, n), at most 200 epochs, stopped after 20 without a better validation
score. Where a task sets no validation clips aside, a tenth of its training clips serves, every class
present and no speaker or recording on both sides. A k-NN of the same features stands beside as a check.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from trainer.errors import check_range, check_share
from trainer.tasks import Fold, Task
from trainer.transfer.holdout import with_validation
from trainer.transfer.scores import FoldOutputs, score


@dataclass(frozen=True, kw_only=True)
class LinearProtocol:
    """Settings of the probe; the defaults are the published ones."""

    lr: float = 3e-4
    """Adam's learning rate."""
    batch_size: int = 200
    """Clips per step, at most."""
    epochs: int = 200
    """Passes over the training clips, at most."""
    patience: int = 20
    """Epochs without a better validation score after which it stops."""
    valid_share: float = 0.1
    """Share of the training clips that validates where the task has no validation split."""

    def __post_init__(self) -> None:
        check_range(self, 1, math.inf, "epochs", "batch_size", "patience")
        check_range(self, 0, math.inf, "lr")
        check_share(self, "valid_share")


def probe_fold(
    features: Tensor, task: Task, fold: Fold, *, seed: int, protocol: LinearProtocol
) -> FoldOutputs:
    """Train a probe on one fold and return what it says of the test clips.

    Args:
        features: float32 [N, D], of all clips of the task.
        task: gives the targets.
        fold: which clips train, validate and test.
        seed: of the validation draw, the weights and the order.
        protocol: the settings.

    Raises:
        TrainerError: no clip can be spared for validation.
    """
    generator = torch.Generator().manual_seed(seed)
    fold = with_validation(task, fold, protocol.valid_share, seed, remedy="a valid split")
    assert fold.valid is not None
    scaler = StandardScaler().fit(features[fold.train].numpy())
    parts = {
        name: (
            torch.from_numpy(scaler.transform(features[index].numpy()).astype(np.float32)),
            task.targets[index],
        )
        for name, index in (("train", fold.train), ("valid", fold.valid), ("test", fold.test))
    }
    inputs, labels = parts["train"][0], torch.from_numpy(parts["train"][1])
    layer = nn.Linear(features.shape[1], len(task.classes))
    bound = features.shape[1] ** -0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(layer.parameters(), lr=protocol.lr, fused=True)
    batch = min(protocol.batch_size, len(inputs))
    best, since = -1.0, 0
    outputs = torch.zeros(len(fold.test), len(task.classes))
    for _ in range(protocol.epochs):
        for index in torch.randperm(len(inputs), generator=generator).split(batch):
            loss = classification_loss(layer(inputs[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            valid_score = score(layer(parts["valid"][0]).numpy(), parts["valid"][1])
            if valid_score > best:
                # The outputs of the epoch that the validation clips choose; it chooses nothing itself.
                best, since = valid_score, 0
                outputs = layer(parts["test"][0])
            else:
                since += 1
        if since >= protocol.patience:
            break
    return FoldOutputs(outputs.numpy(), best)


def classification_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy for class ids [B] (or probabilities), binary cross entropy for 0/1 targets [B, C]."""
    if targets.ndim == 1:
        return nn.functional.cross_entropy(logits, targets)
    return nn.functional.binary_cross_entropy_with_logits(logits, targets.float())
