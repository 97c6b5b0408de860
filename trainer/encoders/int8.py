"""Encoders whose matrix products run in 8 bits, for embedding on CPUs."""

import copy
from functools import cache

import torch
from torch import Tensor, nn

from trainer.encoders.sound_encoder import SoundEncoder
from trainer.training.precision import EmbeddingPrecision

_LARGEST = 127
_EXACT = 1024  # terms of at most 127², the sum of which float32 holds exactly, in whatever order it is taken


class Int8Linear(nn.Module):
    """A linear layer in eval mode that rounds its weights and inputs to 8 bits.

    Each output has a scale of its own, and so has each row of the input, found as it comes: what becomes of
    a token never depends on those beside it. Products are summed exactly, in 32 bits. (Activations by token,
    weights by channel: Yao et al., ZeroQuant, 2022.)
    """

    weight: Tensor
    scale: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        scale = _scale(weight)
        self.register_buffer("weight", _rounded(weight, scale).t())
        self.register_buffer("scale", scale.squeeze(1))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach())

    def forward(self, inputs: Tensor) -> Tensor:
        """Multiply float32 [..., I]: [..., O]."""
        rows = inputs.flatten(0, -2)
        scale = _scale(rows)
        sums = _product(_rounded(rows, scale), self.weight) * scale
        products = sums * self.scale if self.bias is None else torch.addcmul(self.bias, sums, self.scale)
        shaped: Tensor = products.unflatten(0, inputs.shape[:-1])
        return shaped


def in_precision(encoder: SoundEncoder, precision: EmbeddingPrecision) -> SoundEncoder:
    """Return an encoder that embeds in a precision: itself, or for int8 a copy with rounded weights.

    What is rounded are the linear layers of the blocks, in which nearly all of the work lies.
    """
    if precision != "int8":
        return encoder
    found = copy.deepcopy(encoder)
    for block in found.vit.blocks:
        for name, module in list(block.named_modules()):
            if isinstance(module, nn.Linear):
                block.set_submodule(name, Int8Linear(module))
    return found


def _product(rows: Tensor, weight: Tensor) -> Tensor:
    """Multiply int8 [N, I] by int8 [I, O]: exact, int32 [N, O]."""
    if _bytes_are_exact():
        return torch._int_mm(rows, weight)
    sums = torch.zeros(len(rows), weight.shape[1], dtype=torch.int32)
    for some, others in zip(rows.split(_EXACT, dim=1), weight.split(_EXACT), strict=True):
        sums += (some.float() @ others.float()).int()
    return sums


@cache
def _bytes_are_exact() -> bool:
    """Tell whether this CPU adds up products of bytes exactly.

    Before VNNI, CPUs add them in pairs that are cut off at 16 bits, which torch's products of bytes pass on.
    """
    most = torch.full((64, 64), _LARGEST, dtype=torch.int8)
    return all(
        bool((torch._int_mm(most[:rows], most) == 64 * _LARGEST**2).all().item()) for rows in (1, 7, 64)
    )


def _scale(rows: Tensor) -> Tensor:
    """Return what one step of 8 bits stands for in each row, [N, 1]."""
    # Not abs(), which would write all of them down once more.
    largest = torch.maximum(rows.amax(dim=1, keepdim=True), rows.amin(dim=1, keepdim=True).neg_())
    return largest.div_(_LARGEST).clamp_(min=torch.finfo(torch.float32).tiny)


def _rounded(rows: Tensor, scale: Tensor) -> Tensor:
    return (rows / scale).round_().to(torch.int8)
