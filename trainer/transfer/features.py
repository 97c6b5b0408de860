"""The one embedding path: spectrograms to one vector a clip, of any layer and pooled in any way.

Letters in shapes: N clips, B pieces of clips, R rows and S steps of the patch grid, D the encoder's width.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from patterngen import Progress, RunFailedError
from trainer.adapt import SoundEncoder
from trainer.logmel import standardise

Pooling = Literal["concat", "mean", "concat+std", "concat+max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
_WIDE = 512


@dataclass(frozen=True)
class Feature:
    """What of an encoder describes a clip.

    Attributes:
        layer: the output of this block, counted from 1; None for the final norm.
        pooling: ``concat`` puts the patches of one time step one after the other, low frequencies first, and
            averages over time (M2D's; R·D numbers); ``mean`` averages over all patches (D); ``concat+std``
            and ``concat+max`` add the deviation or the maximum over time (2·R·D).
    """

    layer: int | None = None
    pooling: Pooling = "concat"

    def __str__(self) -> str:
        """Say what is not the default; nothing if all is."""
        words = [] if self.layer is None else [f"layer {self.layer}"]
        return ", ".join(words + [self.pooling] * (self.pooling != "concat"))


def embed(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    *,
    batch_size: int | None = None,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
    label: str | None = "embed",
) -> Tensor:
    """Embed clips by M2D's feature of the last layer, float32 [N, R·D]; see `embed_features`."""
    feature = Feature()
    return embed_features(encoder, clips, [feature], batch_size=batch_size, autocast=autocast, label=label)[
        feature
    ]


def embed_features(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    features: Sequence[Feature],
    *,
    batch_size: int | None = None,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
    label: str | None = "embed",
) -> dict[Feature, Tensor]:
    """Embed log-mels [M, F] in eval mode, without a mask, by all asked features in one pass.

    Long clips are cut into inputs of the encoder, and inputs of equal length are computed together, whichever
    clips they are of; what lies in memory is one batch of them and the sums of each clip.

    Args:
        encoder: in eval mode.
        clips: N log-mels, not standardised, of any lengths.
        features: which.
        batch_size: inputs that are computed together; by default 128 on a GPU, and 16 on a CPU, or 8 of wide
            encoders, where more fit into no cache.
        autocast: the precision of matrix products.
        label: of the progress; None shows none.

    Returns:
        float32 [N, …] for each feature, in the order of `clips`.

    Raises:
        RunFailedError: the encoder gives NaN or infinity.
    """
    assert not encoder.training, "embeddings are taken in eval mode"
    device = encoder.vit.pos_embed.device
    batch_size = batch_size or _batch_size(encoder)
    steps = encoder.steps(torch.tensor([clip.shape[1] for clip in clips]))
    last = len(encoder.vit.blocks)
    pools: dict[int, _Pool] = {}
    for feature in features:
        layer = last if feature.layer is None else feature.layer - 1
        pools.setdefault(layer, _Pool(len(clips), encoder.dim)).keep(feature.pooling)
    shown = nullcontext() if label is None else Progress(len(clips), unit="clips", label=label)
    with shown as progress, torch.inference_mode():
        for indices, starts, count in _pieces(encoder, steps.tolist(), batch_size):
            inputs = _inputs(encoder, [clips[i] for i in indices], starts, encoder.width(count))
            where = torch.tensor(indices)
            with autocast():
                for layer, tokens in enumerate(encoder.layers(inputs.to(device))):
                    if layer in pools:
                        pools[layer].add(where, tokens)
            if progress is not None:
                progress.advance(starts.count(0))
    rows = encoder.rows
    result = {
        feature: pools[last if feature.layer is None else feature.layer - 1].pooled(
            feature.pooling, steps, rows
        )
        for feature in features
    }
    if not all(vectors.isfinite().all() for vectors in result.values()):
        name = label or "embed"
        raise RunFailedError(f"{name}: the encoder gives NaN or infinity; was its training diverging?")
    return result


def _batch_size(encoder: SoundEncoder) -> int:
    if encoder.vit.pos_embed.device.type != "cpu":
        return 128
    return 16 if encoder.vit.embed_dim < _WIDE else 8


def _pieces(
    encoder: SoundEncoder, steps: Sequence[int], batch_size: int
) -> Iterator[tuple[list[int], list[int], int]]:
    """Cut clips into inputs; yield batches: the clip of each, its first step, and how many steps all have."""
    by_count: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for clip, total in enumerate(steps):
        for start in range(0, total, encoder.chunk_steps):
            by_count[min(encoder.chunk_steps, total - start)].append((clip, start))
    for count, pieces in by_count.items():
        for first in range(0, len(pieces), batch_size):
            batch = pieces[first : first + batch_size]
            yield [clip for clip, _ in batch], [start for _, start in batch], count


def _inputs(encoder: SoundEncoder, clips: Sequence[Tensor], starts: Sequence[int], width: int) -> Tensor:
    """Stack standardised inputs, [B, M, width]; beyond a clip's end is zero, the mean of all sound."""
    parts = [
        clip[:, start * encoder.hop : start * encoder.hop + width]
        for clip, start in zip(clips, starts, strict=True)
    ]
    mean = encoder.config.mean
    whole = [
        part if part.shape[1] == width else functional.pad(part, (0, width - part.shape[1]), value=mean)
        for part in parts
    ]
    return standardise(torch.stack(whole), mean, encoder.config.std)


class _Pool:
    """Sums over the time steps of clips, of one layer; what `pooled` will need is kept."""

    def __init__(self, clips: int, dim: int) -> None:
        self.sums = torch.zeros(clips, dim)
        self.squares: Tensor | None = None
        self.largest: Tensor | None = None

    def keep(self, pooling: Pooling) -> None:
        if pooling == "concat+std":
            self.squares = torch.zeros_like(self.sums)
        elif pooling == "concat+max":
            self.largest = torch.full_like(self.sums, -torch.inf)

    def add(self, clips: Tensor, tokens: Tensor) -> None:
        """Add [B, R, S, D] of some clips."""
        tokens = tokens.float()
        self.sums.index_add_(0, clips, tokens.sum(dim=2).flatten(1).cpu())
        if self.squares is not None:
            self.squares.index_add_(0, clips, tokens.square().sum(dim=2).flatten(1).cpu())
        if self.largest is not None:
            most = tokens.amax(dim=2).flatten(1).cpu()
            self.largest.scatter_reduce_(0, clips[:, None].expand_as(most), most, "amax")

    def pooled(self, pooling: Pooling, steps: Tensor, rows: int) -> Tensor:
        mean: Tensor = self.sums / steps[:, None]
        if pooling == "mean":
            return mean.view(len(mean), rows, -1).mean(dim=1)
        if pooling == "concat+std":
            assert self.squares is not None
            return torch.cat([mean, (self.squares / steps[:, None] - mean**2).clamp(min=0).sqrt()], dim=1)
        if pooling == "concat+max":
            assert self.largest is not None
            return torch.cat([mean, self.largest], dim=1)
        return mean


def logmel_floor(clips: Sequence[Tensor]) -> Tensor:
    """Describe clips without an encoder: mean and deviation of each band over time, [N, 2·M]."""
    return torch.stack([torch.cat([clip.mean(dim=1), clip.std(dim=1, correction=0)]) for clip in clips])
