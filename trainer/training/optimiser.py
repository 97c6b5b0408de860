"""One optimiser step, for pre-training and fine-tuning alike: warm-up, cosine, finite or none."""

import math
from collections.abc import Collection
from typing import Any, Literal

import torch
from torch import Tensor, nn

from trainer.errors import DivergedError
from trainer.training.ranks import whole

Method = Literal["adamw", "sgd", "muon"]


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
    """AdamW, Muon, or stochastic gradient descent with momentum, under a schedule.

    Args:
        model: what is trained; vectors (biases, norms) are not decayed.
        lr: peak learning rate.
        steps: of the whole schedule.
        warmup: share of them over which the learning rate rises.
        weight_decay: on matrices; of AdamW and Muon apart from the gradient, of SGD added to it.
        betas: AdamW's; the first is the momentum of SGD. Muon's own is 0.95.
        clip_grad: largest norm of the gradient; 0 for none.
        layer_decay: as for `parameter_groups`.
        exempt: as for `parameter_groups`; by default none, as in the published pre-training of masked
            autoencoders, which decays the class token and the mask token.
        method: ``adamw``, ``sgd``, or ``muon``: the matrices of the transformer blocks are moved along their
            orthogonalised momentum (Jordan et al., "Muon", 2024), as far as AdamW would go on average, so
            that one learning rate serves both (Liu et al., arXiv 2502.16982); all else is AdamW's.

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
        exempt: Collection[str] = (),
        method: Method = "adamw",
    ) -> None:
        self.model, self.steps, self.warmup = model, steps, warmup
        self.limit = clip_grad or math.inf
        self.peak = lr
        groups = parameter_groups(model, weight_decay, layer_decay, exempt)
        self.inner: torch.optim.Optimizer
        if method == "adamw":
            self.inner = torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)
        elif method == "muon":
            from timm.optim import Muon

            self.inner = Muon(_by_kind(model, groups), lr=lr, betas=betas, momentum=0.95)
        else:
            self.inner = torch.optim.SGD(groups, lr=lr, momentum=betas[0], fused=True)

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


def parameter_groups(
    model: nn.Module, weight_decay: float, layer_decay: float = 1.0, exempt: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Split what is trained into groups for an optimiser.

    Args:
        model: a module with one encoder in it, or more of which the first is trained.
        weight_decay: of matrices; vectors have none.
        layer_decay: factor by which each layer of the encoder learns slower than what follows it, counted as
            in the published fine-tuning of masked autoencoders (He et al., CVPR 2022, after BEiT; Bao et al.,
            ICLR 2022): the final norm and all outside the encoder at full rate, the last block of N once
            decayed, the first N times, the patch embedding and the class token N + 1 times.
        exempt: weights of the encoder, by timm's names, that are not decayed either; timm's
            ``no_weight_decay()`` names the class token and the positions.

    Returns:
        Groups with ``params``, ``weight_decay`` and, for layers that learn slower, ``lr_scale``.
    """
    from timm.models.vision_transformer import VisionTransformer
    from timm.optim import param_groups_weight_decay

    name, encoder = next(
        ((name, part) for name, part in model.named_modules() if isinstance(part, VisionTransformer)),
        ("", None),
    )
    spared = [f"{name}.{weight}" if name else weight for weight in exempt]
    if layer_decay == 1 or encoder is None:
        return list(param_groups_weight_decay(model, weight_decay, no_weight_decay_list=spared))
    depth = {
        id(weight): _layers_above(own, len(encoder.blocks)) for own, weight in encoder.named_parameters()
    }
    groups: dict[tuple[int, float], dict[str, Any]] = {}
    for group in param_groups_weight_decay(model, weight_decay, no_weight_decay_list=spared):
        for weight in group["params"]:
            times = depth.get(id(weight), 0)
            found = groups.setdefault(
                (times, group["weight_decay"]),
                {"params": [], "weight_decay": group["weight_decay"], "lr_scale": layer_decay**times},
            )
            found["params"].append(weight)
    return list(groups.values())


def _by_kind(model: nn.Module, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Split groups into the matrices of transformer blocks and what Muon is not meant for."""
    hidden = {
        id(weight)
        for name, weight in model.named_parameters()
        if weight.ndim == 2 and "blocks" in name.split(".")
    }
    split = [
        {
            **group,
            "params": [weight for weight in group["params"] if (id(weight) in hidden) == inner],
            "use_fallback": not inner,
            "nesterov": inner,  # which AdamW has not
        }
        for group in groups
        for inner in (True, False)
    ]
    return [group for group in split if group["params"]]


def _layers_above(weight: str, blocks: int) -> int:
    """Count the layers that stand between a weight of an encoder and what follows the encoder."""
    part, _, rest = weight.partition(".")
    if part == "blocks":
        return blocks - int(rest.partition(".")[0])
    return 0 if part == "norm" else blocks + 1
