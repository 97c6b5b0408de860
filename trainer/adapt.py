"""A picture encoder made into a sound encoder: one channel, another grid, and chunks of time.

Letters in shapes: B clips, M mel bands, F frames, R rows and S steps of the patch grid, D the encoder's
width.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from timm.layers import resample_abs_pos_embed
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from trainer.audio import LogMel, standardise
from trainer.checkpoint import EncoderConfig, load_encoder, new_encoder
from trainer.errors import TrainerError
from trainer.model.encoder import encode_patches
from trainer.model.patches import patchify
from trainer.model.positions import sincos_positions

Positions = Literal["interpolate", "sincos"]


@dataclass(frozen=True)
class Adapted:
    """Weights for the new input, and a line for each tensor that was changed."""

    state: dict[str, Tensor]
    account: tuple[str, ...]


def sum_channels(weight: Tensor) -> Tensor:
    """Make the patch embedding of a colour encoder see one channel: W₁ = Σ_c W_c.

    Then conv(s; W₁) = conv([s, s, s]; W) for every s, with the bias unchanged.

    Args:
        weight: [D, C, ph, pw].

    Returns:
        [D, 1, ph, pw].
    """
    return weight.sum(dim=1, keepdim=True)


def adapt_weights(
    state: Mapping[str, Tensor],
    *,
    old_grid: tuple[int, int],
    new_grid: tuple[int, int],
    positions: Positions,
) -> Adapted:
    """Turn the weights of a picture encoder into those of a one-channel encoder of another grid.

    Args:
        state: weights by timm's names.
        old_grid: rows and columns of patches it was trained on.
        new_grid: rows (frequency) and columns (time) that it shall see.
        positions: ``interpolate`` stretches the old table over the new grid (bicubic); ``sincos`` computes
            the fixed table of the new grid afresh.
    """
    result, account = dict(state), []
    weight = state["patch_embed.proj.weight"]
    if weight.shape[1] != 1:
        result["patch_embed.proj.weight"] = sum_channels(weight)
        account.append(f"patch_embed.proj.weight: {weight.shape[1]} channels summed into 1")
    table = state["pos_embed"]
    shapes = f"{old_grid[0]}×{old_grid[1]} → {new_grid[0]}×{new_grid[1]}"
    if positions == "sincos":
        result["pos_embed"] = sincos_positions(new_grid, table.shape[2])
        account.append(f"pos_embed: {shapes}, sin-cos table computed afresh")
    elif new_grid != old_grid:
        result["pos_embed"] = resample_abs_pos_embed(table, list(new_grid), list(old_grid))
        account.append(f"pos_embed: {shapes}, interpolated (bicubic)")
    account.append(f"{len(state) - len(account)} other tensors: as they were")
    return Adapted(result, tuple(account))


class SoundEncoder(nn.Module):
    """An encoder of log-mel spectrograms of any length.

    Clips longer than the input are cut into chunks, and the time steps of the chunks are put one after the
    other. The patches of one time step are concatenated over frequency: the feature of M2D (Niizumi et
    al., 2023).

    Attributes:
        config: input size (bands × frames), log-mel settings, mean and deviation.
        vit: the timm model.
        dim: numbers per time step, R·D.
        account: what was done to which tensor on the way from pictures.
    """

    def __init__(self, vit: VisionTransformer, config: EncoderConfig, account: tuple[str, ...] = ()) -> None:
        super().__init__()
        if config.logmel is None:
            raise TrainerError("this encoder has no sound settings; adapt it with `adapt_to_sound`")
        self.vit, self.config, self.account = vit, config, account
        self.logmel: LogMel = config.logmel
        self.rows: int = vit.patch_embed.grid_size[0]
        self.dim: int = self.rows * vit.embed_dim
        self.chunk: int = config.input_size[1]
        self.hop: int = config.patch_size[1]

    def steps(self, frames: Tensor) -> Tensor:
        """Return the number of time steps of so many frames; one that is filled by half or more counts."""
        return ((frames + self.hop // 2) // self.hop).clamp(min=1)

    def forward(self, spectrogram: Tensor, steps: Tensor | None = None) -> Tensor:
        """Encode standardised spectrograms.

        Args:
            spectrogram: [B, M, S·hop]: whole time steps, any number of them.
            steps: int64 [B], how many of the S time steps of each clip are its own, where they differ; the
                others are not looked at.

        Returns:
            [B, S, R·D]: features of each time step, low frequencies first.
        """
        features, start = [], 0
        for chunk in spectrogram.split(self.chunk, dim=2):
            width = chunk.shape[2] // self.hop
            seen = None
            if steps is not None:
                inside = torch.arange(start, start + width, device=chunk.device) < steps[:, None]
                seen = inside[:, None].expand(-1, self.rows, -1).flatten(1)
            features.append(self._encode_chunk(chunk, width, seen))
            start += width
        return torch.cat(features, dim=1)

    def _encode_chunk(self, chunk: Tensor, width: int, seen: Tensor | None) -> Tensor:
        """Encode at most one input's worth of time: [B, M, width·hop] to [B, width, R·D]."""
        # A narrow chunk takes the first columns of the position table, and costs only what it holds.
        table = self.vit.pos_embed[:, 1:].unflatten(1, (self.rows, -1))
        positions = table[:, :, :width].flatten(1, 2)
        patches = patchify(chunk[:, None], self.config.patch_size)
        tokens = encode_patches(self.vit, patches, positions, seen)[:, 1:]
        by_time: Tensor = tokens.unflatten(1, (self.rows, width)).transpose(1, 2).flatten(2)
        return by_time

    def embed(self, clips: Sequence[Tensor]) -> Tensor:
        """Average the features of each clip over its own time.

        Args:
            clips: B log-mels [M, F], not standardised, of any lengths F.

        Returns:
            [B, R·D].
        """
        device = self.vit.pos_embed.device
        frames = torch.tensor([clip.shape[1] for clip in clips])
        steps = self.steps(frames)
        width = int(steps.max()) * self.hop
        # What lies beyond a clip's end is zero, the mean of all sound after standardising.
        batch = torch.zeros(len(clips), clips[0].shape[0], width)
        for row, clip in zip(batch, clips, strict=True):
            part = clip[:, :width]
            row[:, : part.shape[1]] = standardise(part, self.config.mean, self.config.std)
        batch, steps = batch.to(device), steps.to(device)
        alike = bool((steps == steps[0]).all())
        features: Tensor = self(batch, None if alike else steps).float()
        own = torch.arange(features.shape[1], device=device) < steps[:, None]
        return (features * own[:, :, None]).sum(dim=1) / steps[:, None]


def adapt_to_sound(
    source: str | Path,
    *,
    logmel: LogMel,
    frames: int,
    mean: float,
    std: float,
    positions: Positions = "interpolate",
) -> SoundEncoder:
    """Load a pre-trained picture encoder and make it hear.

    Args:
        source: run folder, checkpoint or exported folder. An encoder that is a sound encoder already is
            taken as it is, with its own settings.
        logmel: how clips become spectrograms.
        frames: of one input; a multiple of the patch's width.
        mean: of the log-mels to come.
        std: their standard deviation.
        positions: see `adapt_weights`.

    Raises:
        TrainerError: no encoder there, or an input that its patch does not divide.
    """
    old, state = load_encoder(source)
    if old.logmel is not None:
        vit = new_encoder(old)
        vit.load_state_dict(state)
        return SoundEncoder(vit, old, ("a sound encoder already: taken as it is",)).eval()
    config = _sound_config(old, logmel, frames, mean, std)
    vit = new_encoder(config)
    old_grid = old.input_size[0] // old.patch_size[0], old.input_size[1] // old.patch_size[1]
    adapted = adapt_weights(state, old_grid=old_grid, new_grid=vit.patch_embed.grid_size, positions=positions)
    vit.load_state_dict(adapted.state)
    return SoundEncoder(vit, config, adapted.account).eval()


def random_sound_encoder(like: SoundEncoder, seed: int) -> SoundEncoder:
    """Return an untrained encoder of the same architecture, input and normalisation."""
    torch.manual_seed(seed)
    return SoundEncoder(new_encoder(like.config), like.config, ("random weights",)).eval()


def _sound_config(old: EncoderConfig, logmel: LogMel, frames: int, mean: float, std: float) -> EncoderConfig:
    return replace(old, input_size=(logmel.n_mels, frames), channels=1, logmel=logmel, mean=mean, std=std)
