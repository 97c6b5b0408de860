"""What an encoder gives of every time step of clips, before any pooling.

Letters in shapes: S steps of a clip, R rows of the patch grid, D the encoder's width, M mel bands.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from patterngen import RunFailedError
from trainer.encoders.feature import Layer
from trainer.encoders.features import encode_layers
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.parallel import Context

_IN_MEMORY = 1 << 31
_LARGEST = torch.finfo(torch.float16).max


class Tokens:
    """The time steps of many clips, float16: `tokens[i]` is [S, width] of clip i.

    Up to 2 GiB of them lie in memory, more in a temporary file that is mapped into it.
    """

    def __init__(self, steps: Sequence[int], width: int) -> None:
        self.steps, self.width = tuple(steps), width
        self._starts = np.concatenate([[0], np.cumsum(steps)]).tolist()
        shape = (self._starts[-1], width)
        if 2 * shape[0] * shape[1] <= _IN_MEMORY:
            self.values = torch.zeros(shape, dtype=torch.float16)
        else:
            with tempfile.TemporaryFile() as file:  # which lasts as long as it is mapped
                self.values = torch.from_numpy(np.memmap(file, np.float16, "w+", shape=shape))

    def __getitem__(self, clip: int) -> Tensor:
        return self.values[self._starts[clip] : self._starts[clip + 1]]


class _Columns:
    """A layer's part of every time step; takes the place of a pool."""

    def __init__(self, tokens: Tokens, start: int, width: int) -> None:
        self.tokens, self.columns = tokens, slice(start, start + width)
        self.done = [0] * len(tokens.steps)

    def over_time(self, patches: Tensor) -> dict[str, Tensor]:
        """Put the patches [B, R, S, D] of each time step in a row, [B, S, R·D]."""
        steps = patches.float().permute(0, 2, 1, 3).flatten(2)
        if not steps.isfinite().all():
            raise RunFailedError("the encoder gives NaN or infinity; was its training diverging?")
        return {"steps": steps.clamp(-_LARGEST, _LARGEST).half().cpu()}

    def add(self, clips: Sequence[int], steps: int, found: Mapping[str, Tensor]) -> None:
        """Write what `over_time` gave of inputs of some clips behind what was there of them."""
        for clip, own in zip(clips, found["steps"], strict=True):
            self.tokens[clip][self.done[clip] : self.done[clip] + steps, self.columns] = own
            self.done[clip] += steps


def embed_tokens(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    layers: Sequence[Layer],
    *,
    autocast: Context = nullcontext,
    label: str | None = "embed",
) -> Tokens:
    """Embed every time step of log-mels [M, F]: what some layers give of it, side by side.

    Computed as by `embed_features`; a time step of a layer is its patches, low frequencies first (R·D
    numbers).

    Args:
        encoder: an encoder in eval mode.
        clips: log-mels, not standardised, of any lengths.
        layers: blocks by their number, and the final norm.
        autocast: the precision of matrix products.
        label: name of the progress; None shows none.

    Raises:
        RunFailedError: the encoder gives NaN or infinity.
    """
    steps = encoder.steps(torch.tensor([clip.shape[1] for clip in clips])).tolist()
    tokens = Tokens(steps, len(layers) * encoder.dim)
    columns = {layer: _Columns(tokens, i * encoder.dim, encoder.dim) for i, layer in enumerate(layers)}
    encode_layers(columns, encoder, clips, autocast=autocast, label=label)
    return tokens


def logmel_tokens(clips: Sequence[Tensor]) -> Tokens:
    """Take the frames of log-mels [M, F] for time steps: what the encoders' tokens are compared with."""
    tokens = Tokens([clip.shape[1] for clip in clips], clips[0].shape[0])
    for i, clip in enumerate(clips):
        tokens[i].copy_(clip.T)
    return tokens
