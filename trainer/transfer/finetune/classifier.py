"""The model that is fine-tuned: a sound encoder and a linear layer on its averaged features.

Letters in shapes: B clips, M mel bands, F frames, R rows and S steps of the patch grid, K of the steps, D the
encoder's width.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from trainer.encoders.feature import TIME_AVERAGE
from trainer.encoders.features import embed_features
from trainer.encoders.sound_encoder import SoundEncoder


class Classifier(nn.Module):
    """A sound encoder with a linear layer on its averaged features."""

    def __init__(self, encoder: SoundEncoder, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.norm = nn.LayerNorm(encoder.dim)
        self.head = nn.Linear(encoder.dim, classes)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, inputs: Tensor, kept: tuple[Tensor, Tensor]) -> Tensor:
        """Return the logits [B, classes] of a training batch, by some patches, as for `embed_patches`."""
        logits: Tensor = self.head(self.norm(embed_patches(self.encoder, inputs, *kept)))
        return logits


def embed_patches(encoder: SoundEncoder, inputs: Tensor, index: Tensor, own: Tensor) -> Tensor:
    """Average the features of some patches of each clip, row by row.

    Of all patches of clips no longer than the input it is what `embed_features` gives by `TIME_AVERAGE`.

    Args:
        encoder: the encoder.
        inputs: standardised spectrograms [B, M, F] that S time steps lie over, at most one input's worth.
        index: int64 [B, R, K], the time steps of the patches, as `patch_mask` chooses them.
        own: bool [B, R, K], false for patches that only fill up; nothing attends to them.

    Returns:
        [B, R·D], low frequencies first.
    """
    rows, device = encoder.rows, inputs.device
    steps = (inputs.shape[2] - encoder.patch) // encoder.hop + 1
    place = (index + steps * torch.arange(rows)[:, None]).flatten(1).to(device)
    seen = None if own.all() else own.flatten(1).to(device)
    tokens = encoder.encode_subset(inputs, place, seen).float()
    weight = (own / own.sum(dim=2, keepdim=True)).to(device)
    averaged: Tensor = (tokens.unflatten(1, (rows, -1)) * weight[..., None]).sum(dim=2)
    return averaged.flatten(1)


def all_patches(steps: Tensor, rows: int) -> tuple[Tensor, Tensor]:
    """Return what `patch_mask` would if it dropped none: all patches in order, int64 and bool [B, R, S]."""
    width = int(steps.max())
    index = torch.arange(width).expand(len(steps), rows, width)
    return index, index < steps[:, None, None]


def add_drop_path(encoder: SoundEncoder, rate: float) -> None:
    """Let blocks be skipped in training, the last with chance `rate` and earlier ones less, the first never.

    Stochastic depth (Huang et al., ECCV 2016), for each clip by itself.
    """
    from timm.layers import DropPath

    blocks = encoder.vit.blocks
    for number, block in enumerate(blocks):
        chance = rate * number / max(len(blocks) - 1, 1)
        block.drop_path1, block.drop_path2 = DropPath(chance), DropPath(chance)


@torch.no_grad()
def predict(
    model: Classifier,
    clips: Sequence[Tensor],
    *,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Tensor:
    """Return the logits of whole clips, float32 [N, classes], in eval mode.

    However long the clips are, one batch of the encoder's inputs is computed at a time, or one on each core.

    Raises:
        RunFailedError: the encoder gives NaN or infinity.
    """
    was_training = model.training
    model.eval()
    asked = [TIME_AVERAGE]
    vectors = embed_features(model.encoder, clips, asked, autocast=autocast, label=None)[TIME_AVERAGE]
    with autocast():
        outputs: Tensor = model.head(model.norm(vectors.to(model.head.weight.device))).float().cpu()
    model.train(was_training)
    return outputs
