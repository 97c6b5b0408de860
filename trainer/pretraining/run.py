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

from patterngen import refuse_rerun, save_config
from trainer.checkpoint import (
    Checkpoint,
    EncoderConfig,
    export_encoder,
    save_checkpoint,
)
from trainer.data import Framing, PictureStream, batches, open_sources
from trainer.device import autocast, suit_attention
from trainer.errors import check_folder
from trainer.model.build import build_model
from trainer.model.mae import MaskedAutoencoder
from trainer.optimise import Optimiser
from trainer.pretraining.average import Average
from trainer.pretraining.config import PretrainConfig, pair
from trainer.pretraining.environment import record_start
from trainer.pretraining.facts import Facts, loss_of_the_mean, write_facts
from trainer.pretraining.gallery import Gallery
from trainer.pretraining.loop import train
from trainer.pretraining.plan import plan
from trainer.pretraining.ranks import Ranks, is_first, join, transformer_blocks
from trainer.pretraining.resume import (
    begun_with,
    find_checkpoint,
    held_settings,
    restore_optimiser,
    restore_weights,
)
from trainer.pretraining.step_masks import masks_of_step
from trainer.weights.initialise import initialise

EXPORT, EXPORT_AVERAGE = "export", "export-ema"
_FIRST = 512
"""Pictures whose mean and deviation the input is standardised by."""
_FEW = 64
"""Of them that tell the variance of the targets, to a few percent."""


class Pretraining:
    """One run: the model, its optimiser, and where it stands.

    Args:
        config: the settings.
        ranks: the processes that train together; this one alone by default.

    Raises:
        TrainerError: settings that cannot work, an empty selection of pictures, or a run folder that holds
            another run.
    """

    def __init__(self, config: PretrainConfig, ranks: Ranks | None = None) -> None:
        check_folder(config.out)
        self.config = config
        self.run = Path(config.out)
        self.ranks = ranks or join(config.device, shard=config.shard_model, timeout=config.rank_timeout)
        self.device = self.ranks.device
        self.autocast = autocast(self.device, config.precision)
        self.source = open_sources(
            config.data,
            config.draw,
            size=max(pair(config.image_size)),
            seed=config.seed,
            tv_min=config.tv_min,
            tv_max=config.tv_max,
            keep=config.keep,
            skip_bad=config.skip_bad,
            begun=begun_with(self.run, config.resume),
        )
        self.dataset = self.source.identity
        self.plan = plan(config, pictures=self.source.count, ranks=self.ranks.count)
        self.held = held_settings(config, dataset=self.dataset, ranks=self.ranks.count)
        checkpoint = find_checkpoint(self.run, config.resume, self.held)
        self.model = build_model(config, self.plan.steps)
        account: tuple[str, ...] = ()
        if checkpoint is not None:
            restore_weights(self.model, checkpoint, self.run)
        elif config.init is not None:
            account = initialise(self.model, config.init)
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
        )
        self.average = None if config.ema is None else Average(self.model, config.ema)
        if checkpoint is not None:
            restore_optimiser(self.optimiser, self.average, checkpoint, self.ranks, self.run)
        self.gallery = Gallery(self)
        self.batches = batches(self._stream(self.step * config.accumulate), config.workers)
        if self.ranks.number == 0:
            self.run.mkdir(parents=True, exist_ok=True)
            save_config(config, self.run / "config.yaml")
            if account:
                (self.run / "init.txt").write_text("\n".join(account) + "\n", encoding="utf-8")
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
            input_size=pair(self.config.image_size),
            patch_size=pair(self.config.patch_size),
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
                size=pair(self.config.image_size),
                channels=self.config.channels,
                augment=self.config.augment,
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

    def take_step(self, pictures: list[Tensor]) -> dict[str, float]:
        """Learn from the batches of one step, bytes [B, C, H, W] each, and return the step's numbers.

        Raises:
            DivergedError: the loss or its gradient is not finite; the weights are as before.
        """
        total = torch.zeros((), device=self.device)
        for number, batch in enumerate(pictures):
            first = (number * self.ranks.count + self.ranks.number) * len(batch)
            masks = masks_of_step(self.model, self.config.seed, self.step, first, len(batch))
            with self.ranks.syncing(self.wrapped, last=number == len(pictures) - 1):
                with self.autocast():
                    loss = self.wrapped(self.standardised(batch), masks).loss / len(pictures)
                loss.backward()
            total += loss.detach()
        row = self.optimiser.update(self.step, self.ranks.mean(total))
        self.model.after_step()
        self.step += 1
        if self.average is not None:
            self.average.update(self.model, self.step)
        return row | {"images": self.step * self.plan.batch}

    def train(self) -> None:
        """Take the steps that are left, up to `stop_at`; raises as `trainer.pretraining.loop.train`."""
        train(self)

    def whole_model(self) -> MaskedAutoencoder:
        """Return the model with all its weights; if they are sharded, all ranks must ask together."""
        if not self.ranks.sharded:
            return self.model
        state = self.ranks.gathered(self.model.state_dict())
        model = build_model(self.config, self.plan.steps)
        model.load_state_dict(state)
        return model.to(self.device)

    def show(self, model: MaskedAutoencoder | None = None) -> list[tuple[str, Path]]:
        """Draw how far the run has come; if the model is sharded, all ranks must ask together.

        Returns:
            Names and paths of the reconstructions; none in all but the first of several processes.
        """
        model = model or self.whole_model()
        return [] if self.ranks.number else list(self.gallery.draw(model))

    def finish(self) -> None:
        """Draw what was learned and export the encoder, and its average if one was kept."""
        model = self.whole_model()
        averaged = (
            None if self.average is None else self.ranks.gathered(self.average.of(self.model, "encoder."))
        )
        if self.ranks.number:
            return
        if not self.gallery.has(self.step):
            self.show(model)
        export_encoder(self.run / EXPORT, self.encoder_config, model.encoder.state_dict())
        if averaged:
            export_encoder(self.run / EXPORT_AVERAGE, self.encoder_config, averaged)


def pretrain(config: PretrainConfig) -> Path | None:
    """Pre-train a masked autoencoder; runs again to go on, and does nothing where all is done.

    Started by torchrun or accelerate launch, the processes train together.

    Returns:
        The run folder; None in all but the first of several processes.

    Raises:
        TrainerError: settings or data that cannot work.
        RunFailedError: the loss became infinite or NaN, memory ran out, or another process ended.
    """
    refuse_rerun()
    ranks = join(config.device, shard=config.shard_model, timeout=config.rank_timeout)
    try:
        training = Pretraining(config, ranks)
        training.train()
        training.finish()
    finally:
        ranks.leave()
    return training.run if is_first() else None
