"""What every transfer begins with: a task's clips as spectrograms, and encoders adapted to them."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from patterngen.storage.ahead import map_ahead
from patterngen.terminal import print_notice
from trainer import digests
from trainer.encoders.audio_config import EmbeddingConfig
from trainer.encoders.exported import encoder_file
from trainer.encoders.feature import Feature, Layer
from trainer.encoders.features import embed_features
from trainer.encoders.int8 import in_precision
from trainer.encoders.sound_encoder import SoundEncoder, random_sound_encoder
from trainer.encoders.tokens import Tokens, embed_tokens
from trainer.errors import ClipError, check_range
from trainer.scored import UNSCORED
from trainer.sound.cache import open_cache
from trainer.sound.clips import LoadedClip, load_clips, mean_and_std, skipped_note
from trainer.tasks import Fold, Task, load
from trainer.training.device import autocast, choose_device, rounds_to
from trainer.transfer.sources import FOLD, EncoderOfFolds, encoder_paths, one_of_folds, path_of_fold

EMBEDDING_VERSION = 3
"""Raised whenever an encoder gives other embeddings of the same clips: older entries of caches then rest."""
_UNKNOWN = 0.0, 1.0
"""Mean and deviation of an encoder that has none of its own: rows name it by them, whatever the fold."""


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig(EmbeddingConfig):
    """Settings that every transfer shares."""

    task: str = field(metadata=UNSCORED)
    """Task, as `trainer tasks` lists them; settings may follow: csv:label=pitch_class."""
    root: str = field(metadata=UNSCORED)
    """Folder of the clips."""
    run: tuple[str, ...] = field(default=(), metadata=UNSCORED)
    """Encoder to transfer: PATH or NAME=PATH of a run, checkpoint or exported folder, or the name of one that
    is shipped. {fold} in it stands for the number of the fold that is tested: an encoder for each, which has
    not met the clips of its fold."""
    fold: tuple[int, ...] = field(default=(), metadata=UNSCORED)
    """Evaluate this fold only, counted from 1; all folds if not given."""
    seed: int = field(default=0, metadata=UNSCORED)
    """Seed of random encoders, heads, orders and augmentations."""
    json: bool = field(default=False, metadata=UNSCORED)
    """Print JSON instead of a table."""

    def __post_init__(self) -> None:
        EmbeddingConfig.__post_init__(self)
        check_range(self, 0, 2**31 - 1, "seed")


@dataclass(frozen=True, kw_only=True)
class TransferConfig(EvaluationConfig):
    """Settings that both ways to transfer share."""

    command: ClassVar[str] = "transfer"
    """The name of the command that these are the settings of."""

    out: str | None = field(default=None, metadata=UNSCORED)
    """Folder whose results.parquet gets a row for each training and test, and whose results.csv sums them
    up; nothing is written if none is given."""


class TaskFeatures:
    """A task made ready: its clips as log-mels, and the folds to evaluate."""

    def __init__(self, config: EvaluationConfig) -> None:
        self.config = config
        self._paths = encoder_paths(config.run)  # what is not there is said before the clips are read
        self.task: Task = load(config.task, config.root)
        for note in self.task.notes:  # clips that are not there, splits that are our own
            print_notice(f"{self.task.name}: {note}")
        self.device = choose_device(config.device)
        self.autocast = autocast(self.device, config.precision)
        self._numbers = {fold.name: number for number, fold in enumerate(self.task.folds(), start=1)}
        for fold in self.task.pick_folds(config.fold):  # what is not there is said before the clips are read
            for name in self._paths:
                encoder_file(self.path(name, fold))
        self.precision = rounds_to(self.device, config.precision)
        first = self.task.pick_folds(config.fold)[0]
        self.logmel = config.logmel({f"--run {name}": self.path(name, first) for name in self._paths})
        self.cache = open_cache(config.cache)
        loaded = self._load_clips()
        self.clips: list[Tensor] = [clip.logmel for clip in loaded]
        self.folds = self.task.pick_folds(config.fold)
        self._statistics: dict[str, tuple[float, float]] = {}
        self._keys = [clip.key for clip in loaded]

    def of(self, runs: tuple[str, ...]) -> "TaskFeatures":
        """Return the same clips for other encoders, as ``--run`` names them.

        The clips are read once only, unless those encoders ask for other spectrograms.
        """
        config = replace(self.config, run=runs)
        paths = encoder_paths(runs)
        first = self.folds[0]
        found = copy(self)
        found.config, found._paths = config, paths
        if config.logmel({f"--run {name}": found.path(name, first) for name in paths}) != self.logmel:
            return TaskFeatures(config)
        vars(found).pop("_encoders", None)
        return found

    def _load_clips(self) -> list[LoadedClip]:
        """Read the clips; with ``skip_bad``, the task is from then on without those that cannot be read."""
        found = list(
            load_clips(
                [clip.path for clip in self.task.clips],
                self.logmel,
                clip_seconds=self.task.clip_seconds,
                cache=self.cache,
                skip_bad=self.config.skip_bad,
            )
        )
        errors = [clip for clip in found if isinstance(clip, ClipError)]
        if errors:
            note = skipped_note(errors, of=len(found))
            print_notice(f"{self.task.name}: {note}")
            kept = [
                clip
                for clip, read in zip(self.task.clips, found, strict=True)
                if isinstance(read, LoadedClip)
            ]
            self.task = replace(self.task, clips=tuple(kept), notes=(*self.task.notes, note))
        return [clip for clip in found if isinstance(clip, LoadedClip)]

    @property
    def metric(self) -> str:
        """The name of the score."""
        return self.task.metric

    @cached_property
    def data_sha256(self) -> str:
        """SHA-256 of each clip's file, labels, fold or split, and group, in order, wherever they lie."""
        clips = self.task.clips
        files = map_ahead(digests.of_file, (clip.path for clip in clips), 2)
        return digests.of_values(
            *((file, clip.labels, clip.part, clip.group) for file, clip in zip(files, clips, strict=True))
        )

    def encoders(self) -> dict[str, SoundEncoder]:
        """Return every asked encoder by name, loaded and adapted once; they are not to be changed.

        Those made of picture encoders await a mean and deviation: see `standardised`.

        Raises:
            TrainerError: one that cannot be loaded or take sound.
        """
        return self._encoders

    @cached_property
    def _encoders(self) -> dict[str, SoundEncoder]:
        found: dict[str, SoundEncoder] = {}
        for name, path in self._paths.items():
            if FOLD in str(path):
                several = {fold.name: self._adapted(self.path(name, fold)) for fold in self.folds}
                encoder = one_of_folds(name, several)
            else:
                encoder = self._adapted(path)
            for line in encoder.load_report:
                print_notice(f"{name}: {line}")  # what became of each tensor
            found[name] = encoder
        return found

    def _adapted(self, path: Path) -> SoundEncoder:
        return self.config.adapt(path, self.logmel, *_UNKNOWN).to(self.device)

    def path(self, name: str, fold: Fold) -> Path:
        """Return where the encoder of a name lies that may be tested on a fold."""
        return path_of_fold(self._paths[name], self._numbers[fold.name])

    def standardised(self, encoder: SoundEncoder, fold: Fold) -> SoundEncoder:
        """Return an encoder for a fold, weights shared, whose input is standardised by its training clips.

        An exported sound encoder, or random weights like it, brings mean and deviation along, and keeps them.
        """
        if isinstance(encoder, EncoderOfFolds):
            encoder = encoder.of_fold[fold.name]
        if (encoder.config.mean, encoder.config.std) != _UNKNOWN:
            return encoder
        if fold.name not in self._statistics:
            self._statistics[fold.name] = mean_and_std([self.clips[i] for i in fold.train])
        mean, std = self._statistics[fold.name]
        config = replace(encoder.config, mean=mean, std=std)
        return SoundEncoder(encoder.vit, config, encoder.load_report).eval()

    def embed(self, encoder: SoundEncoder, features: Sequence[Feature], label: str) -> dict[Feature, Tensor]:
        """Embed all clips by some features, as `embed_features` does, or find them in the cache.

        Layers are kept each by itself, as many features may share one.
        """
        shared = ("embedding", EMBEDDING_VERSION, encoder.sha256, self.precision, self._keys)
        parts = dict.fromkeys(part for feature in features for part in feature.parts)
        keys = {part: digests.of_values(*shared, part.layers, part.pooling) for part in parts}
        found = {
            feature: kept["embedding"]
            for feature, key in keys.items()
            if (kept := self.cache.load(key)) is not None
        }
        if missing := [part for part in parts if part not in found]:
            ready = in_precision(encoder, self.config.precision)
            found |= embed_features(ready, self.clips, missing, autocast=self.autocast, label=label)
            for feature in missing:
                self.cache.save(keys[feature], {"embedding": found[feature]})
        return {
            feature: torch.cat([found[part] for part in feature.parts], dim=1)
            if len(feature.parts) > 1
            else found[feature]
            for feature in features
        }

    def tokens(self, encoder: SoundEncoder, layers: Sequence[Layer], label: str) -> Tokens:
        """Embed all time steps of all clips, as `embed_tokens` does."""
        ready = in_precision(encoder, self.config.precision)
        return embed_tokens(ready, self.clips, layers, autocast=self.autocast, label=label)

    def untrained(self, like: SoundEncoder, seed: int | None = None) -> SoundEncoder:
        """Return random weights of the same architecture, from a seed; by default from the config's."""
        return random_sound_encoder(like, self.config.seed if seed is None else seed).to(self.device)
