"""One optimiser step, for pre-training and fine-tuning alike: warm-up, cosine, finite or none."""

import math
from typing import Any, Literal

import torch
from timm.models.vision_transformer import VisionTransformer
from timm.optim import param_groups_layer_decay, param_groups_weight_decay
from torch import Tensor, nn

from trainer.errors import DivergedError
from trainer.training.ranks import whole

Method = Literal["adamw", "sgd"]


def warmup_cosine(step: int, steps: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step.

    Rises linearly over the first `warmup`·`steps` steps, then falls to 0 along a half cosine
    (Loshchilov & Hutter, "SGDR", ICLR 2017).

    Args:
        step: number of steps taken before this one, 0 … steps − 1.
        steps: of the whole run.
        warmup: share of them, in [0, 1).
    """
    rising = warmup * steps
    if step < rising:
        return (step + 1) / (rising + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(steps - rising, 1)))


class Optimiser:
    """AdamW, or stochastic gradient descent with momentum, under a schedule.

    Args:
        model: what is trained; vectors (biases, norms) are not decayed.
        lr: peak learning rate.
        steps: of the whole schedule.
        warmup: share of them over which the learning rate rises.
        weight_decay: on matrices; of AdamW apart from the gradient, of SGD added to it.
        betas: AdamW's; the first is the momentum of SGD.
        clip_grad: largest norm of the gradient; 0 for none.
        layer_decay: as for `parameter_groups`.
        method: ``adamw`` or ``sgd``.

    Attributes:
        inner: torch's optimiser, which holds the moments.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        lr: float,
        steps: int,
        warmup: float,
        weight_decay: float,
        betas: tuple[float, float],
        clip_grad: float,
        layer_decay: float = 1.0,
        method: Method = "adamw",
    ) -> None:
        self.model, self.steps, self.warmup = model, steps, warmup
        self.limit = clip_grad or math.inf
        self.peak = lr
        groups = parameter_groups(model, weight_decay, layer_decay)
        self.inner: torch.optim.Optimizer = (
            torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)
            if method == "adamw"
            else torch.optim.SGD(groups, lr=lr, momentum=betas[0], fused=True)
        )

    def step(self, number: int, loss: Tensor) -> dict[str, float]:
        """Take step `number` (0 …) down the gradient of a loss; returns and raises as `update`."""
        loss.backward()
        return self.update(number, loss.detach())

    def update(self, number: int, loss: Tensor) -> dict[str, float]:
        """Take step `number` (0 …) down the gradients that have been gathered.

        Args:
            number: of the step.
            loss: its value, the same on all ranks.

        Returns:
            The numbers of the step: ``step`` (from 1), ``loss``, ``lr``, ``grad_norm``.

        Raises:
            DivergedError: the loss or its gradient is not finite; nothing was changed.
        """
        lr = self.peak * warmup_cosine(number, self.steps, self.warmup)
        for group in self.inner.param_groups:
            group["lr"] = lr * group.get("lr_scale", 1.0)
        norm = whole(nn.utils.clip_grad_norm_(self.model.parameters(), self.limit)).item()
        value = loss.item()
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise DivergedError(
                f"loss {value} with gradient norm {norm} at step {number + 1}, learning rate "
                f"{lr:.3g}: lower --lr; a run that saves checkpoints goes on from the last one"
            )
        self.inner.step()
        self.inner.zero_grad(set_to_none=True)
        return {"step": number + 1, "loss": value, "lr": lr, "grad_norm": norm}


def parameter_groups(model: nn.Module, weight_decay: float, layer_decay: float = 1.0) -> list[dict[str, Any]]:
    """Split what is trained into groups for an optimiser.

    Args:
        model: a module with one encoder in it, or more of which the first is trained.
        weight_decay: of matrices; vectors have none.
        layer_decay: each block of the encoder learns this much slower than the one after it, and its patch
            embedding slowest; its last block and all else at full rate (Clark et al., "ELECTRA", ICLR 2020).

    Returns:
        Groups with ``params``, ``weight_decay`` and, for layers that learn slower, ``lr_scale``.
    """
    encoder = next((part for part in model.modules() if isinstance(part, VisionTransformer)), None)
    if layer_decay == 1 or encoder is None:
        return list(param_groups_weight_decay(model, weight_decay))
    layers = list(param_groups_layer_decay(encoder, weight_decay, layer_decay=layer_decay))
    slowed = {id(weight) for group in layers for weight in group["params"]}
    rest = [
        group | {"params": [weight for weight in group["params"] if id(weight) not in slowed]}
        for group in param_groups_weight_decay(model, weight_decay)
    ]
    return layers + [group for group in rest if group["params"]]
