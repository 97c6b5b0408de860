"""The masked autoencoder as the paper describes it, in plain PyTorch: float32, eager, no trick.

He et al., "Masked Autoencoders Are Scalable Vision Learners" (CVPR 2022), sections 3 and A.1: every patch is
embedded, a random quarter is kept by sorting noise, the encoder sees the kept ones and a class token, the
decoder all places, the loss is the squared error on the hidden patches. Its tensors bear the names of the
published checkpoints. Used for timing, and as a second opinion.
"""

import torch
from torch import Tensor, nn

SIZES = {"vit_tiny": (192, 12, 3), "vit_small": (384, 12, 6), "vit_base": (768, 12, 12)}
"""Width, blocks and heads of the encoders."""


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * self.scale).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, n, d))


class Mlp(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(dim, eps=1e-6), Attention(dim, heads)
        self.norm2, self.mlp = nn.LayerNorm(dim, eps=1e-6), Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, patch: int, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(x).flatten(2).transpose(1, 2)


def sincos(side: int, dim: int) -> Tensor:
    """The sin-cos table of a square grid, [1, 1 + side², dim]; the class token's row is zero."""
    rate = 10000 ** -(torch.arange(dim // 4, dtype=torch.float64) / (dim // 4))
    row, column = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    angles = [place.reshape(-1, 1) * rate for place in (column, row)]
    table = torch.cat([part for angle in angles for part in (angle.sin(), angle.cos())], dim=1)
    return torch.cat([torch.zeros(1, dim), table.float()])[None]


class PlainMAE(nn.Module):
    """The published recipe for square pictures of three channels, norm-pix with the published 1e-6."""

    def __init__(
        self,
        model: str,
        *,
        size: int = 224,
        patch: int = 16,
        mask_ratio: float = 0.75,
        decoder_dim: int = 512,
        decoder_depth: int = 8,
        decoder_heads: int = 16,
        norm_pix: bool = True,
    ) -> None:
        super().__init__()
        dim, depth, heads = SIZES[model]
        self.patch, self.side, self.mask_ratio, self.norm_pix = patch, size // patch, mask_ratio, norm_pix
        self.patch_embed = PatchEmbed(patch, dim)
        self.cls_token = nn.Parameter(torch.empty(1, 1, dim))
        self.pos_embed = nn.Parameter(sincos(self.side, dim), requires_grad=False)
        self.blocks = nn.ModuleList([Block(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.decoder_embed = nn.Linear(dim, decoder_dim)
        self.mask_token = nn.Parameter(torch.empty(1, 1, decoder_dim))
        self.decoder_pos_embed = nn.Parameter(sincos(self.side, decoder_dim), requires_grad=False)
        self.decoder_blocks = nn.ModuleList([Block(decoder_dim, decoder_heads) for _ in range(decoder_depth)])
        self.decoder_norm = nn.LayerNorm(decoder_dim, eps=1e-6)
        self.decoder_pred = nn.Linear(decoder_dim, 3 * patch * patch)
        nn.init.normal_(self.cls_token, std=0.02)
        nn.init.normal_(self.mask_token, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.xavier_uniform_(self.patch_embed.proj.weight.view(dim, -1))

    def patchify(self, images: Tensor) -> Tensor:
        """Pictures [B, 3, H, W] to patches [B, L, patch·patch·3], the colour of a pixel together."""
        b, s, p = len(images), self.side, self.patch
        return images.reshape(b, 3, s, p, s, p).permute(0, 2, 4, 3, 5, 1).reshape(b, s * s, p * p * 3)

    def encode(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the tokens [B, 1 + V, D], the mask [B, L] (1 is hidden) and the way back [B, L]."""
        x = self.patch_embed(images) + self.pos_embed[:, 1:]
        b, length, dim = x.shape
        visible = int(length * (1 - self.mask_ratio))
        order = noise.argsort(dim=1)
        restore = order.argsort(dim=1)
        x = x.gather(1, order[:, :visible, None].expand(-1, -1, dim))
        mask = torch.ones(b, length)
        mask[:, :visible] = 0
        x = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(b, -1, -1), x], dim=1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x), mask.gather(1, restore), restore

    def decode(self, latent: Tensor, restore: Tensor) -> Tensor:
        """Predict every patch, [B, L, P]."""
        x = self.decoder_embed(latent)
        b, n, dim = x.shape
        hidden = self.mask_token.expand(b, restore.shape[1] + 1 - n, -1)
        places = torch.cat([x[:, 1:], hidden], dim=1).gather(1, restore[:, :, None].expand(-1, -1, dim))
        x = torch.cat([x[:, :1], places], dim=1) + self.decoder_pos_embed
        for block in self.decoder_blocks:
            x = block(x)
        return self.decoder_pred(self.decoder_norm(x))[:, 1:]

    def forward(self, images: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return the loss of pictures [B, 3, H, W], already standardised; noise [B, L] orders the patches."""
        if noise is None:
            noise = torch.rand(len(images), self.side**2)
        latent, mask, restore = self.encode(images, noise)
        prediction = self.decode(latent, restore)
        target = self.patchify(images)
        if self.norm_pix:
            mean, variance = target.mean(-1, keepdim=True), target.var(-1, keepdim=True)
            target = (target - mean) / (variance + 1e-6).sqrt()
        error = ((prediction - target) ** 2).mean(-1)
        return (error * mask).sum() / mask.sum()


def optimiser(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """AdamW as published: betas 0.9 and 0.95, decay 0.05 on matrices only."""
    learned = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": 0.05},
        {"params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95))
