"""The settings of a pre-training run, checked before anything is read or built."""

import json
import math
from dataclasses import dataclass, fields
from typing import Any, Literal

from patterngen.sizes import parse_pair
from trainer.data.contract import Augment, Order
from trainer.errors import TrainerError, check_at_most_one, check_one, check_positive, check_range
from trainer.model.config import MaskedAutoencoderConfig
from trainer.training.precision import Precision

DEFAULT_LR = 5e-4
"""Peak learning rate where none is asked for."""


@dataclass(frozen=True, kw_only=True)
class InputConfig:
    """What a run learns from, where it lies, and the encoder that is given it."""

    data: tuple[str, ...] = ()
    """Dataset to learn from: a folder or URL, as FOLDER=2 with a weight; again for a mixture by weight."""
    draw: tuple[str, ...] = ()
    """Instead, draw pictures as they are needed: families as in `patterngen render`, or one job's YAML."""
    model: str = "vit_tiny"
    """Encoder: vit_tiny, vit_small, vit_base, vit_large or vit_huge."""
    init: str | None = None
    """Start from these weights: a run, an exported or imported folder, the name of a shipped encoder, or a
    checkpoint (.safetensors, .pth) of the published masked autoencoder or of a timm ViT."""
    image_size: int | str = 224
    """Input in pixels: 224 for a square, 80x208 for height and width. Larger pictures are cropped."""
    patch_size: int | str = 16
    """Patch in pixels, likewise; must divide the input."""
    channels: Literal[1, 3] = 3
    """3 for colour, 1 for luma only."""


@dataclass(frozen=True, kw_only=True)
class PretrainSpec(MaskedAutoencoderConfig, InputConfig):
    """A run's definition: what decides its numbers. All parts of one run share every field."""

    epochs: float | None = None
    """Length of the whole schedule in passes over the pictures; or give --steps or --images."""
    steps: int | None = None
    """Length of the whole schedule in optimiser steps."""
    images: int | None = None
    """Length of the whole schedule in pictures seen."""
    batch_size: int = 64
    """Pictures that one process takes at a time."""
    accumulate: int = 1
    """Batches whose gradients make one step; a step learns from batch size × accumulate × processes."""
    lr: float | None = None
    """Peak learning rate; 5e-4 if --blr is not given either."""
    blr: float | None = None
    """Base learning rate instead, for 256 pictures per step; the peak is in proportion to those there are."""
    warmup: float = 0.05
    """Share of the steps over which the learning rate rises from 0; it then falls along a half cosine."""
    warmup_steps: int | None = None
    """Warm-up in steps, instead of --warmup."""
    warmup_epochs: float | None = None
    """Warm-up in passes over the pictures, instead of --warmup."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """muon orthogonalises the steps of the blocks' matrices; the rest, as the learning rate, is AdamW's."""
    layer_decay: float = 1.0
    """Each block of the encoder learns this much slower than what follows it, the last one too; 1 for all
    alike."""
    weight_decay: float = 0.05
    """AdamW's, on matrices and tokens; vectors have none."""
    ema: float | None = None
    """Keep a moving average of the weights, with this share of the old at each step (0.9999); it is exported
    beside the last weights, as export-ema."""
    clip_grad: float = 1.0
    """Largest norm of the gradient; 0 for none."""
    tv_min: float | None = None
    """Leave out pictures of lower Total Variation."""
    tv_max: float | None = None
    """Leave out pictures of higher Total Variation."""
    keep: str | None = None
    """Keep-list written by `patterngen filter`: learn from these pictures only."""
    augment: Augment = "crop"
    """crop takes a random part of the input's size; mae scales a random part of 20 to 100 % of the area to
    that size; none takes the middle."""
    mirror: bool | None = None
    """Mirror half of the pictures left to right. By default only with mae, as published for photographs; in
    pictures of sound it turns time round, which no sound survives."""
    order: Order = "shards"
    """Order of stored pictures: shards reads shard after shard, and shuffles those that are near; global
    shuffles all of a folder, and reads each where it lies."""
    skip_bad: bool = False
    """Go on when a shard or picture cannot be read: others stand in, and metrics.jsonl counts them."""
    views: bool = False
    """Draw two views of each scene, alike in what they show and not in what should not matter; --contrast
    compares them, instead of two masks of one picture."""
    seed: int = 0
    """Seed of the weights, the order of the pictures, the crops and the masks."""
    workers: int = 1
    """Processes that read and decode; 0 does it in this one."""
    precision: Precision = "auto"
    """auto is bf16 where the machine computes faster in it, float32 elsewhere."""
    compile: bool = False
    """Compile the model with torch.compile (needs a C++ compiler on CPU)."""

    def __post_init__(self) -> None:
        MaskedAutoencoderConfig.__post_init__(self)
        check_range(self, 1, math.inf, "steps", "images", "batch_size", "accumulate")
        check_range(self, 0, math.inf, "warmup_steps", "warmup_epochs")
        check_positive(self, math.inf, "epochs", "lr", "blr")
        check_positive(self, 1, "layer_decay", "ema")
        check_one(self, "epochs", "steps", "images")
        check_at_most_one(self, "lr", "blr")
        check_at_most_one(self, "warmup_steps", "warmup_epochs")
        if self.ema == 1:
            raise TrainerError("ema = 1 would keep the first weights for ever: give a share below 1")
        check_range(self, 0, math.inf, "workers", "weight_decay", "clip_grad")
        check_range(self, 0, 2**31 - 1, "seed")
        check_range(self, 0, 1, "warmup")
        parse_pair(self.image_size, "image_size")
        parse_pair(self.patch_size, "patch_size")
        if (self.epochs or self.warmup_epochs) and self.draw and not self.draw[0].endswith((".yaml", ".yml")):
            raise TrainerError("--draw has no end and so no epochs: give --steps or --images")

        if self.views and (self.data or self.piano_roll or not self.contrast):
            raise TrainerError(
                "--views are drawn to be compared: give --draw and --contrast, and no --piano-roll, which is "
                "not of views"
            )
        if self.piano_roll and (self.mirrors or self.augment == "mae"):
            raise TrainerError(
                "--piano-roll knows the tones of whole pictures as they are drawn: give neither --mirror nor "
                "--augment mae"
            )

    @property
    def mirrors(self) -> bool:
        """Whether half of the pictures are mirrored."""
        return self.augment == "mae" if self.mirror is None else self.mirror


@dataclass(frozen=True, kw_only=True)
class PretrainRunOptions:
    """How a run is made: where to, on what, what is saved and shown. Its parts may differ in every field."""

    out: str
    """Run folder: config, metrics, checkpoints, pictures and the exported encoder."""
    stop_at: int | None = None
    """Stop (with a checkpoint) after this step of the schedule; running again goes on."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 …"""
    shard_model: bool = False
    """Cut the weights among the processes (FSDP2), for models that are too large for one device."""
    rank_timeout: float = 600.0
    """Seconds after which processes that train together give up on one that is silent."""
    save_every: int = 1000
    """Steps between two checkpoints."""
    save_minutes: float | None = None
    """Save also when the last checkpoint is this old."""
    keep_checkpoints: int = 2
    """How many checkpoints to keep, the newest ones."""
    log_every: int = 20
    """Steps between two lines of metrics.jsonl."""
    health_every: int = 0
    """Steps between two looks at the features' effective rank (RankMe) and the error of each row of patches,
    which metrics.jsonl and health.png tell; 0 for none."""
    health_task: str | None = None
    """Task of recordings, as in `trainer tasks`: tell the accuracy of k-NN on its clips too, which are not
    learned from."""
    health_root: str | None = None
    """Folder of that task's clips."""
    show_every: int = 1000
    """Steps between two drawings of losses and reconstructions; 0 draws them at the end only."""
    show_as: Literal["pictures", "spectrograms"] = "pictures"
    """How to draw reconstructions: as they are, or in colours of loudness, the first row at the bottom."""
    show_audio: str | None = None
    """Folder of clips: draw reconstructions of their log-mel spectrograms too."""
    tensorboard: bool = False
    """Write numbers and reconstructions for TensorBoard too, into the run folder."""
    wandb: str | None = None
    """Send the numbers to this project of Weights & Biases too (needs the extra wandb)."""
    pixel_cache: str | None = None
    """Folder that keeps decoded pictures for later passes, workers and runs; with --order global."""
    pixel_cache_gb: float = 20.0
    """Most that the folder may hold, in 10⁹ bytes; what was not used for the longest time leaves first."""
    resume: str = "auto"
    """auto goes on from the newest checkpoint of the run folder, never refuses a folder that has one, and the
    path of a checkpoint goes on from that."""

    def __post_init__(self) -> None:
        check_range(
            self, 1, math.inf, "stop_at", "save_every", "log_every", "keep_checkpoints", "rank_timeout"
        )
        check_range(self, 0, math.inf, "save_minutes", "show_every", "health_every", "pixel_cache_gb")
        if (self.health_task is None) != (self.health_root is None):
            raise TrainerError("--health-task and --health-root go together: a task, and where its clips lie")
        if self.health_task and not self.health_every:
            raise TrainerError("--health-task says what to look at: say how often with --health-every")


@dataclass(frozen=True, kw_only=True)
class PretrainConfig(PretrainRunOptions, PretrainSpec):
    """Settings of `pretrain`: what a run is and how it is made, as one flat list.

    Examples:
        >>> from trainer import PretrainConfig
        >>> config = PretrainConfig(data=("clouds",), out="run", epochs=800, mask_ratio=0.8)
        >>> config.model, config.decoder_depth
        ('vit_tiny', 2)
    """

    def __post_init__(self) -> None:
        PretrainSpec.__post_init__(self)
        PretrainRunOptions.__post_init__(self)
        if self.optimizer == "muon" and self.shard_model:
            raise TrainerError("--optimizer muon needs whole matrices: leave out --shard-model")


def settings_of_run(config: PretrainConfig) -> PretrainConfig:
    """Return the settings of a run alone, of those of a command that has more of its own."""
    return PretrainConfig(**{field.name: getattr(config, field.name) for field in fields(PretrainConfig)})


def fixed_settings(spec: PretrainSpec) -> dict[str, Any]:
    """Return a run's definition as plain values, which name what older versions took for granted."""
    values = {field.name: getattr(spec, field.name) for field in fields(PretrainSpec)}
    values["mirror"] = spec.mirrors
    if spec.layer_decay != 1:  # it did not before, and the optimiser's state would not fit
        values["last_block_decays"] = True
    values["workers"] = max(spec.workers, 1)  # each reads its own shards; 0 reads as 1 does
    result: dict[str, Any] = json.loads(json.dumps(values))
    return result
