"""The linear probe: how much of a task one linear layer can read off frozen features.

The protocol is EVAR's (Niizumi et al.): features standardised on the training clips, one linear layer,
Adam at 3e-4, batches of min(200, n), at most 200 epochs, stopped after 20 without a better validation
score. Where a task sets no validation clips aside, a tenth of its training clips serves, every class
present and no speaker or recording on both sides. A k-NN of the same features stands beside as a check.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from patterngen import Progress
from trainer.encoders.adapt import SoundEncoder
from trainer.encoders.features import POOLINGS, Feature, logmel_floor
from trainer.errors import TrainerError, check_folder, check_range, check_share
from trainer.parallel import in_order
from trainer.results import plots
from trainer.results.file import append_results
from trainer.results.names import FLOOR
from trainer.results.rows import Evaluation, Result, summarise
from trainer.tasks import Fold, Task
from trainer.transfer.evaluation import evaluation
from trainer.transfer.holdout import hold_out
from trainer.transfer.neighbours import knn_fold
from trainer.transfer.scores import score
from trainer.transfer.task_features import TaskFeatures, TransferConfig, baselines

LAYERS = "layers.png"
"""The figure of a probe of several layers."""
_ANY_DEPTH = 1 << 30


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
        groups = [clip.group for clip in task.clips]
        train, valid = hold_out(train, task.targets, protocol.valid_share, rng, groups)
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

    command: ClassVar[str] = "transfer linear"

    seeds: int = 3
    """Probes per fold; the interval is over them."""
    layers: str = "norm"
    """Layers to probe, as 3,6,norm: outputs of blocks, counted from 1, and of the final norm; all for each.
    Of several, --out gets the figure layers.png."""
    pooling: str = "concat"
    """How patches become one vector a clip, as concat,mean: concat puts those of one time step in a row and
    averages over time, mean averages over all, concat+std and concat+max add deviation or maximum over
    time; all for each."""
    knn: int = 10
    """Neighbours of the k-NN that is computed beside each probe, as a check; 0 for none."""

    def __post_init__(self) -> None:
        TransferConfig.__post_init__(self)
        LinearProtocol.__post_init__(self)
        check_range(self, 1, math.inf, "seeds")
        check_range(self, 0, math.inf, "knn")
        # What cannot be read is refused at once.
        self.features(1 if _words(self.layers) == ["all"] else _ANY_DEPTH)

    @property
    def several_layers(self) -> bool:
        """Whether scores of different layers can be compared."""
        return _words(self.layers) == ["all"] or "," in self.layers

    def features(self, blocks: int) -> list[Feature]:
        """Return the features to probe of an encoder of so many blocks, from the first layer to the last.

        Raises:
            TrainerError: layers or poolings that cannot be read, or that the encoder has not.
        """
        asked = _words(self.pooling)
        poolings = POOLINGS if asked == ["all"] else asked
        for pooling in poolings:
            if pooling not in POOLINGS:
                raise TrainerError(f"pooling = {self.pooling}: {pooling!r} is none of {', '.join(POOLINGS)}")
        asked = _words(self.layers)
        if asked == ["all"]:
            asked = [*map(str, range(1, blocks + 1)), "norm"]
        for name in asked:
            if name != "norm" and not (name.isascii() and name.isdigit() and 1 <= int(name) <= blocks):
                known = f"1 … {blocks}" if blocks < _ANY_DEPTH else "the numbers from 1 on"
                raise TrainerError(f"layers = {self.layers}: {name!r} is none of {known} and norm")
        numbers = sorted({int(name) for name in asked if name != "norm"})
        layers = [*numbers, *([None] if "norm" in asked else [])]
        return [Feature(layer, pooling) for layer in layers for pooling in POOLINGS if pooling in poolings]


def _words(text: str) -> list[str]:
    """Split a list of words with commas, and spaces or none around them."""
    return [word.strip() for word in text.split(",")]


def transfer_linear(config: LinearConfig) -> list[Result]:
    """Probe encoders on a task, always beside a random encoder and the floor of the log-mels.

    Returns:
        A row for the floor, and for random weights of each architecture and each encoder one of each feature;
        a second one of the k-NN.

    Raises:
        TrainerError: clips or encoders that cannot be read.
    """
    check_folder(config.out)
    return summarise(probe_task(TaskFeatures(config), config))


def probe_task(data: TaskFeatures, config: LinearConfig) -> list[Evaluation]:
    """Do `transfer_linear` on a task that was read already."""
    trained = data.encoders()
    untrained = {name: data.untrained(like) for name, like in baselines("random", trained).items()}
    encoders = untrained | trained
    # A layer that one of them has not is said before anything is computed.
    asked = {name: config.features(len(encoder.vit.blocks)) for name, encoder in encoders.items()}
    rows = _probed(data, config, FLOOR, None, {Feature(): logmel_floor(data.clips)}, 0.0)
    for name, encoder in encoders.items():
        begin = time.perf_counter()
        features = data.embed(encoder, asked[name], label=name)
        rows += _probed(data, config, name, encoder, features, time.perf_counter() - begin)
    if config.out is not None and config.several_layers:
        plots.by_layer(Path(config.out) / LAYERS, summarise(rows))
    return rows


def protocol_name(protocol: str, feature: Feature) -> str:
    """Return what rows of a feature call their protocol: ``linear``, or ``linear (layer 3, mean)``."""
    return f"{protocol} ({feature})" if str(feature) else protocol


def _probed(
    data: TaskFeatures,
    config: LinearConfig,
    name: str,
    encoder: SoundEncoder | None,
    features: Mapping[Feature, Tensor],
    embedding: float,
) -> list[Evaluation]:
    """Probe the features of all clips on every fold, with every seed.

    Args:
        data: the task.
        config: the settings.
        name: of the encoder.
        encoder: that the features are of; None for the floor.
        features: by what they are.
        embedding: seconds that making them took.
    """
    kinds = [("linear", seed) for seed in range(config.seed, config.seed + config.seeds)]
    kinds += [("knn", config.seed)] * bool(config.knn)
    trials = [(feature, *kind, fold) for feature in features for kind in kinds for fold in data.folds]

    def score_of(trial: tuple[Feature, str, int, Fold]) -> tuple[float, float]:
        feature, protocol, seed, fold = trial
        begin, vectors = time.perf_counter(), features[feature]
        if protocol == "knn":
            found = knn_fold(vectors, data.task, fold, neighbours=config.knn)
        else:
            found = probe_fold(vectors, data.task, fold, seed=seed, protocol=config)
        return found, time.perf_counter() - begin

    rows = []
    with Progress(len(trials), unit="probes", label=name) as progress:
        for (feature, protocol, seed, fold), (found, seconds) in zip(
            trials, in_order(score_of, trials, workers=torch.get_num_threads()), strict=True
        ):
            rows.append(
                evaluation(
                    data,
                    protocol=protocol_name(protocol, feature),
                    encoder_name=name,
                    encoder=encoder,
                    fold=fold.name,
                    seed=seed,
                    score=found,
                    seconds=seconds + embedding / len(trials),
                    settings=config,
                )
            )
            progress.advance()
    if config.out is not None:
        append_results(Path(config.out), rows)
    return rows
