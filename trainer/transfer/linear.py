"""`trainer transfer linear`: probes of encoders on a task, beside a random encoder and the log-mel floor."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from patterngen.common.progress import Progress
from trainer.encoders.adapt import SoundEncoder
from trainer.encoders.feature import EACH, Feature, parse_features
from trainer.encoders.features import logmel_floor
from trainer.errors import check_folder, check_range
from trainer.parallel import in_order
from trainer.results import plots
from trainer.results.file import append_results
from trainer.results.names import FLOOR
from trainer.results.rows import Evaluation, Result, summarise
from trainer.tasks import Fold
from trainer.transfer.evaluation import evaluation
from trainer.transfer.neighbours import knn_fold
from trainer.transfer.probe import LinearProtocol, probe_fold
from trainer.transfer.scores import FoldOutputs
from trainer.transfer.task_features import TaskFeatures, TransferConfig, baselines

LAYERS = "layers.png"
"""The figure of a probe of several layers."""


@dataclass(frozen=True, kw_only=True)
class LinearConfig(TransferConfig, LinearProtocol):
    """Settings of `transfer_linear`.

    Examples:
        >>> from trainer import LinearConfig
        >>> config = LinearConfig(task="esc50", root="ESC-50", run=("runs/smooth",), layers="6,norm")
        >>> [str(feature) for feature in config.features(blocks=12)]
        ['layers 6+norm']
    """

    command: ClassVar[str] = "transfer linear"

    seeds: int = 3
    """Probes per fold; the interval is over them."""
    layers: str = "norm"
    """Layers to probe: outputs of blocks, counted from 1, and norm, that of the final norm; logmel are mean
    and deviation of the mel bands. Of several, as 3,9,norm, the vectors are put one after the other; each
    probes every layer by itself, and --out gets the figure layers.png."""
    pooling: str = "concat+std"
    """How patches become one vector a clip: concat puts those of one time step in a row and averages over
    time, concat+std and concat+max add deviation or maximum over time, mean averages over all; each probes
    every one by itself."""
    knn: int = 10
    """Neighbours of the k-NN that is computed beside each probe, as a check; 0 for none."""

    def __post_init__(self) -> None:
        TransferConfig.__post_init__(self)
        LinearProtocol.__post_init__(self)
        check_range(self, 1, math.inf, "seeds")
        check_range(self, 0, math.inf, "knn")
        self.features(None)  # what cannot be read is refused at once

    @property
    def several_layers(self) -> bool:
        """Whether scores of different layers can be compared."""
        return self.layers.strip() in EACH

    def features(self, blocks: int | None) -> list[Feature]:
        """Return the features to probe of an encoder of so many blocks, as `parse_features` does.

        Raises:
            TrainerError: layers or poolings that cannot be read, or that the encoder has not.
        """
        return parse_features(self.layers, self.pooling, blocks)


def transfer_linear(config: LinearConfig) -> list[Result]:
    """Probe encoders on a task, always beside a random encoder and the floor of the log-mels.

    Returns:
        A row for the floor, and for random weights of each architecture and each encoder one of each feature;
        a second one of the k-NN.

    Raises:
        TrainerError: clips or encoders that cannot be read.

    Examples:
        >>> from pathlib import Path
        >>> import numpy as np, soundfile
        >>> for label, hertz in (("low", 200), ("high", 2000)):
        ...     Path("pitches", label).mkdir(parents=True, exist_ok=True)
        ...     for number in range(10):
        ...         sound = np.sin(2 * np.pi * (hertz + number) * np.arange(3200) / 16_000)
        ...         soundfile.write(f"pitches/{label}/{number}.wav", sound, 16_000)
        >>> from trainer import LinearConfig, transfer_linear
        >>> rows = transfer_linear(LinearConfig(task="folder", root="pitches", fold=(1,), seeds=1, knn=0))
        >>> [(row.encoder, row.protocol, row.score) for row in rows]  # no encoder: the floor alone
        [('floor', 'linear', 1.0)]
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

    def tested(trial: tuple[Feature, str, int, Fold]) -> tuple[FoldOutputs, float]:
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
            trials, in_order(tested, trials, workers=torch.get_num_threads()), strict=True
        ):
            rows.append(
                evaluation(
                    data,
                    protocol=protocol_name(protocol, feature),
                    encoder_name=name,
                    encoder=encoder,
                    fold=fold,
                    seed=seed,
                    tested=found,
                    seconds=seconds + embedding / len(trials),
                    settings=config,
                )
            )
            progress.advance()
    if config.out is not None:
        append_results(Path(config.out), rows)
    return rows
