"""An encoder of log-mel spectrograms of any length: its chunks of time, and what its layers say of them.

Letters in shapes: B clips, M mel bands, R rows and S steps of the patch grid, D the encoder's width.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from trainer import digests
from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.feature import LOGMEL, NORM, TIME_AVERAGE, Feature, Layer
from trainer.errors import TrainerError
from trainer.model.encoder import encode_patches, hidden_states
from trainer.model.patches import patchify, take

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer


class SoundEncoder(nn.Module):
    """An encoder of log-mel spectrograms of any length.

    Clips longer than the input are cut into chunks, and the time steps of the chunks are put one after the
    other. The patches of one time step are concatenated over frequency: the feature of M2D (Niizumi et
    al., 2023).

    Attributes:
        config: input size (bands × frames), log-mel settings, mean and deviation.
        vit: the timm model.
        dim: numbers of a time step that one layer gives, R·D.
        load_report: what was done to which tensor on the way from pictures.

    Raises:
        TrainerError: a config without log-mel settings, or a feature of layers that are not there.
    """

    def __init__(self, vit: "VisionTransformer", config: EncoderConfig, report: tuple[str, ...] = ()) -> None:
        super().__init__()
        if config.logmel is None:
            raise TrainerError("this encoder has no sound settings; adapt it with `adapt_to_sound`")
        self.vit, self.config, self.load_report = vit, config, report
        self.logmel = config.logmel
        self.rows, self.chunk_steps = vit.patch_embed.grid_size
        self.dim: int = self.rows * vit.embed_dim
        self.chunk: int = config.input_size[1]
        self.patch: int = config.patch_size[1]
        self.hop: int = (config.stride or config.patch_size)[1]
        self.feature.check(len(vit.blocks), config.model)
        self._digest: tuple[object, str] = (None, "")

    @property
    def feature(self) -> Feature:
        """Feature that describes a clip where nothing else is asked for."""
        return self.config.feature or TIME_AVERAGE

    @property
    def clip_dim(self) -> int:
        """Numbers of a clip's vector by its feature."""
        return sum(self.feature.sizes(self.rows, self.vit.embed_dim, self.logmel.n_mels))

    @property
    def step_dim(self) -> int:
        """Numbers of a time step by the layers of its feature."""
        return sum(self.feature.step_sizes(self.rows, self.vit.embed_dim, self.logmel.n_mels))

    @property
    def sha256(self) -> str:
        """SHA-256 of the network, weights and all, as it is now; computed again only once it has changed.

        The feature is no part of it: the network is the same whichever of its layers are asked.
        """
        state = self.vit.state_dict()
        # A weight that is trained on, loaded or moved has another version or another place.
        now = [(tensor.data_ptr(), tensor._version) for tensor in state.values()]
        if self._digest[0] != now:
            self._digest = now, digests.of_values(self.config.of_network(), digests.of_tensors(state))
        return self._digest[1]

    def steps(self, frames: Tensor) -> Tensor:
        """Return the number of time steps of so many frames; one that is filled by half or more counts."""
        return ((frames + self.hop - (self.patch + 1) // 2) // self.hop).clamp(min=1)

    def width(self, steps: int) -> int:
        """Return the number of frames that so many time steps, one or more, lie over."""
        return (steps - 1) * self.hop + self.patch

    def forward(self, spectrogram: Tensor, steps: Tensor | None = None) -> Tensor:
        """Describe the time steps of standardised spectrograms by the layers of its feature.

        Args:
            spectrogram: [B, M, `width` (S)]: whole time steps, any number of them.
            steps: int64 [B], how many of the S time steps of each clip are its own, where they differ; the
                others are not looked at.

        Returns:
            [B, S, `step_dim`]: of each time step R·D numbers a layer, low frequencies first, one layer after
            the other; of ``logmel`` the mean of each band over the step's frames, not standardised.
        """
        features = []
        total = (spectrogram.shape[2] - self.patch) // self.hop + 1
        for start in range(0, total, self.chunk_steps):
            count = min(self.chunk_steps, total - start)
            chunk = spectrogram[:, :, start * self.hop :][:, :, : self.width(count)]
            seen = None
            if steps is not None:
                inside = torch.arange(start, start + count, device=chunk.device) < steps[:, None]
                seen = inside[:, None].expand(-1, self.rows, -1).flatten(1)
            found = [tokens.transpose(1, 2).flatten(2) for tokens in self._asked_layers(chunk, seen)]
            if LOGMEL in self.feature.layers:
                bands = chunk.unfold(2, self.patch, self.hop).mean(dim=3).transpose(1, 2)
                found.append(bands * self.config.std + self.config.mean)
            features.append(torch.cat(found, dim=2))
        return torch.cat(features, dim=1)

    def _asked_layers(self, chunk: Tensor, seen: Tensor | None) -> Iterator[Tensor]:
        """Yield [B, R, S, D] of each layer of the feature, and compute none behind the last of them."""
        order: list[Layer] = [*range(1, len(self.vit.blocks) + 1), NORM]
        missing = len(set(self.feature.layers) - {LOGMEL})
        for layer, tokens in zip(order, self.layers(chunk, seen), strict=True):
            if layer in self.feature.layers:
                yield tokens
                missing -= 1
            if not missing:
                return

    def layers(self, chunk: Tensor, seen: Tensor | None = None) -> Iterator[Tensor]:
        """Encode at most one input's worth of time, and yield what every layer makes of it.

        Args:
            chunk: [B, M, `width` (S)], standardised, S up to `chunk_steps`.
            seen: bool [B, R·S], false for patches that nothing attends to.

        Yields:
            [B, R, S, D] after each block, and at last after the final norm.
        """
        count = (chunk.shape[2] - self.patch) // self.hop + 1
        for tokens in hidden_states(self.vit, self._patches(chunk), self._positions(count), seen):
            yield tokens[:, 1:].unflatten(1, (self.rows, count))

    def encode_subset(self, chunk: Tensor, place: Tensor, seen: Tensor | None = None) -> Tensor:
        """Encode some patches of at most one input's worth of time.

        Args:
            chunk: [B, M, `width` (S)], standardised, S up to `chunk_steps`.
            place: int64 [B, N], which of the R·S patches, counted row by row.
            seen: bool [B, N], false for those that only fill up a batch.

        Returns:
            [B, N, D].
        """
        count = (chunk.shape[2] - self.patch) // self.hop + 1
        positions = take(self._positions(count).expand(len(chunk), -1, -1), place)
        tokens: Tensor = encode_patches(self.vit, take(self._patches(chunk), place), positions, seen)[:, 1:]
        return tokens

    def _positions(self, count: int) -> Tensor:
        """Return the positions of the first columns, [1, R·count, D]: a narrow chunk costs what it holds."""
        table: Tensor = self.vit.pos_embed[:, 1:].unflatten(1, (self.rows, -1))
        return table[:, :, :count].flatten(1, 2)

    def _patches(self, chunk: Tensor) -> Tensor:
        """Cut [B, M, F] into patches [B, R·S, P], row by row."""
        if self.config.stride is None:
            return patchify(chunk[:, None], self.config.patch_size)
        for dim, size, step in zip((1, 2), self.config.patch_size, self.config.stride, strict=True):
            chunk = chunk.unfold(dim, size, step)
        patches: Tensor = chunk.flatten(3).flatten(1, 2)
        return patches


def random_sound_encoder(like: SoundEncoder, seed: int) -> SoundEncoder:
    """Return an untrained encoder of the same architecture, input and normalisation."""
    torch.manual_seed(seed)
    return SoundEncoder(new_encoder(like.config), like.config, ("random weights",)).eval()
