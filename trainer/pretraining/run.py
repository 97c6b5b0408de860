"""The pre-training run: a masked autoencoder on the pictures of a dataset.

Every random choice of step k (its pictures, crops and masks) follows from the seed and k, so a run that
stops and resumes takes the same steps as one that does not.
"""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from patterngen.common.config import save_config
from patterngen.sizes import parse_pair
from trainer.data.loader import PictureBatch, batches
from trainer.data.pixels import Framing
from trainer.data.sources import open_sources
from trainer.data.stream import PictureStream
from trainer.encoders.checkpoint import Checkpoint, save_checkpoint
from trainer.encoders.config import EncoderConfig
from trainer.encoders.weights.initialise import initialise
from trainer.errors import check_folder
from trainer.model.class_head import check_classes
from trainer.model.mae import MaskedAutoencoder
from trainer.pretraining.build import build_model
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.environment import record_start
from trainer.pretraining.facts import Facts, loss_of_the_mean, write_facts
from trainer.pretraining.health_task import HealthTask
from trainer.pretraining.plan import plan
from trainer.pretraining.resume import (
    find_checkpoint,
    restore_optimiser,
    restore_weights,
    resume_key,
    resumed_dataset,
)
from trainer.pretraining.step_masks import masks_of_step
from trainer.training.average import Average
from trainer.training.device import autocast, suit_attention
from trainer.training.optimiser import Optimiser
from trainer.training.ranks import Ranks, join, transformer_blocks

_FIRST = 512
"""Pictures whose mean and deviation the input is standardised by."""
_FEW = 64
"""Pictures that tell the variance of the targets, to a few percent."""


class Pretraining:
    """One run: the model, its optimiser, and where it stands.

    Args:
        config: the settings.
        ranks: the processes that train together; this one alone by default.

    Raises:
        TrainerError: settings that cannot work, an empty selection of pictures, a run folder that holds
            another run, or clips to measure it by that cannot be read.
    """

    def __init__(self, config: PretrainConfig, ranks: Ranks | None = None) -> None:
        check_folder(config.out)
        self.config = config
        # Read at once: a task that cannot be read is said before anything is written, and hours are spent.
        self.health_task = HealthTask(config) if config.health_task else None
        self.run = Path(config.out)
        self.ranks = ranks or join(config.device, shard=config.shard_model, timeout=config.rank_timeout)
        self.device = self.ranks.device
        self.autocast = autocast(self.device, config.precision)
        self.source = open_sources(
            config.data,
            config.draw,
            size=parse_pair(config.image_size),
            seed=config.seed,
            tv_min=config.tv_min,
            tv_max=config.tv_max,
            keep=config.keep,
            skip_bad=config.skip_bad,
            begun=resumed_dataset(self.run, config.resume),
            rolls=config.piano_roll > 0,
            views=config.views,
            order=config.order,
            channels=config.channels,
            pixel_cache=config.pixel_cache,
            pixel_cache_gb=config.pixel_cache_gb,
        )
        self.dataset = self.source.identity
        self.plan = plan(config, pictures=self.source.count, ranks=self.ranks.count)
        self.held = resume_key(config, dataset=self.dataset, ranks=self.ranks.count)
        checkpoint = find_checkpoint(self.run, config.resume, self.held)
        self.model = build_model(config, self.plan.steps, self.source.num_classes)
        report: tuple[str, ...] = ()
        if checkpoint is not None:
            restore_weights(self.model, checkpoint, self.run)
        elif config.init is not None:
            report = initialise(self.model, config.init)
        self.step = checkpoint.step if checkpoint else 0
        facts: Facts | None = None
        if checkpoint is None:
            first = self.first_pictures(_FIRST)
            self.encoder_config = self._encoder_config(first)
            facts = self._facts(first[:_FEW])
        else:
            self.encoder_config = checkpoint.encoder
        self.model.to(self.device)
        suit_attention(self.model, self.device)
        self.wrapped = self.ranks.wrap(self.model, self._compiled())
        self.optimiser = Optimiser(
            self.model,
            lr=self.plan.lr,
            steps=self.plan.steps,
            warmup=self.plan.warmup / self.plan.steps,
            weight_decay=config.weight_decay,
            betas=(0.9, 0.95),
            clip_grad=config.clip_grad,
            layer_decay=config.layer_decay,
            method=config.optimizer,
        )
        self.average = None if config.ema is None else Average(self.model, config.ema)
        if checkpoint is not None:
            restore_optimiser(self.optimiser, self.average, checkpoint, self.ranks, self.run)
        self.batches = batches(self._stream(self.step * config.accumulate), config.workers)
        if self.ranks.number == 0:
            self.run.mkdir(parents=True, exist_ok=True)
            save_config(replace(config, mirror=config.mirrors), self.run / "config.yaml")
            if report:
                (self.run / "init.txt").write_text("\n".join(report) + "\n", encoding="utf-8")
            if facts:
                write_facts(self.run, facts)
            record_start(self.run, dataset=self.dataset, seed=config.seed, step=self.step, ranks=self.ranks)

    def _compiled(self) -> torch.nn.Module:
        if not self.config.compile:
            return self.model
        if self.ranks.sharded:  # sharding works between blocks, which are therefore compiled one by one
            for block in transformer_blocks(self.model):
                block.compile()
            return self.model
        compiled = torch.compile(self.model)
        assert isinstance(compiled, torch.nn.Module)
        return compiled

    def first_pictures(self, count: int) -> Tensor:
        """Return the first `count` pictures, or a batch if that is more; the same ones on every rank."""
        stream = replace(self._stream(0), rank=0, ranks=1)
        some = max(1, count // stream.batch_size)
        return torch.from_numpy(np.concatenate([batch.pictures for batch in islice(iter(stream), some)]))

    def _encoder_config(self, first: Tensor) -> EncoderConfig:
        pixels = first.float() / 255
        return EncoderConfig(
            model=self.config.model,
            input_size=parse_pair(self.config.image_size),
            patch_size=parse_pair(self.config.patch_size),
            channels=self.config.channels,
            mean=pixels.mean().item(),
            std=max(pixels.std().item(), 1e-3),
        )

    def _facts(self, first: Tensor) -> Facts:
        return Facts(
            pictures=self.source.count,
            steps=self.plan.steps,
            batch=self.plan.batch,
            floor=loss_of_the_mean(self.model, self.standardised(first).cpu()),
        )

    def _stream(self, first_batch: int) -> PictureStream:
        return PictureStream(
            source=self.source,
            framing=Framing(
                size=parse_pair(self.config.image_size),
                channels=self.config.channels,
                augment=self.config.augment,
                mirror=self.config.mirrors,
                seed=self.config.seed,
            ),
            batch_size=self.config.batch_size,
            skip_bad=self.config.skip_bad,
            first_batch=first_batch,
            rank=self.ranks.number,
            ranks=self.ranks.count,
        )

    def save(self) -> None:
        """Write a checkpoint of where the run stands; if the model is sharded, all ranks do so together."""
        average = {} if self.average is None else self.average.weights
        checkpoint = Checkpoint(
            step=self.step,
            encoder=self.encoder_config,
            model=self.ranks.gathered(self.model.state_dict()),
            optimizer=self.ranks.gathered(self.optimiser.inner.state_dict()),
            average=self.ranks.gathered(average),
            extra={"config": json.dumps(self.held)},
        )
        if self.ranks.number == 0:
            save_checkpoint(self.run / "checkpoints", checkpoint, keep=self.config.keep_checkpoints)

    def standardised(self, pictures: Tensor) -> Tensor:
        """Bytes [B, C, H, W] to what the encoder sees, on the run's device."""
        pixels = pictures.to(self.device, non_blocking=True).float() / 255
        return (pixels - self.encoder_config.mean) / self.encoder_config.std

    def take_step(self, batches: list[PictureBatch]) -> dict[str, float]:
        """Learn from the batches of one step, and return the step's numbers.

        Raises:
            DivergedError: the loss or its gradient is not finite; the weights are as before.
            TrainerError: a picture of a class that there is not, where classes are learned.
        """
        total, roll = torch.zeros(2, device=self.device)
        for number, batch in enumerate(batches):
            pictures, count = self.standardised(batch.pictures), len(batch.pictures)
            rolls = batch.rolls if self.config.piano_roll else None
            views = self.standardised(batch.views) if self.config.views else None
            if self.model.class_head is not None:
                check_classes(batch.classes, self.source.num_classes)
            first = (number * self.ranks.count + self.ranks.number) * count
            masks = masks_of_step(self.model, self.config.seed, self.step, first, batch.pictures)
            with self.ranks.syncing(self.wrapped, last=number == len(batches) - 1):
                with self.autocast():
                    result = self.wrapped(pictures, masks, batch.classes, rolls, views)
                    loss = result.loss / len(batches)
                loss.backward()
            total += loss.detach()
            roll += result.roll.detach() / len(batches)
        row = self.optimiser.update(self.step, self.ranks.mean(total))
        if self.model.roll_head is not None:
            row["piano_roll"] = self.ranks.mean(roll).item()
        self.model.after_step()
        self.step += 1
        if self.average is not None:
            self.average.update(self.model, self.step)
        return row | {"images": self.step * self.plan.batch}

    def whole_model(self) -> MaskedAutoencoder:
        """Return the model with all its weights; if they are sharded, all ranks must ask together."""
        if not self.ranks.sharded:
            return self.model
        state = self.ranks.gathered(self.model.state_dict())
        model = build_model(self.config, self.plan.steps, self.source.num_classes)
        model.load_state_dict(state)
        return model.to(self.device)

    def averaged_encoder(self) -> dict[str, Tensor] | None:
        """Return the encoder's averaged weights, if an average is kept; all ranks must ask together."""
        if self.average is None:
            return None
        return self.ranks.gathered(self.average.state_dict(self.model, "encoder."))
