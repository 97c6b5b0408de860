"""From the tokens of visible patches to predictions for hidden ones: the plain decoder and a faster one.

Letters in shapes: B pictures, L patches, V of them visible, M predicted, D and E the widths of encoder and
decoder, P numbers predicted for a patch.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.errors import TrainerError
from trainer.model.config import PositionKind
from trainer.model.masking import restoring
from trainer.model.patches import take
from trainer.model.positions import position_table

NORM_EPS = 1e-6
"""ε of the layer norms, as in the encoder and the published weights."""


class Decoder(nn.Module):
    """The published decoder: mask tokens join the visible ones and all attend to all (He et al., 2022).

    Args:
        encoder_dim: D.
        grid: rows and columns of patches.
        outputs: P.
        dim: E, a multiple of 4 (for its positions) and of its heads.
        depth: number of blocks.
        heads: attention heads in each of them.
        positions: ``sincos`` or ``learned``.

    Raises:
        TrainerError: an impossible width.
    """

    def __init__(
        self,
        encoder_dim: int,
        grid: tuple[int, int],
        outputs: int,
        *,
        dim: int,
        depth: int,
        heads: int,
        positions: PositionKind = "sincos",
    ) -> None:
        from timm.layers import trunc_normal_

        super().__init__()
        if dim % 4 or dim % heads:
            raise TrainerError(f"decoder_dim = {dim} must be a multiple of 4 and of {heads} heads")
        self.heads = heads
        self.embed = nn.Linear(encoder_dim, dim)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = position_table(positions, grid, dim)
        self.blocks = nn.ModuleList(self.make_block(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim, eps=NORM_EPS)
        self.head = nn.Linear(dim, outputs)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        trunc_normal_(self.mask_token, std=0.02)

    def make_block(self, dim: int, heads: int) -> nn.Module:
        """Make one of the blocks."""
        from timm.models.vision_transformer import Block

        block: nn.Module = Block(dim, heads, qkv_bias=True)
        return block

    def forward(self, encoded: Tensor, order: Tensor, num_predict: int) -> Tensor:
        """Predict every patch.

        Args:
            encoded: [B, 1 + V, D], the class token first.
            order: [B, L], all places, the visible ones first, in the order of the tokens.
            num_predict: M, how many of the hidden patches are wanted; here all are predicted anyway.

        Returns:
            [B, L, P].
        """
        tokens = self.embed(encoded)
        # Hidden places get the mask token; then all go back to where they stood.
        hidden = self.mask_token.to(tokens.dtype).expand(
            len(tokens), order.shape[1] + 1 - tokens.shape[1], -1
        )
        places = take(torch.cat([tokens[:, 1:], hidden], dim=1), restoring(order))
        tokens = torch.cat([tokens[:, :1], places], dim=1) + self.pos_embed
        for block in self.blocks:
            tokens = block(tokens)
        prediction: Tensor = self.head(self.norm(tokens)[:, 1:])
        return prediction


class CrossDecoder(Decoder):
    """The decoder of CrossMAE (Fu et al., "Rethinking Patch Dependence for Masked Autoencoders", 2024).

    Hidden patches ask the visible ones and never each other, so any share of them may be predicted, at a
    cost that falls with it. Every block reads the encoder's last layer.
    """

    def make_block(self, dim: int, heads: int) -> nn.Module:
        """Make one of the blocks."""
        return CrossBlock(dim, heads)

    def forward(self, encoded: Tensor, order: Tensor, num_predict: int) -> Tensor:
        """Predict the first M hidden patches.

        Args:
            encoded: [B, 1 + V, D], the class token first.
            order: [B, L], all places, the visible ones first, in the order of the tokens.
            num_predict: M. With no patch hidden it is the visible ones that are predicted.

        Returns:
            [B, L, P], zero for patches that are not predicted.
        """
        visible = encoded.shape[1] - 1
        table = self.pos_embed[0, 1:]
        first = self.pos_embed[:, :1].expand(len(encoded), -1, -1)
        memory = self.embed(encoded) + torch.cat([first, table[order[:, :visible]]], dim=1)
        places = order[:, visible : visible + num_predict] if visible < order.shape[1] else order
        tokens = self.mask_token + table[places]
        for block in self.blocks:
            tokens = block(tokens, memory)
        predicted = self.head(self.norm(tokens))
        prediction = predicted.new_zeros(*order.shape, predicted.shape[2])
        whole: Tensor = prediction.scatter(1, places[:, :, None].expand_as(predicted), predicted)
        return whole


class CrossBlock(nn.Module):
    """One block of the above: look at the memory, then think."""

    def __init__(self, dim: int, heads: int) -> None:
        from timm.layers import Mlp

        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim, eps=NORM_EPS)
        self.query = nn.Linear(dim, dim)
        self.memory = nn.Linear(dim, 2 * dim)
        self.proj = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim, eps=NORM_EPS)
        self.mlp = Mlp(dim, 4 * dim)

    def forward(self, tokens: Tensor, memory: Tensor) -> Tensor:
        """Let tokens [B, M, E] attend to a memory [B, N, E]."""
        query = self.query(self.norm1(tokens)).unflatten(2, (self.heads, -1)).transpose(1, 2)
        key, value = self.memory(memory).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + self.proj(found.transpose(1, 2).flatten(2))
        result: Tensor = tokens + self.mlp(self.norm2(tokens))
        return result
