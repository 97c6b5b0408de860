"""The attentive probe: one learned query weighs the time steps of a clip before a linear layer reads them.

Pooling by the mean hides what few time steps carry. Here a query q gives each step x of a clip the weight
softmax(q · x), and a logistic regression reads the weighted mean. It is one layer of attention with one
head: a key projection would fold into the query, and a value projection into the regression. At q = 0 it is
the linear probe of the mean, and there the training begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor
from torch.nn import functional

from patterngen import RunFailedError
from trainer.encoders.tokens import Tokens
from trainer.tasks import Fold, Task
from trainer.tasks.contract import Indices
from trainer.transfer.holdout import valid_clips
from trainer.transfer.logistic import logistic_path, one_hot
from trainer.transfer.scores import FoldOutputs
from trainer.transfer.strengths import best_model

STRENGTHS = tuple(10 ** (half / 2) for half in range(-4, -13, -1))
"""Penalties on query and weights to try, from 1e-2 to 1e-6."""
_FIRST, _PATIENCE = 5, 2
"""How many strengths are always tried, those down to 1e-4, and the patience with weaker ones."""
TOLERANCE = 3e-4
"""Decrease of the loss in nats, at most, that a step of Newton's method promises when training ends."""
_NUMBERS = 1 << 19  # of tokens that are computed with at a time: they fit into a core's cache
_SAMPLE = 4096  # tokens that tell along which axes they vary


@dataclass(frozen=True)
class Attentive:
    """What is learned: a query [D], weights [D, C] and intercept [C], of standardised tokens."""

    query: Tensor
    weights: Tensor
    intercept: Tensor


def attentive_fold(tokens: Tokens, task: Task, splits: Sequence[Fold]) -> list[FoldOutputs]:
    """Probe one fold, with the validation clips of each of its splits.

    Args:
        tokens: the time steps of all clips of the task.
        task: gives the targets.
        splits: the fold with validation clips, once or several times.

    Returns:
        What is said of the test clips, for each split; its choice is the strength of the penalty.

    Raises:
        RunFailedError: the training does not converge.
    """
    found = []
    for split in splits:
        valid = valid_clips(split)
        strength, valid_score, start = _choose(tokens, task, split)
        whole = _Training(tokens, task, np.concatenate([split.train, valid]))
        outputs = whole.outputs(whole.fit(strength, start), split.test)
        found.append(FoldOutputs(outputs.numpy(), valid_score, f"strength {strength:.1e}"))
    return found


def _choose(tokens: Tokens, task: Task, split: Fold) -> tuple[float, float, Attentive]:
    """Return the strength that scores best on the validation clips, that score, and the model.

    From strong to weak, each training begins where the last one ended.
    """
    training, valid = _Training(tokens, task, split.train), valid_clips(split)

    def models() -> Iterator[tuple[tuple[float, Attentive], Tensor]]:
        model = training.start(STRENGTHS[0])
        for strength in STRENGTHS:
            model = training.fit(strength, model)
            yield (strength, model), training.outputs(model, valid)

    (strength, model), found = best_model(models(), task.targets[valid], first=_FIRST, patience=_PATIENCE)
    return strength, found, model


class _Training:
    """Some clips to learn from, and the standardisation of tokens by theirs.

    The loss is that of a logistic regression of weighted means (see `logistic`), its penalty also half the
    strength times the squared query. Tokens are read as float16, a few clips at a time, in float32.
    """

    def __init__(self, tokens: Tokens, task: Task, clips: Indices) -> None:
        self.tokens, self.clips, self.several = tokens, clips, task.multi_label
        self.targets = one_hot(task.targets[clips], len(task.classes))
        count, sums, squares = 0, torch.zeros(tokens.width).double(), torch.zeros(tokens.width).double()
        for _, batch in self._batches(clips):
            steps = batch.flatten(0, 1).double()
            count, sums, squares = count + len(steps), sums + steps.sum(0), squares + steps.square().sum(0)
        mean = sums / count
        std = (squares / count - mean.square()).clamp(min=0).sqrt()
        varies = std > 1e-4 * (mean.abs() + std.max())  # of float16
        scale = torch.where(varies, 1 / torch.where(varies, std, 1.0), 0.0) / max(1, int(varies.sum())) ** 0.5
        self.mean, self.scale = mean.float(), scale.float()
        every = max(1, count // _SAMPLE)
        sample = torch.cat([batch.flatten(0, 1)[::every] for _, batch in self._batches(clips)])
        scaled = ((sample - self.mean) * self.scale).double()
        variance, self.axes = torch.linalg.eigh(scaled.T @ scaled / len(scaled))
        self.variance = variance.clamp(min=0)

    def start(self, strength: float) -> Attentive:
        """Return the model without attention, at its optimum."""
        query = torch.zeros(self.tokens.width)
        pooled = torch.cat([pooled for _, pooled, _ in self._pooled(query, self.clips)]).double()
        order = np.concatenate([rows for rows, _, _ in self._pooled(query, self.clips)])
        (model,) = logistic_path(pooled, self.targets[order], [strength], multi_label=self.several)
        return Attentive(query, model.weights.float(), model.intercept.float())

    def outputs(self, model: Attentive, clips: Indices) -> Tensor:
        """Return the outputs for clips, float32 [n, C]."""
        outputs = torch.zeros(len(clips), len(model.intercept))
        for rows, pooled, _ in self._pooled(model.query, clips):
            outputs[rows] = torch.addmm(model.intercept, pooled, model.weights)
        return outputs

    def fit(self, strength: float, start: Attentive) -> Attentive:
        """Train from a model on to an optimum, by L-BFGS (scipy's).

        Its variables are along the axes on which tokens vary, scaled by the square root of about the loss's
        curvature along each, so that half of their squared gradient is what a step of Newton's promises.

        Raises:
            RunFailedError: it does not converge.
        """
        by_query, by_weight = self._scales(strength, start)
        size = by_query.numel()
        promised = float("inf")

        def model(variables: Tensor) -> Attentive:
            weights = variables[size:].view_as(by_weight) / by_weight
            query = self.axes @ (variables[:size] / by_query)
            return Attentive(query.float(), (self.axes @ weights[:-1]).float(), weights[-1].float())

        def loss(variables: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            nonlocal promised
            value, query, weights, intercept = self._loss(strength, model(torch.from_numpy(variables)))
            turned = torch.cat([self.axes.T @ weights, intercept[None]]) / by_weight
            gradient = torch.cat([self.axes.T @ query / by_query, turned.flatten()])
            promised = gradient.square().sum().item() / 2
            return value, gradient.numpy()

        def stop(intermediate_result: object) -> None:
            if promised <= TOLERANCE:
                raise StopIteration

        weights = torch.cat([self.axes.T @ start.weights.double(), start.intercept[None].double()])
        query = self.axes.T @ start.query.double()
        first = torch.cat([query * by_query, (weights * by_weight).flatten()]).numpy()
        options = {"maxiter": 1000, "maxfun": 2000, "maxcor": 15, "ftol": 0.0, "gtol": 0.0}
        found = minimize(loss, first, method="L-BFGS-B", jac=True, callback=stop, options=options)
        loss(found.x)
        if not promised <= TOLERANCE:
            raise RunFailedError(
                f"an attentive probe of strength {strength:g} did not converge: its gradient promises a loss "
                f"that is {promised:.2g} lower; are its features of one scale?"
            )
        return model(torch.from_numpy(found.x))

    def _scales(self, strength: float, model: Attentive) -> tuple[Tensor, Tensor]:
        """Return the square root of the curvature, about, by the query [D], and by weights and intercept."""
        sums = torch.zeros(2, self.tokens.width).double()
        chances = []
        for _, pooled, _ in self._pooled(model.query, self.clips):
            along = pooled.double() @ self.axes
            sums += torch.stack([along.sum(0), along.square().sum(0)])
            outputs = torch.addmm(model.intercept, pooled, model.weights)
            chances.append(outputs.sigmoid() if self.several else outputs.softmax(dim=1))
        chance = torch.cat(chances).double()
        spread = (chance * (1 - chance)).mean(dim=0).clamp(min=1e-6)
        mean, square = sums / len(self.clips)
        variance = (square - mean.square()).clamp(min=0)
        by_weight = torch.cat([variance[:, None] * spread + strength, spread[None]]).sqrt()
        pull = (model.weights.double().square() @ spread).mean()
        return (self.variance.square() * pull + strength).sqrt(), by_weight

    def _loss(self, strength: float, model: Attentive) -> tuple[float, Tensor, Tensor, Tensor]:
        """Return the loss, and its gradient by query [D], weights [D, C] and intercept [C]."""
        total = 0.0
        by_query = strength * model.query.double()
        by_weight = strength * model.weights.double()
        by_intercept = torch.zeros(len(model.intercept)).double()
        for rows, pooled, (steps, attention) in self._pooled(model.query, self.clips):
            outputs = torch.addmm(model.intercept, pooled, model.weights)
            targets = self.targets[rows].float()
            if self.several:
                total += (functional.softplus(outputs) - outputs * targets).sum().item()
                error = outputs.sigmoid()
            else:
                logs = outputs.log_softmax(dim=1)
                total -= (logs * targets).sum().item()
                error = logs.exp()
            error = (error - targets) / len(self.clips)
            by_weight += pooled.T @ error
            by_intercept += error.sum(dim=0)
            wanted = (error @ model.weights.T) * self.scale
            gain = torch.bmm(wanted[:, None], steps.transpose(1, 2))[
                :, 0
            ]  # ten times as fast as steps · wanted
            gain = attention * (gain - (attention * gain).sum(dim=1, keepdim=True))
            by_query += self.scale * (gain.flatten() @ steps.flatten(0, 1))
        squares = model.query.double().square().sum() + model.weights.double().square().sum()
        return total / len(self.clips) + strength / 2 * squares.item(), by_query, by_weight, by_intercept

    def _pooled(
        self, query: Tensor, clips: Indices
    ) -> Iterator[tuple[Indices, Tensor, tuple[Tensor, Tensor]]]:
        """Yield for some clips at a time which they are, their weighted means, and steps and weights."""
        turned = self.scale * query
        for rows, steps in self._batches(clips):
            attention = (steps @ turned).softmax(dim=1)
            mean = torch.bmm(attention[:, None], steps)[:, 0]
            yield rows, (mean - self.mean) * self.scale, (steps, attention)

    def _batches(self, clips: Indices) -> Iterator[tuple[Indices, Tensor]]:
        """Yield positions in `clips` and the steps [n, S, D] of clips that have as many, in float32."""
        length = np.array([self.tokens.steps[clip] for clip in clips])
        for steps in np.unique(length):
            rows = np.flatnonzero(length == steps)
            most = max(1, _NUMBERS // (int(steps) * self.tokens.width))
            for first in range(0, len(rows), most):
                some = rows[first : first + most]
                yield some, torch.stack([self.tokens[clip] for clip in clips[some]]).float()
