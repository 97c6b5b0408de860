"""Probes of encoders on a task, beside random encoders and the floor of the log-mels."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from patterngen.common.progress import Progress
from patterngen.terminal import print_notice
from trainer.encoders.feature import Feature
from trainer.encoders.features import logmel_floor
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.encoders.tokens import Tokens, logmel_tokens
from trainer.errors import check_folder
from trainer.parallel import in_order
from trainer.results import plots
from trainer.results.bootstrap import with_intervals
from trainer.results.file import append_results
from trainer.results.names import FLOOR
from trainer.results.rows import Evaluation, summarise
from trainer.results.shown import Results
from trainer.tasks import Fold, Task
from trainer.transfer.attentive import attentive_fold
from trainer.transfer.evaluation import evaluation
from trainer.transfer.evar import evar_fold, learning_rate
from trainer.transfer.holdout import note_on_shared_groups, with_validation
from trainer.transfer.knn import knn_fold
from trainer.transfer.linear_probe import linear_fold
from trainer.transfer.probe_config import ProbeConfig, Protocol
from trainer.transfer.scores import FoldOutputs
from trainer.transfer.sources import baselines
from trainer.transfer.task_features import TaskFeatures

LAYERS = "layers.png"
"""The figure of a probe of several layers."""


def transfer_probe(config: ProbeConfig) -> Results:
    """Probe encoders on a task, always beside random encoders and the floor of the log-mels.

    Returns:
        For each protocol a row for the floor, and for random weights of each architecture and each encoder
        one of each feature, or of the chosen ones.

    Raises:
        TrainerError: clips or encoders that cannot be read, or no clips to validate on.
        RunFailedError: a probe does not converge.

    Examples:
        >>> from pathlib import Path
        >>> import numpy as np, soundfile
        >>> for label, hertz in (("low", 200), ("high", 2000)):
        ...     Path("pitches", label).mkdir(parents=True, exist_ok=True)
        ...     for number in range(10):
        ...         sound = np.sin(2 * np.pi * (hertz + number) * np.arange(3200) / 16_000)
        ...         soundfile.write(f"pitches/{label}/{number}.wav", sound, 16_000)
        >>> from trainer import ProbeConfig, transfer_probe
        >>> rows = transfer_probe(ProbeConfig(task="folder", root="pitches", fold=(1,), seeds=1))
        >>> [(row.encoder, row.protocol, row.score) for row in rows]  # no encoder: the floor alone
        [('floor', 'linear', 1.0), ('floor', 'knn', 1.0)]
    """
    check_folder(config.out)
    found = with_intervals(summarise(probe_task(TaskFeatures(config), config)))
    if config.out is not None and config.several_layers:
        plots.by_layer(Path(config.out) / LAYERS, found)
    return Results(found)


def probe_task(data: TaskFeatures, config: ProbeConfig, *, beside: bool = True) -> list[Evaluation]:
    """Do `transfer_probe` on a task that was read already.

    Args:
        data: the task.
        config: settings of the probes.
        beside: whether random encoders and the floor are probed too.
    """
    trained = data.encoders()
    untrained = baselines("random", trained) if beside else {}
    # A layer that one of them has not is said before anything is computed.
    for encoder in trained.values():
        config.features(len(encoder.vit.blocks))
    if note := note_on_shared_groups(data.task):
        print_notice(f"{data.task.name}: {note}")
    seeds = range(config.seed, config.seed + config.seeds)
    rows = _probed(data, config, _Subject(FLOOR, None, seeds)) if beside else []
    for name, like in untrained.items():
        for seed in seeds:  # a network for each, so that the interval is of networks
            rows += _probed(data, config, _Subject(name, data.untrained(like, seed), [seed], untrained=True))
    for name, encoder in trained.items():
        rows += _probed(data, config, _Subject(name, encoder, seeds))
    return rows


def protocol_name(protocol: str, feature: Feature) -> str:
    """Return what rows of a feature call their protocol: ``linear``, or ``linear (layer 3, mean)``."""
    return f"{protocol} ({feature})" if str(feature) else protocol


@dataclass(frozen=True)
class _Subject:
    """What is probed: an encoder, or the floor, under its name and with some seeds."""

    name: str
    encoder: SoundEncoder | None
    seeds: Sequence[int]
    untrained: bool = False


def _probed(data: TaskFeatures, config: ProbeConfig, subject: _Subject) -> list[Evaluation]:
    """Probe all features on every fold, by every protocol and with every seed.

    As many folds as there are cores are worked on together: what lies in memory are their features.
    """
    workers = torch.get_num_threads()
    rows = []
    for first in range(0, len(data.folds), workers):
        folds = data.folds[first : first + workers]
        begin = time.perf_counter()
        trials = [trial for fold in folds for trial in _trials(data, config, subject, fold)]
        embedding = time.perf_counter() - begin
        found: dict[tuple[str, Protocol], dict[Feature, _Tested]] = defaultdict(dict)
        # A trial has one core: the threads of scipy's BLAS would wait for one another more than they work.
        alone = threadpool_limits(1, user_api="blas")
        with alone, Progress(len(trials), unit="probes", label=subject.name) as progress:
            tested = in_order(partial(_test, data.task, config), trials, workers)
            for trial, result in zip(trials, tested, strict=True):
                found[trial.fold.name, trial.protocol][trial.feature] = result
                progress.advance()
        for fold in folds:
            for protocol in dict.fromkeys(config.protocol):
                of_features = found[fold.name, protocol]
                rows += _rows(data, config, subject, protocol, fold, of_features, embedding / len(trials))
    if config.out is not None:
        rows = append_results(Path(config.out), rows)
    return rows


@dataclass(frozen=True)
class _Trial:
    """One feature of all clips, [N, D] or every time step, and how it is tested on one fold."""

    subject: _Subject
    protocol: Protocol
    fold: Fold
    feature: Feature
    values: Tensor | Tokens


def _trials(data: TaskFeatures, config: ProbeConfig, subject: _Subject, fold: Fold) -> list[_Trial]:
    """Embed all clips, standardised by the training clips of a fold, for every protocol."""
    asked = [Feature()]
    if subject.encoder is not None:
        asked = config.features(len(subject.encoder.vit.blocks))
        encoder = data.standardised(subject.encoder, fold)
    trials = []
    pooled = [protocol for protocol in dict.fromkeys(config.protocol) if protocol != "attentive"]
    if pooled:
        if subject.encoder is None:
            vectors = {Feature(): logmel_floor(data.clips)}
        else:
            vectors = data.embed(encoder, asked, label=subject.name)
        trials += [
            _Trial(subject, protocol, fold, feature, values)
            for protocol in pooled
            for feature, values in vectors.items()
        ]
    if "attentive" in config.protocol:  # which pools by itself
        for layers in dict.fromkeys(feature.layers for feature in asked):
            if subject.encoder is None:
                tokens = logmel_tokens(data.clips)
            else:
                tokens = data.tokens(encoder, layers, label=subject.name)
            trials.append(_Trial(subject, "attentive", fold, Feature(layers), tokens))
    return trials


@dataclass(frozen=True)
class _Tested:
    """What came of a trial: with each seed, or once where no seed matters; and the seconds of each."""

    outputs: list[FoldOutputs]
    seconds: float


def _test(task: Task, config: ProbeConfig, trial: _Trial) -> _Tested:
    """Train and test one feature by one protocol on one fold, with every seed."""
    begin = time.perf_counter()
    seeds, fold, values = trial.subject.seeds, trial.fold, trial.values
    splits = [
        with_validation(task, fold, config.valid_share, seed, remedy="a valid split")
        for seed in seeds[: 1 if fold.valid is not None else None]  # which all seeds share
        if trial.protocol in ("linear", "attentive") or config.choose
    ]
    if isinstance(values, Tokens):
        found = attentive_fold(values, task, splits)
    elif trial.protocol == "linear-evar":
        lr = learning_rate(config.evar_lr, floor=trial.subject.encoder is None)
        found = [evar_fold(values, task, fold, seed=seed, lr=lr) for seed in seeds]
    elif trial.protocol == "knn":
        found = [knn_fold(values, task, fold, neighbours=config.neighbours, splits=splits)]
    else:
        found = linear_fold(values, task, splits)
    return _Tested(found, (time.perf_counter() - begin) / len(found))


def _rows(
    data: TaskFeatures,
    config: ProbeConfig,
    subject: _Subject,
    protocol: Protocol,
    fold: Fold,
    found: Mapping[Feature, _Tested],
    embedding: float,
) -> list[Evaluation]:
    """Make the rows of one protocol on one fold: of each feature, or of the one that validation chooses."""
    rows = []
    times = min(len(tested.outputs) for tested in found.values())
    for number, seed in enumerate(subject.seeds[:times]):
        of_seed = {feature: tested.outputs[number] for feature, tested in found.items()}
        told = {protocol_name(protocol, feature): outputs for feature, outputs in of_seed.items()}
        if config.choose:
            best, outputs = max(of_seed.items(), key=lambda item: item[1].valid_score)  # of equals the first
            words = [str(best) or "default feature", outputs.chosen]
            told = {f"{protocol} (chosen)": outputs._replace(chosen="; ".join(filter(None, words)))}
        seconds = sum(tested.seconds for tested in found.values()) / len(told) + embedding / len(told)
        rows += [
            evaluation(
                data,
                protocol=name,
                encoder_name=subject.name,
                encoder=subject.encoder,
                fold=fold,
                seed=seed,
                tested=outputs,
                seconds=seconds,
                settings=config,
                untrained=subject.untrained,
            )
            for name, outputs in told.items()
        ]
    return rows
