"""The linear probe: how much of a task one linear layer can read off frozen features.

The protocol is EVAR's (Niizumi et al.): features standardised on the training clips, one linear layer,
Adam at 3e-4, batches of min(200, n), at most 200 epochs, stopped after 20 without a better validation
score. Where a task sets no validation clips aside, a tenth of its training clips serves, every class
present.
"""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from trainer.errors import TrainerError, check_range
from trainer.tasks import Fold, Task
from trainer.transfer.features import embed, logmel_floor
from trainer.transfer.results import Result, summarise
from trainer.transfer.scores import score
from trainer.transfer.sound import Sound, TransferConfig, companions

FLOOR = "log-mel floor"
"""The row of what can be read off the spectrogram without an encoder."""


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
        check_range(self, 0, 1, "valid_share")


def hold_out(
    indices: NDArray[np.intp], targets: NDArray[np.int64], share: float, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split training clips in two, every class on both sides where it has two clips or more.

    Args:
        indices: the training clips [n].
        targets: class ids [N], or 0/1 [N, C], of all clips.
        share: of each class to hold out; at least one clip.
        rng: source of the draw.

    Returns:
        Indices to train on and indices to validate on.
    """
    labels = targets[indices] if targets.ndim == 1 else targets[indices].argmax(axis=1)
    held = []
    for label in np.unique(labels):
        members = rng.permutation(indices[labels == label])
        count = min(max(1, round(share * len(members))), len(members) - 1)
        held.append(members[:count])
    valid = np.sort(np.concatenate(held))
    return np.setdiff1d(indices, valid), valid


def probe_fold(features: Tensor, task: Task, fold: Fold, *, seed: int, protocol: LinearProtocol) -> float:
    """Train a probe on one fold and return its test score, in [0, 1].

    Args:
        features: float32 [N, D], of all clips of the task.
        task: gives the targets.
        fold: which clips train, validate and test.
        seed: of the validation draw, the weights and the order.
        protocol: the settings.

    Raises:
        TrainerError: no clip can be spared for validation.
    """
    rng = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    train, valid = fold.train, fold.valid
    if valid is None:
        train, valid = hold_out(train, task.targets, protocol.valid_share, rng)
        if not len(valid):
            raise TrainerError(
                f"{task.name}: no class of {fold.name} has two training clips, one to learn from and one to "
                "validate on; give more clips, or a valid split"
            )
    scaler = StandardScaler().fit(features[train].numpy())
    parts = {
        name: (
            torch.from_numpy(scaler.transform(features[index].numpy()).astype(np.float32)),
            task.targets[index],
        )
        for name, index in (("train", train), ("valid", valid), ("test", fold.test))
    }
    inputs, labels = parts["train"][0], torch.from_numpy(parts["train"][1])
    layer = nn.Linear(features.shape[1], len(task.classes))
    bound = features.shape[1] ** -0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(layer.parameters(), lr=protocol.lr, fused=True)
    batch = min(protocol.batch_size, len(inputs))
    best, best_test, since = -1.0, 0.0, 0
    for _ in range(protocol.epochs):
        for index in torch.randperm(len(inputs), generator=generator).split(batch):
            loss = classification_loss(layer(inputs[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            valid_score = score(layer(parts["valid"][0]).numpy(), parts["valid"][1])
            if valid_score > best:
                # The test score of the epoch that the validation clips choose; it chooses nothing itself.
                best, since = valid_score, 0
                best_test = score(layer(parts["test"][0]).numpy(), parts["test"][1])
            else:
                since += 1
        if since >= protocol.patience:
            break
    return best_test


def classification_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy for class ids [B] (or probabilities), binary cross entropy for 0/1 targets [B, C]."""
    if targets.ndim == 1:
        return nn.functional.cross_entropy(logits, targets)
    return nn.functional.binary_cross_entropy_with_logits(logits, targets.float())


@dataclass(frozen=True, kw_only=True)
class LinearConfig(TransferConfig, LinearProtocol):
    """Settings of `transfer_linear`."""

    seeds: int = 3
    """Probes per fold; the interval is over them."""

    def __post_init__(self) -> None:
        TransferConfig.__post_init__(self)
        LinearProtocol.__post_init__(self)
        check_range(self, 1, math.inf, "seeds")


def transfer_linear(config: LinearConfig) -> list[Result]:
    """Probe encoders on a task, always beside a random encoder and the log-mel floor.

    Returns:
        A row for the floor, one for random weights of each architecture, and one per encoder.

    Raises:
        TrainerError: clips or encoders that cannot be read.
    """
    return probe_sound(Sound(config), config)


def probe_sound(sound: Sound, config: LinearConfig) -> list[Result]:
    """Do `transfer_linear` on a task that was read already."""
    trained = sound.encoders()
    untrained = {name: sound.untrained(like) for name, like in companions("random", trained).items()}
    results = [_probed(sound, config, FLOOR, logmel_floor(sound.clips), time.perf_counter())]
    for name, encoder in (untrained | trained).items():
        begin = time.perf_counter()
        features = embed(encoder, sound.clips, autocast=sound.autocast, label=name)
        results.append(_probed(sound, config, name, features, begin))
    return results


def _probed(sound: Sound, config: LinearConfig, name: str, features: Tensor, begin: float) -> Result:
    """Probe the features of all clips on every fold, with every seed."""
    by_seed = [
        {
            fold.name: probe_fold(features, sound.task, fold, seed=config.seed + seed, protocol=config)
            for fold in sound.folds
        }
        for seed in range(config.seeds)
    ]
    return summarise(
        by_seed,
        task=sound.task.name,
        protocol="linear",
        encoder=name,
        metric=sound.metric,
        clips=len(sound.clips),
        seconds=time.perf_counter() - begin,
    )
