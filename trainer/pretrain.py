"""The pre-training run: a masked autoencoder on the pictures of one dataset folder.

Every random choice of step k (its pictures, crops and masks) follows from the seed and k, so a run that
stops and resumes takes the same steps as one that does not.
"""

import json
import math
import time
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from patterngen import Progress, RunFailedError, save_config, select
from trainer import plots
from trainer.checkpoint import (
    Checkpoint,
    EncoderConfig,
    export_encoder,
    latest_checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from trainer.data import PictureStream, batches
from trainer.device import Precision, autocast, choose_device, suit_attention
from trainer.errors import DivergedError, TrainerError, check_range
from trainer.interrupt import undisturbed
from trainer.mae import MaskedAutoencoder, build_encoder, patchify
from trainer.metrics import Metrics, read_metrics
from trainer.optimise import Optimiser


@dataclass(frozen=True, kw_only=True)
class PretrainConfig:
    """Settings of `pretrain`."""

    data: str
    """Dataset folder to learn from."""
    out: str
    """Run folder: config, metrics, checkpoints, pictures and the exported encoder."""
    model: str = "vit_tiny"
    """Encoder: vit_tiny, vit_small or vit_base."""
    image_size: int | str = 224
    """Input in pixels: 224 for a square, 80x208 for height and width. Larger pictures are cropped."""
    patch_size: int | str = 16
    """Patch in pixels, likewise; must divide the input."""
    channels: Literal[1, 3] = 3
    """3 for colour, 1 for luma only."""
    mask_ratio: float = 0.75
    """Share of the patches that is hidden, between 0 and 1."""
    norm_pix: bool = False
    """Predict each patch normalised by its own mean and deviation."""
    keep_mean: bool = False
    """With --norm-pix, predict the mean too: sound needs the level of a patch as much as its texture."""
    decoder_dim: int = 128
    """Width of the decoder."""
    decoder_depth: int = 2
    """Blocks of the decoder."""
    steps: int = 10_000
    """Optimiser steps of the whole schedule."""
    stop_at: int | None = None
    """Stop (with a checkpoint) after this step of the schedule; running again goes on."""
    batch_size: int = 64
    """Pictures per step."""
    lr: float = 5e-4
    """Peak learning rate."""
    warmup: float = 0.05
    """Share of the steps over which the learning rate rises from 0; it then falls along a half cosine."""
    weight_decay: float = 0.05
    """AdamW's, on matrices only."""
    clip_grad: float = 1.0
    """Largest norm of the gradient; 0 for none."""
    tv_min: float | None = None
    """Leave out pictures of lower Total Variation."""
    tv_max: float | None = None
    """Leave out pictures of higher Total Variation."""
    keep: str | None = None
    """Keep-list written by `patterngen filter`: learn from these pictures only."""
    seed: int = 0
    """Seed of the weights, the order of the pictures, the crops and the masks."""
    workers: int = 1
    """Processes that read and decode; 0 does it in this one."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 …"""
    precision: Precision = "auto"
    """auto is bf16 where the machine computes in it, float32 elsewhere."""
    compile: bool = False
    """Compile the model with torch.compile (needs a C++ compiler on CPU)."""
    save_every: int = 1000
    """Steps between two checkpoints."""
    log_every: int = 20
    """Steps between two lines of metrics.jsonl."""
    resume: Literal["auto", "never"] = "auto"
    """auto goes on from the newest checkpoint of the run folder; never refuses a folder that has one."""

    def __post_init__(self) -> None:
        check_range(self, 1, math.inf, "steps", "stop_at", "batch_size", "save_every", "log_every")
        check_range(self, 1, math.inf, "decoder_dim", "decoder_depth")
        check_range(self, 0, math.inf, "workers", "weight_decay", "clip_grad")
        check_range(self, 0, 2**31 - 1, "seed")
        check_range(self, 0, 1, "warmup")
        pair(self.image_size, "image_size")
        pair(self.patch_size, "patch_size")
        if self.keep_mean and not self.norm_pix:
            raise TrainerError("--keep-mean goes with --norm-pix: without it, means are predicted anyway")
        if not 0 < self.mask_ratio < 1:
            raise TrainerError(f"mask_ratio = {self.mask_ratio} must lie between 0 and 1, both excluded")
        if not (self.lr > 0 and math.isfinite(self.lr)):
            raise TrainerError(f"lr = {self.lr} must be more than 0")


# Settings that may differ between the parts of one run: they change no number of it.
_FREE = ("out", "stop_at", "device", "save_every", "log_every", "resume")


class Pretraining:
    """One run: the model, its optimiser, and where it stands.

    Args:
        config: the settings.

    Raises:
        TrainerError: settings that cannot work, an empty selection of pictures, or a run folder that holds
            another run.
    """

    def __init__(self, config: PretrainConfig) -> None:
        self.config = config
        self.run = Path(config.out)
        self.device = choose_device(config.device)
        self.autocast = autocast(self.device, config.precision)
        self.shards = select(config.data, tv_min=config.tv_min, tv_max=config.tv_max, keep=config.keep)
        height, width = pair(config.image_size)
        torch.manual_seed(config.seed)
        self.model = MaskedAutoencoder(
            build_encoder(
                config.model,
                input_size=(height, width),
                patch_size=pair(config.patch_size),
                channels=config.channels,
            ),
            mask_ratio=config.mask_ratio,
            norm_pix=config.norm_pix,
            keep_mean=config.keep_mean,
            decoder_dim=config.decoder_dim,
            decoder_depth=config.decoder_depth,
        ).to(self.device)
        suit_attention(self.model, self.device)
        self.optimiser = Optimiser(
            self.model,
            lr=config.lr,
            steps=config.steps,
            warmup=config.warmup,
            weight_decay=config.weight_decay,
            betas=(0.9, 0.95),
            clip_grad=config.clip_grad,
        )
        self.step = 0
        if not self._resume():
            mean, std = _brightness(self._stream(0))
            self.encoder_config = EncoderConfig(
                model=config.model,
                input_size=(height, width),
                patch_size=pair(config.patch_size),
                channels=config.channels,
                mean=mean,
                std=std,
            )
        self._batches = batches(self._stream(self.step), config.workers)
        self.run.mkdir(parents=True, exist_ok=True)
        save_config(config, self.run / "config.yaml")

    def _resume(self) -> bool:
        """Take over the newest checkpoint of the run folder, if there is one."""
        path = latest_checkpoint(self.run)
        if path is None:
            return False
        if self.config.resume == "never":
            raise TrainerError(
                f"{self.run} holds a run already ({path.name}): choose another --out, or resume it"
            )
        checkpoint = load_checkpoint(path)
        asked, held = fixed_settings(self.config), json.loads(checkpoint.extra.get("config", "{}"))
        differing = [
            f"{name}: {held.get(name)} → {asked[name]}" for name in asked if held.get(name) != asked[name]
        ]
        if differing:
            raise TrainerError(
                f"{self.run} holds a run with other settings ({'; '.join(differing)}): "
                "choose another --out, or give the settings it was begun with"
            )
        self.model.load_state_dict(checkpoint.model)
        self.optimiser.adamw.load_state_dict(dict(checkpoint.optimizer))
        self.step, self.encoder_config = checkpoint.step, checkpoint.encoder
        return True

    def _stream(self, first_batch: int) -> PictureStream:
        return PictureStream(
            shards=self.shards,
            image_size=pair(self.config.image_size),
            channels=self.config.channels,
            batch_size=self.config.batch_size,
            seed=self.config.seed,
            first_batch=first_batch,
        )

    def save(self) -> None:
        """Write a checkpoint of where the run stands."""
        checkpoint = Checkpoint(
            step=self.step,
            encoder=self.encoder_config,
            model=self.model.state_dict(),
            optimizer=self.optimiser.adamw.state_dict(),
            extra={"config": json.dumps(fixed_settings(self.config))},
        )
        save_checkpoint(self.run / "checkpoints", checkpoint, keep=2)

    def standardised(self, pictures: Tensor) -> Tensor:
        """Bytes [B, C, H, W] to what the encoder sees, on the run's device."""
        pixels = pictures.to(self.device, non_blocking=True).float() / 255
        return (pixels - self.encoder_config.mean) / self.encoder_config.std

    def train(self) -> None:
        """Take the steps that are left, up to `stop_at`.

        Raises:
            RunFailedError: the loss or its gradient is not finite.
        """
        config = self.config
        last = min(config.steps, config.stop_at or config.steps)
        metrics = Metrics(self.run, self.step)
        forward: Any = torch.compile(self.model) if config.compile else self.model
        self.model.train()
        saved = self.step
        with Progress(last, unit="steps", label="pretrain", done=self.step) as progress:
            try:
                while self.step < last:
                    begin = time.perf_counter()
                    pictures = next(self._batches)
                    waited = time.perf_counter() - begin
                    # A step is taken, logged and saved whole, or not at all.
                    with undisturbed():
                        row = self._take_step(forward, pictures)
                        seconds = time.perf_counter() - begin
                        row |= {"images_per_second": len(pictures) / seconds, "data_wait": waited / seconds}
                        if self.step % config.log_every == 0 or self.step == last:
                            metrics.write(row)
                        if self.step % config.save_every == 0 or self.step == last:
                            self.save()
                            saved = self.step
                    progress.note(
                        f"loss {row['loss']:.4f} · {row['images_per_second']:.0f} images/s · "
                        f"{row['data_wait']:.0%} waiting for data"
                    )
                    progress.advance()
            except BaseException as error:
                # Whatever stopped it, what was learned is kept. A diverged model is not worth it.
                if self.step > saved and not isinstance(error, DivergedError):
                    with undisturbed():
                        self.save()
                if "DataLoader worker" in str(error):  # torch has no other name for it
                    raise RunFailedError(
                        f"a process that reads pictures died ({error}); run again to go on"
                    ) from None
                raise
            finally:
                metrics.close()

    def _take_step(self, forward: Any, pictures: Tensor) -> dict[str, float]:
        """Learn from one batch, bytes [B, C, H, W], and return the numbers of the step."""
        masks = torch.Generator().manual_seed(self.config.seed << 32 | self.step)
        with self.autocast():
            loss = forward(self.standardised(pictures), masks).loss
        row = self.optimiser.step(self.step, loss)
        self.step += 1
        return row

    @torch.no_grad()
    def show(self, count: int = 8) -> None:
        """Draw the loss curve and the reconstructions of a few pictures into the run folder."""
        self.model.eval()
        stream = replace(self._stream(0), batch_size=count, seed=self.config.seed + 1, buffer=64)
        pictures = next(iter(stream))
        images = self.standardised(pictures)
        result = self.model(images, torch.Generator().manual_seed(self.config.seed))
        plots.reconstructions(
            self.run / "reconstructions.png",
            images.cpu(),
            self.model.pixels(result.prediction.float(), patchify(images, self.model.patch_size)).cpu(),
            result.mask.cpu(),
            patch_size=self.model.patch_size,
            mean=self.encoder_config.mean,
            std=self.encoder_config.std,
        )
        plots.loss_curve(self.run / "loss.png", read_metrics(self.run))


def pretrain(config: PretrainConfig) -> Path:
    """Pre-train a masked autoencoder; runs again to go on, and does nothing where all is done.

    Returns:
        The run folder.

    Raises:
        TrainerError: settings or data that cannot work.
        RunFailedError: the loss became infinite or NaN.
    """
    training = Pretraining(config)
    training.train()
    training.show()
    export_encoder(training.run / "export", training.encoder_config, training.model.encoder.state_dict())
    return training.run


def pair(size: int | str, name: str = "size") -> tuple[int, int]:
    """Read ``128`` as a square and ``80x208`` as height and width, in pixels.

    Raises:
        TrainerError: anything else, or a number below 1.
    """
    parts = str(size).lower().replace("×", "x").split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise TrainerError(f"{name} = {size}: give pixels as 128 (a square) or 80x208 (height x width)")
    return int(parts[0]), int(parts[-1])


def fixed_settings(config: PretrainConfig) -> dict[str, Any]:
    """Return the settings that all parts of one run must share, as plain values."""
    values = {name: value for name, value in asdict(config).items() if name not in _FREE}
    values["workers"] = max(config.workers, 1)  # each reads its own shards; 0 reads as 1 does
    result: dict[str, Any] = json.loads(json.dumps(values))
    return result


def _brightness(stream: PictureStream, count: int = 512) -> tuple[float, float]:
    """Return mean and standard deviation, in [0, 1], of about `count` pictures of a stream."""
    some = max(1, count // stream.batch_size)
    pixels = torch.cat(list(islice(iter(stream), some))).float() / 255
    return pixels.mean().item(), max(pixels.std().item(), 1e-3)
