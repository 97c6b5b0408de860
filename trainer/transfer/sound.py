"""What every transfer begins with: a task's clips as spectrograms, and encoders adapted to them."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.adapt import Positions, SoundEncoder, adapt_to_sound, random_sound_encoder
from trainer.audio import LogMel
from trainer.device import Precision, autocast, choose_device
from trainer.errors import TrainerError, check_range
from trainer.tasks import Fold, Task, load
from trainer.transfer.features import spectrograms, statistics
from trainer.transfer.results import COMPANIONS

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class SoundConfig:
    """Settings that every transfer shares."""

    task: str
    """Task, as `trainer tasks` lists them; settings may follow: csv:label=pitch_class."""
    root: str
    """Folder of the clips."""
    run: tuple[str, ...] = ()
    """Encoder to transfer: PATH or NAME=PATH of a run, checkpoint or exported folder. May be repeated."""
    fold: tuple[int, ...] = ()
    """Evaluate this fold only, counted from 1. May be repeated; all folds if not given."""
    frames: int = 208
    """Longest input of the encoder in log-mel frames; longer clips are cut into chunks."""
    positions: Positions = "interpolate"
    """How positions meet the new grid: the trained table interpolated, or a fresh sin-cos table."""
    range_db: float = 50.0
    """Decibels below a clip's loudest band that count as silence; 0 keeps absolute levels."""
    seed: int = 0
    """Seed of random encoders, heads, orders and augmentations."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 …"""
    precision: Precision = "auto"
    """auto is bf16 where the machine computes faster in it, float32 elsewhere."""

    def __post_init__(self) -> None:
        check_range(self, 0, 2**31 - 1, "seed")


@dataclass(frozen=True, kw_only=True)
class TransferConfig(SoundConfig):
    """Settings that both ways to transfer share."""

    out: str | None = None
    """Folder for results.csv and results.jsonl; nothing is written if none is given."""


class Sound:
    """A task made ready: its clips as log-mels, their mean and deviation, and the folds to evaluate.

    The mean and deviation are two numbers over all clips of the task. They use no label.
    """

    def __init__(self, config: SoundConfig) -> None:
        self.config = config
        self.task: Task = load(config.task, config.root)
        for note in self.task.notes:  # clips that are not there, splits that are our own
            print(f"{self.task.name}: {note}", file=sys.stderr)  # noqa: T201
        self.device = choose_device(config.device)
        self.autocast = autocast(self.device, config.precision)
        self.logmel = LogMel(range_db=config.range_db or None)
        self.folds = _chosen(self.task, config.fold)
        self.clips: list[Tensor] = spectrograms(
            [clip.path for clip in self.task.clips], self.logmel, clip_seconds=self.task.clip_seconds
        )
        self.mean, self.std = statistics(self.clips)

    @property
    def metric(self) -> str:
        """The name of the score."""
        return self.task.metric

    def encoders(self) -> dict[str, SoundEncoder]:
        """Load and adapt every asked encoder, by name.

        Raises:
            TrainerError: two of the same name, or one that cannot be loaded or heard with.
        """
        found: dict[str, SoundEncoder] = {}
        for text in self.config.run:
            name, path = named(text)
            if name.startswith(COMPANIONS):
                raise TrainerError(
                    f"--run {text}: {name!r} is the name of what encoders are compared with; give NAME=PATH"
                )
            if name in found:
                raise TrainerError(f"--run {text}: two encoders are named {name!r}; give NAME=PATH")
            encoder = adapt_to_sound(
                path,
                logmel=self.logmel,
                frames=self.config.frames,
                mean=self.mean,
                std=self.std,
                positions=self.config.positions,
            )
            if encoder.logmel != self.logmel:
                raise TrainerError(
                    f"--run {text}: was exported with other log-mel settings: {encoder.logmel}"
                )
            for line in encoder.account:
                print(f"{name}: {line}", file=sys.stderr)  # noqa: T201 (what became of each tensor)
            found[name] = encoder.to(self.device)
        return found

    def untrained(self, like: SoundEncoder) -> SoundEncoder:
        """Return random weights of the same architecture."""
        return random_sound_encoder(like, self.config.seed).to(self.device)


def named(text: str) -> tuple[str, Path]:
    """Read ``NAME=PATH``; a bare path, which may hold a = if it exists, is named after its last part."""
    name, equals, path = text.partition("=")
    return (name, Path(path)) if equals and not Path(text).exists() else (Path(text).name, Path(text))


def companions(name: str, encoders: Mapping[str, SoundEncoder]) -> dict[str, SoundEncoder]:
    """Name the random starts that encoders are compared with, each with an encoder of its architecture.

    Encoders that share an architecture share one; only where there are several do their names tell which.
    """
    kinds: dict[tuple[object, ...], SoundEncoder] = {}
    for encoder in encoders.values():
        kinds.setdefault((encoder.config.model, *encoder.config.patch_size), encoder)
    if len(kinds) == 1:
        return {name: encoder for encoder in kinds.values()}  # noqa: B035 (there is just one)
    return {f"{name} {model} {height}×{width}": kinds[model, height, width] for model, height, width in kinds}


def _chosen(task: Task, numbers: Sequence[int]) -> list[Fold]:
    folds = list(task.folds())
    for number in numbers:
        if not 1 <= number <= len(folds):
            raise TrainerError(f"fold {number}: {task.name} has folds 1 … {len(folds)}")
    return [folds[number - 1] for number in numbers] if numbers else folds
