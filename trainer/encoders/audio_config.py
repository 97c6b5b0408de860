"""What encoders are given of a clip: settings shared by every command that reads clips."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from patterngen.sizes import parse_pair
from trainer.encoders.adapt import adapt_to_sound
from trainer.encoders.exported import exported_config, load_encoder
from trainer.encoders.feature import EACH, TIME_AVERAGE, Feature, parse_features
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError, check_range
from trainer.model.config import GridRule
from trainer.scored import OF_ENCODERS, UNSCORED
from trainer.sound.logmel import LogMel, log_mel
from trainer.training.precision import EmbeddingPrecision

SoundForm = Literal["auto", "librosa", "kaldi"]
_FRAMES = {"librosa": 208, "kaldi": 1024}


@dataclass(frozen=True, kw_only=True)
class AudioConfig:
    """How clips become spectrograms, and picture encoders sound encoders."""

    sound: SoundForm = "auto"
    """Form of the log-mels: librosa is 80 bands, as in M2D; kaldi is 128 of Kaldi's filter banks, as in
    Audio-MAE. auto is the form that an exported sound encoder brings, and librosa where none does."""
    frames: int | None = field(default=None, metadata=OF_ENCODERS)
    """Longest input of the encoder in log-mel frames; longer clips are cut into chunks. By default 208, and
    1024 of kaldi."""
    stride: str | None = field(default=None, metadata=OF_ENCODERS)
    """Distance of patches in bands x frames, as 8x8, if they shall overlap; the patch's size by default."""
    positions: GridRule = field(default="auto", metadata=OF_ENCODERS)
    """How positions meet the new grid: interpolate stretches the trained table, sincos computes the fixed
    table of the new grid; auto does the second where the table is a fixed one, and the first where it was
    learned."""
    range_db: float = 50.0
    """Decibels below a clip's loudest band that count as silence; 0 keeps absolute levels, as published
    encoders do."""
    cache: str = field(default="auto", metadata=UNSCORED)
    """Folder that keeps log-mels and embeddings for the next time; none keeps nothing, auto is
    $XDG_CACHE_HOME/patterngen."""
    skip_bad: bool = field(default=False, metadata=UNSCORED)
    """Leave out clips that cannot be read, are empty or cut short, or hold NaN or absurd samples, and count
    them, instead of stopping."""

    def __post_init__(self) -> None:
        check_range(self, 0, math.inf, "range_db")
        check_range(self, 1, 2**31 - 1, "frames")
        self.patch_stride  # noqa: B018 - an unreadable one is refused at once

    @property
    def patch_stride(self) -> tuple[int, int] | None:
        """The stride in bands and frames.

        Raises:
            PatternGenError: it is not two whole numbers.
        """
        if self.stride is None:
            return None
        return parse_pair(self.stride, "stride", "give bands x frames, as 8x8, or one number for both")

    def logmel(self, runs: Mapping[str, Path]) -> LogMel:
        """Return the log-mel settings: those of the exported sound encoders, or else the asked form.

        Args:
            runs: encoders by name.

        Raises:
            TrainerError: encoders of different inputs, or of another form than was asked for.
        """
        known = {
            name: config.logmel
            for name, path in runs.items()
            if (config := exported_config(path)) is not None and config.logmel is not None
        }
        if not known:
            return log_mel("kaldi" if self.sound == "kaldi" else "librosa", self.range_db or None)
        (first, settings), *others = known.items()
        for name, other in others:
            if other != settings:
                raise TrainerError(
                    f"{first} and {name} were exported with different log-mel settings "
                    f"({_difference(settings, other)}); give them to two commands"
                )
        if self.sound not in ("auto", settings.style):
            raise TrainerError(
                f"--sound {self.sound}: {first} was exported for the form {settings.style}; leave the "
                "flag out, or export it anew"
            )
        return settings

    def adapt(
        self, source: str | Path, logmel: LogMel, mean: float, std: float, feature: Feature | None = None
    ) -> SoundEncoder:
        """Load an encoder and make a sound encoder of it, as `adapt_to_sound` does.

        Raises:
            TrainerError: as it does, or an exported sound encoder is asked for another input than its own.
        """
        known = exported_config(source)
        if known is not None and known.logmel is not None:
            frames, stride = known.input_size[1], known.stride or known.patch_size
            if self.frames not in (None, frames):
                raise TrainerError(
                    f"--frames {self.frames}: {source} was exported for {frames}; leave the flag out, or "
                    "export it anew"
                )
            if self.patch_stride not in (None, stride):
                raise TrainerError(
                    f"--stride {self.stride}: {source} was exported with {stride[0]}x{stride[1]}; leave the "
                    "flag out, or export it anew"
                )
        return adapt_to_sound(
            source,
            logmel=logmel,
            frames=self.frames or _FRAMES[logmel.style],
            mean=mean,
            std=std,
            positions=self.positions,
            stride=self.patch_stride,
            feature=feature,
        )


@dataclass(frozen=True, kw_only=True)
class EmbeddingConfig(AudioConfig):
    """What encoders are given of a clip, and what computes their embeddings."""

    device: str = field(default="auto", metadata=UNSCORED)
    """auto, cpu, cuda, cuda:1 …"""
    precision: EmbeddingPrecision = "auto"
    """auto is bf16 where the machine computes faster in it, float32 elsewhere; int8 is faster still on many
    CPUs, and rounds more."""


@dataclass(frozen=True, kw_only=True)
class FeatureConfig(AudioConfig):
    """How clips become spectrograms, and by what of an encoder they become vectors."""

    layers: str | None = None
    """Layers that describe a clip, put one after the other, as 3,9,norm: outputs of blocks, counted from 1,
    and of the final norm; logmel are mean and deviation of the mel bands. By default those that an exported
    sound encoder brings, and norm where none does."""
    pooling: str | None = None
    """How the patches of a layer become one vector: concat puts those of one time step in a row and averages
    over time, concat+std and concat+max add deviation or maximum over time, mean averages over all. By
    default that of an exported sound encoder, and concat+std where none brings one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._feature(Feature())

    def feature(self, run: str) -> Feature:
        """Return the feature of an encoder: what is asked for, and what the encoder brings where nothing is.

        Raises:
            TrainerError: no encoder there, or layers that it has not.
        """
        known = exported_config(run)
        if known is None or known.logmel is None:
            feature = self._feature(Feature())
        else:
            feature = self._feature(known.feature or TIME_AVERAGE)
        if self.layers is not None:
            _, state = load_encoder(run)
            feature.check(len({name.split(".")[1] for name in state if name.startswith("blocks.")}), run)
        return feature

    def _feature(self, default: Feature) -> Feature:
        layers = "+".join(map(str, default.layers)) if self.layers is None else self.layers
        pooling = default.pooling if self.pooling is None else self.pooling
        for name, text in (("layers", layers), ("pooling", pooling)):
            if text.strip() in EACH:
                raise TrainerError(
                    f"{name} = {text}: a clip becomes one vector here; trainer transfer compares several"
                )
        (found,) = parse_features(layers, pooling)
        return found


def _difference(one: LogMel, other: LogMel) -> str:
    pairs = [(each.name, getattr(one, each.name), getattr(other, each.name)) for each in fields(LogMel)]
    return ", ".join(f"{name} {a} and {b}" for name, a, b in pairs if a != b)
