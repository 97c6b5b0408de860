"""Rows of results: one for each training and test, which says all that its score depends on."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patterngen import __version__
from patterngen.escape import as_text
from trainer import digests
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.pretraining.environment import dataset_of
from trainer.results.names import parse_named_path
from trainer.results.predictions import Predictions
from trainer.results.rows import Evaluation
from trainer.scored import scored_settings
from trainer.tasks import Fold
from trainer.transfer.command_line import command_line
from trainer.transfer.evar import learning_rate
from trainer.transfer.protocols import protocol_sha256
from trainer.transfer.scores import FoldOutputs, score
from trainer.transfer.task_features import TaskFeatures, TransferConfig


def evaluation(
    data: TaskFeatures,
    *,
    protocol: str,
    encoder_name: str,
    encoder: SoundEncoder | None,
    fold: Fold,
    seed: int,
    tested: FoldOutputs,
    seconds: float,
    settings: TransferConfig,
    untrained: bool = False,
) -> Evaluation:
    """Make the row of one training and its test.

    Args:
        data: the task that was evaluated on.
        protocol: how; see `Evaluation`.
        encoder_name: as the user calls it, or a baseline's name.
        encoder: that the training began from; None for the floor.
        fold: which clips were tested.
        seed: of the training.
        tested: what the trained model says of them.
        seconds: that it took.
        settings: the config of the command; those of it that decide no score are left out.
        untrained: the encoder's weights are random and of the seed: what the row names is their architecture.
    """
    sources = {parse_named_path(text)[0]: text for text in data.config.run}
    # Of many encoders each row has the command of its own; a baseline comes with any of them.
    own = sources.get(encoder_name, next(iter(sources.values()), None))
    command = replace(settings, run=() if own is None else (own,), json=False)
    told = _settings(data, settings, protocol, encoder)
    # EVAR's two rates, that of encoders and that of the floor, are one protocol.
    evar = {"evar_lr": learning_rate(vars(settings)["evar_lr"], floor=False)} if "evar_lr" in told else {}
    return Evaluation(
        task=_task(data),
        protocol=protocol,
        encoder=encoder_name,
        fold=fold.name,
        folds=sum(1 for _ in data.task.folds()),
        seed=seed,
        metric=data.metric,
        score=score(tested.outputs, data.task.targets[fold.test]),
        clips=len(data.task.clips),
        classes=len(data.task.classes),
        seconds=round(seconds, 3),
        encoder_sha256="" if encoder is None else identity(encoder, untrained=untrained),
        data_sha256=data.data_sha256,
        pretraining_data=dataset_of(data.path(encoder_name, fold)) if encoder_name in sources else "",
        settings=json.dumps(told, sort_keys=True, ensure_ascii=False),
        command=command_line(settings.command, command),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        valid_score=tested.valid_score,
        chosen=tested.chosen,
        protocol_sha256=protocol_sha256(protocol, told | evar, data.logmel, data.precision),
        predictions=predictions_of(data, fold, tested.outputs),
    )


def predictions_of(data: TaskFeatures, fold: Fold, outputs: NDArray[np.float32]) -> Predictions:
    """Keep of the outputs what a score is made of: the likeliest class, or all where there are several."""
    task = data.task
    clips = [task.clips[i] for i in fold.test]
    return Predictions(
        clips=tuple(as_text(name_in(data.config.root, clip.path)) for clip in clips),
        groups=tuple(clip.group or "" for clip in clips),
        classes=task.classes,
        targets=task.targets[fold.test],
        outputs=outputs if task.multi_label else outputs.argmax(axis=1),
    )


def name_in(root: str | Path, path: Path) -> str:
    """Return a clip's file as it lies in the folder of its task, or its name if it lies elsewhere."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def identity(encoder: SoundEncoder, *, untrained: bool) -> str:
    """Return the digest by which rows name an encoder: of its weights, or of what random ones are like."""
    return digests.of_values("untrained", encoder.config.of_network()) if untrained else encoder.sha256


def _task(data: TaskFeatures) -> str:
    """Name a task; where its layout does not say which recordings it reads, by their folder too."""
    name = data.task.name
    if name.partition(":")[0] not in ("csv", "folder"):
        return name
    return f"{as_text(Path(data.config.root).resolve().name)} ({name})"


def _settings(
    data: TaskFeatures, config: TransferConfig, protocol: str, encoder: SoundEncoder | None
) -> dict[str, Any]:
    """Return what a score depends on: the settings as they took effect, not as they were asked for."""
    kind = protocol.split()[0]
    settings = scored_settings(config, kind, encoder=encoder is not None)
    if kind == "linear-evar":
        settings["evar_lr"] = learning_rate(settings["evar_lr"], floor=encoder is None)
    logmel = data.logmel
    settings |= {"sound": logmel.style, "range_db": logmel.range_db or 0.0, "bands": logmel.n_mels}
    if encoder is None:
        return settings
    of_encoder = encoder.config
    return settings | {
        "model": of_encoder.model,
        "input": of_encoder.input_size,
        "frames": of_encoder.input_size[1],
        "patch": of_encoder.patch_size,
        "stride": of_encoder.stride,
        "precision": data.precision,
    }
