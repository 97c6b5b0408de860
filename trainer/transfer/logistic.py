"""Logistic regression with an L2 penalty, at its optimum.

Over standardised features of n clips the loss is the mean cross entropy (of several labels a clip, the sum
over classes of the mean binary cross entropy) plus strength/2 times the squared weights. Intercepts are not
penalised.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg
from torch import Tensor
from torch.nn import functional

from patterngen import RunFailedError

TOLERANCE = 1e-2
"""Largest norm of the gradient, as a share of the strength. The loss is strongly convex, with the strength as
its modulus, so the weights are nearer to their optimum than this: the output for a clip whose features have
norm 1, the mean of training clips, is off by no more."""
SMALLEST = 1e-6
"""Norm of the gradient that is small enough for any strength, also below 1e-4: where the loss is as flat as
that, what is left moves outputs only along features that hardly vary."""
ROUGHLY = 3e-5
"""Norm of the gradient that is small enough for models that are only compared with one another."""
_CONSTANT = 1e-6  # deviation of what is called constant, as a share of the feature's largest size
_RANK = 1e-12  # of the squared singular values: what is smaller than this share of the largest is rounding
_NEWTON = 5  # steps at most, of which each about squares what the last one left


@dataclass(frozen=True)
class Scaling:
    """Standardisation by the training clips: (x − mean) · scale.

    Divided by the square root of their number, features of a training clip have norm 1 in the quadratic mean:
    a penalty of the weights does not depend on how many there are, and features that all come twice change
    no output.

    Attributes:
        mean: mean of each feature, float64 [D].
        scale: float64 [D], 1/(deviation · √number of features that vary); 0 for constant ones.
    """

    mean: Tensor
    scale: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "Scaling":
        """Take the mean and deviation of training clips [n, D]."""
        std, mean = torch.std_mean(features.double(), dim=0, correction=0)
        varies = std > _CONSTANT * features.abs().amax(dim=0).double()
        scale = torch.where(varies, 1 / torch.where(varies, std, 1.0), 0.0)
        return cls(mean, scale / max(1, int(varies.sum())) ** 0.5)

    def __call__(self, features: Tensor) -> Tensor:
        """Standardise [..., D], as float64."""
        return (features.double() - self.mean) * self.scale


@dataclass(frozen=True)
class Logistic:
    """A fitted model: outputs are log-odds, of classes against one another or of each against its absence.

    Attributes:
        strength: strength of the penalty.
        weights: float64 [D, C], for standardised features.
        intercept: constant of each class, float64 [C].
        gradient: norm of the loss's gradient.
    """

    strength: float
    weights: Tensor
    intercept: Tensor
    gradient: float

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return the outputs [n, C] for standardised features [n, D]."""
        return torch.addmm(self.intercept, inputs, self.weights)


def one_hot(targets: NDArray[np.int64], classes: int) -> Tensor:
    """Return class ids [n], or 0/1 [n, C] as they are, as float64 [n, C]."""
    known = torch.from_numpy(targets)
    return (functional.one_hot(known, classes) if known.ndim == 1 else known).double()


def log_loss(outputs: Tensor, targets: NDArray[np.int64]) -> float:
    """Return the mean cross entropy of outputs [n, C]: the loss without its penalty."""
    known = torch.from_numpy(targets)
    if known.ndim == 1:
        return functional.cross_entropy(outputs, known).item()
    loss = functional.binary_cross_entropy_with_logits(outputs, known.double(), reduction="sum")
    return loss.item() / len(outputs)


def logistic_path(
    inputs: Tensor, targets: Tensor, strengths: Iterable[float], *, multi_label: bool, roughly: bool = False
) -> Iterator[Logistic]:
    """Fit models of one strength after another, from strong to weak, each beginning where the last one ended.

    Solved in the basis of the features' principal axes, where there are at most as many as clips, by L-BFGS
    (scipy's) on variables scaled by the square root of the loss's curvature along each. Where it ends because
    the loss is too flat for float64 to tell better from worse, Newton's method goes on, which asks the
    gradient alone.

    Args:
        inputs: standardised features of training clips, float64 [n, D].
        targets: 0/1, float64 [n, C]: of one class a clip, or of any number with `multi_label`.
        strengths: of the penalty, each more than 0.
        multi_label: one logistic for each class, instead of a multinomial one.
        roughly: end as near to the optimum as a comparison of strengths needs.

    Raises:
        RunFailedError: the gradient does not vanish.
    """
    # Of what always or never is, the best intercept lies at infinity; half a clip more is as good a guess.
    share = targets.mean(dim=0)
    learned = (share > 0) & (share < 1) if multi_label else share > 0
    axes, squares = _principal_axes(inputs)
    problem = _Problem(inputs @ axes, squares / len(inputs), targets[:, learned], multi_label=multi_label)
    smallest = ROUGHLY if roughly else SMALLEST
    for strength in strengths:
        gradient = problem.solve(strength, max(TOLERANCE * strength, smallest))
        weights = torch.zeros(inputs.shape[1], len(learned), dtype=torch.float64)
        weights[:, learned] = axes @ problem.weights
        rare = 0.5 / len(inputs)
        intercept = share.clamp(rare, 1 - rare).logit() if multi_label else share.clamp(min=rare).log()
        intercept[learned] = problem.intercept
        yield Logistic(strength, weights, intercept, gradient)


def _principal_axes(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return orthonormal axes [D, r] that span all rows, and the sum of squares along each [r]."""
    clips, features = inputs.shape
    small = inputs @ inputs.T if clips <= features else inputs.T @ inputs
    squares, vectors = torch.linalg.eigh(small)
    kept = squares > _RANK * squares.max().clamp(min=torch.finfo(torch.float64).tiny)
    squares, vectors = squares[kept], vectors[:, kept]
    return (inputs.T @ (vectors / squares.sqrt()) if clips <= features else vectors), squares


class _Problem:
    """The regression in the basis of principal axes, and the best weights so far."""

    def __init__(self, inputs: Tensor, variance: Tensor, targets: Tensor, *, multi_label: bool) -> None:
        self.inputs, self.transposed, self.variance = inputs, inputs.T.contiguous(), variance
        self.targets, self.multi_label = targets, multi_label
        self.weights = torch.zeros(len(variance), targets.shape[1], dtype=torch.float64)
        share = targets.mean(dim=0)
        self.intercept = share.logit() if multi_label else share.log()

    def solve(self, strength: float, largest: float) -> float:
        """Go on to the optimum of a strength; return the norm of the gradient there, at most the largest."""
        reached = float(self._loss(strength)[1].norm())
        if reached <= largest or not self.targets.numel():
            return reached
        reached = self._descend(strength, largest)
        for _ in range(_NEWTON):
            if reached <= largest:
                break
            reached = self._newton(strength)
        if not reached <= largest:
            raise RunFailedError(
                f"a linear probe of strength {strength:g} did not converge: the norm of its gradient is "
                f"{reached:.2g}; are its features of one scale?"
            )
        return reached

    def _descend(self, strength: float, largest: float) -> float:
        """Descend from where the weights are until the gradient is small or the search fails."""
        scales = self._scales(strength)
        reached = float("inf")

        def loss(variables: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            nonlocal reached
            self._take(torch.from_numpy(variables).view_as(scales) / scales)
            value, gradient = self._loss(strength)
            reached = float(gradient.norm())
            return value, (gradient / scales).numpy().ravel()

        def stop(intermediate_result: object) -> None:
            if reached <= largest:
                raise StopIteration

        start = torch.cat([self.weights, self.intercept[None]]) * scales
        options = {"maxiter": 5000, "maxfun": 10_000, "ftol": 0.0, "gtol": 0.0}
        found = minimize(
            loss, start.numpy().ravel(), method="L-BFGS-B", jac=True, callback=stop, options=options
        )
        loss(found.x)
        return reached

    def _newton(self, strength: float) -> float:
        """Take a step of Newton's method, by conjugate gradients; return the norm of the gradient there."""
        chance, scales = self._chance(), self._scales(strength)
        clips, size = len(chance), scales.numel()

        def curvature(variables: NDArray[np.float64]) -> NDArray[np.float64]:
            step = torch.from_numpy(variables).view_as(scales) / scales
            change = torch.addmm(step[-1], self.inputs, step[:-1]) * chance
            change -= chance * (change if self.multi_label else change.sum(dim=1, keepdim=True))
            change /= clips
            by_weight = torch.addmm(step[:-1], self.transposed, change, beta=strength)
            result: NDArray[np.float64] = torch.cat([by_weight, change.sum(dim=0)[None]]).div_(scales).numpy()
            return result.ravel()

        downhill = -(self._loss(strength)[1] / scales).numpy().ravel()
        operator = LinearOperator((size, size), matvec=curvature, dtype=np.float64)
        step, _ = cg(operator, downhill, rtol=1e-3, maxiter=500)
        self._take(
            torch.cat([self.weights, self.intercept[None]]) + torch.from_numpy(step).view_as(scales) / scales
        )
        return float(self._loss(strength)[1].norm())

    def _take(self, variables: Tensor) -> None:
        self.weights, self.intercept = variables[:-1], variables[-1]

    def _chance(self) -> Tensor:
        """Return how likely each class is for each clip [n, C]."""
        outputs = torch.addmm(self.intercept, self.inputs, self.weights)
        return outputs.sigmoid() if self.multi_label else outputs.softmax(dim=1)

    def _scales(self, strength: float) -> Tensor:
        """Return the square root of the curvature along each weight and intercept [r + 1, C], about."""
        chance = self._chance()
        spread = (chance * (1 - chance)).mean(dim=0).clamp(min=1e-9)
        return torch.cat([self.variance[:, None] * spread + strength, spread[None]]).sqrt()

    def _loss(self, strength: float) -> tuple[float, Tensor]:
        """Return the penalised loss and its gradient [r + 1, C]."""
        outputs = torch.addmm(self.intercept, self.inputs, self.weights)
        if self.multi_label:
            total = functional.softplus(outputs).sum() - (outputs * self.targets).sum()
            error = outputs.sigmoid()
        else:
            logs = outputs.log_softmax(dim=1)
            total = -(logs * self.targets).sum()
            error = logs.exp_()
        clips = len(outputs)
        error = error.sub_(self.targets).div_(clips)
        penalty = strength / 2 * self.weights.square().sum()
        by_weight = torch.addmm(self.weights, self.transposed, error, beta=strength)
        return (total / clips + penalty).item(), torch.cat([by_weight, error.sum(dim=0)[None]])
