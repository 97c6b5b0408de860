"""One fine-tuning: an encoder, a fold and a seed, from the first step to the test.

Every random choice of step k follows from the seed and k, so a training that stops and goes on takes the
same steps as one that does not. The test clips are asked once, at the end, and choose nothing, unless
``best-on-test`` wants it so.
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from trainer.encoders.sound_encoder import SoundEncoder
from trainer.tasks import Fold, Task
from trainer.training.average import Average
from trainer.training.device import suit_attention
from trainer.training.optimiser import Optimiser
from trainer.training.ranks import Ranks
from trainer.transfer.finetune.classifier import Classifier, add_drop_path, predict
from trainer.transfer.finetune.config import FinetuneProtocol
from trainer.transfer.finetune.inputs import augmented_batch
from trainer.transfer.finetune.sampling import balanced, mixed_batches
from trainer.transfer.holdout import with_validation
from trainer.transfer.logistic import one_hot
from trainer.transfer.scores import FoldOutputs, score

EpochMetrics = dict[str, float]
_MOMENTUM = 0.9
_ORDER, _STEP = range(2)  # what a random stream is for


@dataclass(frozen=True)
class Outcome:
    """What a fine-tuning came to.

    Attributes:
        score: the test's score, in [0, 1].
        outputs: logits of the test clips, float32 [N, C], in the order of the fold.
        history: the numbers of each epoch: ``epoch`` (from 1), ``loss``, ``lr``, and where they were asked
            for ``valid`` and ``test``.
        epoch: the one whose model was tested.
        seconds: how long training and test took.
    """

    score: float
    outputs: Tensor
    history: tuple[EpochMetrics, ...]
    epoch: int
    seconds: float

    @property
    def tested(self) -> FoldOutputs:
        """What the tested model says of the test clips."""
        valid = next(
            (row["valid"] for row in self.history if row["epoch"] == self.epoch and "valid" in row), math.nan
        )
        return FoldOutputs(self.outputs.numpy(), valid)


class Finetuning:
    """A fine-tuning and where it stands.

    Args:
        encoder: where to start from; it is copied, not changed.
        clips: log-mels [M, F] of all clips of the task.
        task: gives the targets.
        fold: which clips train and test.
        seed: of the head, the order and the augmentations.
        protocol: the settings.
        autocast: the precision of matrix products.
        score_epochs: score validation and test clips after each epoch, for the curves.

    Raises:
        TrainerError: no clip can be spared for validation.
    """

    def __init__(
        self,
        encoder: SoundEncoder,
        clips: Sequence[Tensor],
        task: Task,
        fold: Fold,
        *,
        seed: int,
        protocol: FinetuneProtocol,
        autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
        score_epochs: bool = False,
    ) -> None:
        torch.manual_seed(seed)
        self.clips, self.task, self.seed, self.protocol = clips, task, seed, protocol
        self.autocast, self.score_epochs = autocast, score_epochs
        by_valid = protocol.selection == "valid"
        self.fold = fold
        if by_valid:
            remedy = "take --selection last"
            self.fold = with_validation(task, fold, protocol.valid_share, seed, remedy=remedy)
        self.train = torch.from_numpy(self.fold.train)
        self.targets = one_hot(task.targets, len(task.classes)).float()
        self.device = encoder.vit.pos_embed.device
        self.model = Classifier(deepcopy(encoder), len(task.classes))
        if protocol.drop_path:
            add_drop_path(self.model.encoder, protocol.drop_path)
        self.model.to(self.device).train()
        suit_attention(self.model, self.device)
        self.frames = torch.tensor([clip.shape[1] for clip in clips])
        self.per_epoch = -(-len(self.train) // protocol.batch_size)
        self.optimiser = Optimiser(
            self.model,
            lr=protocol.lr,
            steps=self.per_epoch * protocol.epochs,
            warmup=protocol.warmup,
            weight_decay=protocol.weight_decay,
            betas=(_MOMENTUM, 0.999),
            clip_grad=protocol.clip_grad,
            layer_decay=protocol.layer_decay,
            exempt=encoder.vit.no_weight_decay(),
            method=protocol.optimizer,
        )
        self.average = None if protocol.ema is None else Average(self.model, protocol.ema)
        self.step = 0
        self.losses: list[float] = []
        self.history: list[EpochMetrics] = []
        self.best: dict[str, Any] = {}
        self.seconds = 0.0
        self._batches: tuple[int, list[Tensor]] = (-1, [])

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return self.step // self.per_epoch

    @property
    def clips_done(self) -> int:
        """How many clips it has learned from, each time counted."""
        within = self.step % self.per_epoch * self.protocol.batch_size  # but for a smaller last batch
        return self.epoch * len(self.train) + min(within, len(self.train))

    @property
    def done(self) -> bool:
        """Whether all steps have been taken."""
        return self.epoch == self.protocol.epochs

    def take_step(self) -> int:
        """Learn from one batch, and after the last one of an epoch score it; returns the clips in the batch.

        Raises:
            DivergedError: the loss or its gradient is not finite; the weights are as before.
        """
        begin = time.perf_counter()
        indices = self._batch()
        inputs, targets, kept = self.augmented(indices)
        with self.autocast():
            logits = self.model(inputs.to(self.device, non_blocking=True), kept)
        row = self.optimiser.step(self.step, self._loss(logits.float(), targets.to(self.device)))
        self.step += 1
        if self.average is not None:
            self.average.update(self.model, self.step)
        self.losses.append(row["loss"])
        if self.step % self.per_epoch == 0:
            self._finish_epoch(row["lr"])
        self.seconds += time.perf_counter() - begin
        return len(indices)

    def _batch(self) -> Tensor:
        """Return the indices of the clips of the next step."""
        epoch, number = divmod(self.step, self.per_epoch)
        if self._batches[0] != epoch:
            generator = self._generator(_ORDER, epoch)
            drawn = self.train
            if self.protocol.balance:
                drawn = balanced(drawn, self.targets, self.protocol.balance, generator)
            steps = self.model.encoder.steps(self.frames)
            self._batches = epoch, mixed_batches(drawn, steps, self.protocol.batch_size, generator)
        return self._batches[1][number]

    def _generator(self, use: int, number: int) -> torch.Generator:
        """Return the source of one use's random numbers; torch's own, for drop path, begins anew too."""
        state = np.random.SeedSequence((self.seed, use, number)).generate_state(1, np.uint64)
        if use == _STEP and self.protocol.drop_path:
            torch.manual_seed(int(state[0]))
        return torch.Generator().manual_seed(int(state[0]))

    def augmented(self, indices: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
        """Make the inputs of the next step from its clips; returns what `augmented_batch` does."""
        return augmented_batch(
            [self.clips[i] for i in indices.tolist()],
            self.targets[indices],
            self.model.encoder,
            self.protocol,
            self._generator(_STEP, self.step),
        )

    def _loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        if self.task.multi_label:
            return nn.functional.binary_cross_entropy_with_logits(logits, targets)
        return nn.functional.cross_entropy(logits, targets)

    def _finish_epoch(self, lr: float) -> None:
        """Write down the numbers of an epoch, and keep its model if it is the best so far."""
        row = {"epoch": self.epoch, "loss": float(np.mean(self.losses)), "lr": lr}
        self.losses = []
        selection = self.protocol.selection
        asked = {"valid": self.fold.valid, "test": self.fold.test} if self.score_epochs else {}
        if selection == "valid":
            asked["valid"] = self.fold.valid
        elif selection == "best-on-test":
            asked["test"] = self.fold.test
        model = self.scored_model() if asked else self.model
        for name, indices in asked.items():
            if indices is not None:
                outputs = predict(model, [self.clips[i] for i in indices], autocast=self.autocast)
                row[name] = score(outputs.numpy(), self.task.targets[indices])
        self.history.append(row)
        chosen_by = {"valid": "valid", "best-on-test": "test"}.get(selection)
        if chosen_by and row[chosen_by] > self.best.get("score", -1.0):
            state = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
            self.best = {"score": row[chosen_by], "epoch": self.epoch, "model": state}

    def scored_model(self) -> Classifier:
        """Return the model that is scored: this one, or one with the average of its weights."""
        if self.average is None:
            return self.model
        model = deepcopy(self.model)
        model.load_state_dict(self.average.state_dict(self.model, ""))
        return model

    def test(self) -> Outcome:
        """Test the chosen model."""
        begin = time.perf_counter()
        model, epoch = self.scored_model(), self.epoch
        if self.best:
            model = deepcopy(self.model)
            model.load_state_dict(self.best["model"])
            epoch = self.best["epoch"]
        indices = self.fold.test
        outputs = predict(model, [self.clips[i] for i in indices], autocast=self.autocast)
        self.seconds += time.perf_counter() - begin
        return Outcome(
            score(outputs.numpy(), self.task.targets[indices]),
            outputs,
            tuple(self.history),
            epoch,
            self.seconds,
        )

    def state(self) -> dict[str, Any]:
        """Return all that it takes to go on from here: tensors and plain values."""
        return {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.inner.state_dict(),
            "average": {} if self.average is None else self.average.weights,
            "best": self.best,
            "losses": self.losses,
            "history": self.history,
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state; raises KeyError, RuntimeError or ValueError if it is another training's."""
        self.model.load_state_dict(state["model"])
        self.optimiser.inner.load_state_dict(state["optimiser"])
        if self.average is not None:
            self.average.load(state["average"], Ranks(self.device))
        self.step, self.seconds = state["step"], state["seconds"]
        self.losses, self.history, self.best = state["losses"], state["history"], state["best"]
