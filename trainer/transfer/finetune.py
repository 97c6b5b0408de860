"""Fine-tuning: the whole encoder learns the task, from pre-trained or from random weights.

The model of the last epoch is the one that is tested (selection ``last``): the test clips choose nothing.
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from patterngen import Progress
from trainer.adapt import SoundEncoder
from trainer.device import suit_attention
from trainer.errors import TrainerError, check_positive, check_range
from trainer.optimise import Optimiser
from trainer.tasks import Fold, Task
from trainer.transfer.features import alike
from trainer.transfer.linear import classification_loss
from trainer.transfer.results import Result, summarise
from trainer.transfer.scores import score
from trainer.transfer.sound import Sound, TransferConfig, companions


@dataclass(frozen=True, kw_only=True)
class FinetuneProtocol:
    """Settings of a fine-tuning; the same for pre-trained and random weights."""

    epochs: int = 20
    """Passes over the training clips."""
    lr: float = 5e-4
    """Peak learning rate of AdamW."""
    batch_size: int = 32
    """Clips per step."""
    warmup: float = 0.1
    """Share of the steps over which the learning rate rises."""
    layer_decay: float = 1.0
    """Each block of the encoder learns this much slower than the one after it; 1 for all alike."""
    weight_decay: float = 0.05
    """AdamW's, on matrices only."""
    clip_grad: float = 1.0
    """Largest norm of the gradient; 0 for none."""

    def __post_init__(self) -> None:
        check_range(self, 1, math.inf, "epochs", "batch_size")
        check_range(self, 0, math.inf, "lr", "weight_decay", "clip_grad")
        check_range(self, 0, 1, "warmup")
        check_positive(self, 1, "layer_decay")


class Classifier(nn.Module):
    """A sound encoder with a linear layer on its averaged features."""

    def __init__(self, encoder: SoundEncoder, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.norm = nn.LayerNorm(encoder.dim)
        self.head = nn.Linear(encoder.dim, classes)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, clips: Sequence[Tensor]) -> Tensor:
        """Log-mels [M, F] of any lengths to logits [B, classes]."""
        logits: Tensor = self.head(self.norm(self.encoder.embed(clips)))
        return logits


def shift_in_time(
    clip: Tensor, *, chunk: int, hop: int, silence: float, generator: torch.Generator
) -> Tensor:
    """Move a clip against the grid of patches, as if it had begun a little earlier or later.

    A clip longer than the input is cut to one input's length at a random place; a shorter one gets
    0 … hop − 1 frames of silence before it.

    Args:
        clip: log-mel [M, F].
        chunk: frames of the encoder's input.
        hop: frames of a patch.
        silence: the log-mel value of silence.
        generator: source of the shift.
    """
    spare = clip.shape[1] - chunk
    if spare > 0:
        start = int(torch.randint(spare + 1, (), generator=generator))
        return clip[:, start : start + chunk]
    lead = int(torch.randint(min(hop - 1, -spare) + 1, (), generator=generator))
    return nn.functional.pad(clip, (lead, 0), value=silence)


def mixed_batches(train: Tensor, steps: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """Draw the batches of one epoch at random, with clips of like length together.

    Within every eight batches of a random order the clips are sorted by length before they are dealt out,
    so that batches are hardly filled up; the batches then come in random order.

    Args:
        train: indices of the training clips.
        steps: time steps of every clip of the task.
        batch_size: clips in a batch; the last of an epoch may hold fewer.
        generator: source of the order.
    """
    order = train[torch.randperm(len(train), generator=generator)]
    batches = [
        batch
        for pool in order.split(8 * batch_size)
        for batch in pool[steps[pool].argsort(stable=True)].split(batch_size)
    ]
    return [batches[i] for i in torch.randperm(len(batches), generator=generator)]


def finetune_fold(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    task: Task,
    fold: Fold,
    *,
    seed: int,
    protocol: FinetuneProtocol,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
    progress: Progress | None = None,
) -> float:
    """Fine-tune on one fold and return its test score, in [0, 1].

    Args:
        encoder: where to start from; it is copied, not changed.
        clips: log-mels [M, F] of all clips of the task.
        task: gives the targets.
        fold: which clips train and test.
        seed: of the head, the order and the shifts.
        protocol: the settings.
        autocast: the precision of matrix products.
        progress: counts epochs.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    device = encoder.vit.pos_embed.device
    model = Classifier(deepcopy(encoder), len(task.classes)).to(device)
    suit_attention(model, device)
    targets = torch.from_numpy(task.targets)
    train = torch.from_numpy(fold.train)
    per_epoch = -(-len(train) // protocol.batch_size)
    optimiser = Optimiser(
        model,
        lr=protocol.lr,
        steps=per_epoch * protocol.epochs,
        warmup=protocol.warmup,
        weight_decay=protocol.weight_decay,
        betas=(0.9, 0.999),
        clip_grad=protocol.clip_grad,
        layer_decay=protocol.layer_decay,
    )
    model.train()
    steps = encoder.steps(torch.tensor([clip.shape[1] for clip in clips]))
    number = 0
    for _ in range(protocol.epochs):
        for indices in mixed_batches(train, steps, protocol.batch_size, generator):
            batch = [
                shift_in_time(
                    clips[i],
                    chunk=encoder.chunk,
                    hop=encoder.hop,
                    silence=encoder.logmel.silence,
                    generator=generator,
                )
                for i in indices
            ]
            with autocast():
                logits = model(batch)
            row = optimiser.step(number, classification_loss(logits.float(), targets[indices].to(device)))
            number += 1
        if progress is not None:
            progress.note(f"{fold.name} · loss {row['loss']:.3f}")
            progress.advance()
    outputs = predict(model, [clips[i] for i in fold.test], autocast=autocast)
    return score(outputs.numpy(), task.targets[fold.test])


@torch.no_grad()
def predict(
    model: Classifier,
    clips: Sequence[Tensor],
    *,
    batch_size: int = 64,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Tensor:
    """Return the logits of whole clips, float32 [N, classes], in eval mode."""
    model.eval()
    outputs = torch.empty(len(clips), model.head.out_features)
    for indices in alike(model.encoder, clips, batch_size):
        with autocast():
            outputs[indices] = model([clips[i] for i in indices]).float().cpu()
    return outputs


@dataclass(frozen=True, kw_only=True)
class FinetuneConfig(TransferConfig, FinetuneProtocol):
    """Settings of `transfer_finetune`."""

    seeds: int = 1
    """Trainings per fold; the interval is over them."""

    def __post_init__(self) -> None:
        TransferConfig.__post_init__(self)
        FinetuneProtocol.__post_init__(self)
        check_range(self, 1, math.inf, "seeds")


def transfer_finetune(config: FinetuneConfig) -> list[Result]:
    """Fine-tune encoders on a task, always beside the same training from random weights.

    Returns:
        A row ``scratch`` for each architecture, and one per encoder.

    Raises:
        TrainerError: clips or encoders that cannot be read.
        RunFailedError: a training diverged.
    """
    return finetune_sound(Sound(config), config)


def finetune_sound(sound: Sound, config: FinetuneConfig) -> list[Result]:
    """Do `transfer_finetune` on a task that was read already."""
    encoders = sound.encoders()
    if not encoders:
        raise TrainerError("nothing to fine-tune: give an encoder with --run")
    starts = {name: sound.untrained(like) for name, like in companions("scratch", encoders).items()}
    results = []
    for name, encoder in (starts | encoders).items():
        begin = time.perf_counter()
        epochs = config.seeds * len(sound.folds) * config.epochs
        with Progress(epochs, unit="epochs", label=name) as progress:
            by_seed = [
                {
                    fold.name: finetune_fold(
                        encoder,
                        sound.clips,
                        sound.task,
                        fold,
                        seed=config.seed + seed,
                        protocol=config,
                        autocast=sound.autocast,
                        progress=progress,
                    )
                    for fold in sound.folds
                }
                for seed in range(config.seeds)
            ]
        results.append(
            summarise(
                by_seed,
                task=sound.task.name,
                protocol="finetune (last)",
                encoder=name,
                metric=sound.metric,
                clips=len(sound.clips),
                seconds=time.perf_counter() - begin,
            )
        )
    return results
