"""The one embedding path: spectrograms to one vector a clip, of any layer and pooled in any way.

Letters in shapes: N clips, B pieces of clips, R rows and S steps of the patch grid, D the encoder's width.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from patterngen import RunFailedError
from patterngen.common.progress import Progress
from trainer.encoders.adapt import SoundEncoder
from trainer.parallel import Context, on_device
from trainer.sound.logmel import standardise

Pooling = Literal["concat", "mean", "concat+std", "concat+max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
_WIDE = 512
_TOGETHER = 128  # inputs that a GPU computes at a time; on a core, more than a few fit into no cache


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


def embed_clips(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    *,
    autocast: Context = nullcontext,
    label: str | None = "embed",
) -> Tensor:
    """Embed clips by M2D's feature of the last layer, float32 [N, R·D]; see `embed_features`."""
    feature = Feature()
    return embed_features(encoder, clips, [feature], autocast=autocast, label=label)[feature]


def embed_features(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    features: Sequence[Feature],
    *,
    autocast: Context = nullcontext,
    label: str | None = "embed",
) -> dict[Feature, Tensor]:
    """Embed log-mels [M, F] in eval mode, without a mask, by all asked features in one pass.

    Long clips are cut into inputs of the encoder; what lies in memory is a few batches of them and the sums
    of each clip.

    On a CPU each clip is computed by itself and on one core, several clips or parts of a long one beside each
    other: on the same machine, what a clip gives is equal to the bit whatever clips come with it, in whatever
    order, and on however many cores. On a GPU inputs of equal length are computed together, whichever clips
    they are of, and other neighbours may round a clip otherwise: by some 1e-6 of its features' size in
    float32, 1e-2 in bf16.

    Args:
        encoder: in eval mode.
        clips: N log-mels, not standardised, of any lengths.
        features: which.
        autocast: the precision of matrix products.
        label: of the progress; None shows none.

    Returns:
        float32 [N, …] for each feature, in the order of `clips`.

    Raises:
        RunFailedError: the encoder gives NaN or infinity.
    """
    assert not encoder.training, "embeddings are taken in eval mode"
    device = encoder.vit.pos_embed.device
    steps = encoder.steps(torch.tensor([clip.shape[1] for clip in clips]))
    last = len(encoder.vit.blocks)
    pools: dict[int, _Pool] = {}
    for feature in features:
        layer = last if feature.layer is None else feature.layer - 1
        pools.setdefault(layer, _Pool(len(clips), encoder.dim)).keep(feature.pooling)

    @torch.inference_mode()
    def over_time(batch: _Batch) -> dict[int, dict[str, Tensor]]:
        inputs = _inputs(encoder, [clips[i] for i in batch.clips], batch.starts, encoder.width(batch.steps))
        layers = enumerate(encoder.layers(inputs.to(device)))
        return {layer: pools[layer].over_time(tokens) for layer, tokens in layers if layer in pools}

    batches = list(_batches(encoder, steps.tolist(), on_cpu=device.type == "cpu"))
    shown = nullcontext() if label is None else Progress(len(clips), unit="clips", label=label)
    with shown as progress:
        found = on_device(over_time, batches, device, autocast)
        for batch, layers in zip(batches, found, strict=True):
            for layer, sums in layers.items():
                pools[layer].add(torch.tensor(batch.clips), sums)
            if progress is not None:
                progress.advance(batch.starts.count(0))
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


@dataclass(frozen=True)
class _Batch:
    """Inputs that are computed together: the clip and the first step of each, and how many steps all have."""

    clips: list[int]
    starts: list[int]
    steps: int


def _batches(encoder: SoundEncoder, steps: Sequence[int], *, on_cpu: bool) -> Iterator[_Batch]:
    """Cut clips into inputs and gather them; on a CPU, no two clips are computed together."""
    most = _TOGETHER if not on_cpu else 16 if encoder.vit.embed_dim < _WIDE else 8
    alike: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for clip, total in enumerate(steps):
        for start in range(0, total, encoder.chunk_steps):
            count = min(encoder.chunk_steps, total - start)
            alike[count, clip if on_cpu else 0].append((clip, start))
    for (count, _), pieces in alike.items():
        for first in range(0, len(pieces), most):
            batch = pieces[first : first + most]
            yield _Batch([clip for clip, _ in batch], [start for _, start in batch], count)


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

    def over_time(self, tokens: Tensor) -> dict[str, Tensor]:
        """Sum up inputs [B, R, S, D] over their steps, [B, R·D] each."""
        tokens = tokens.float()
        found = {"sums": tokens.sum(dim=2)}
        if self.squares is not None:
            found["squares"] = tokens.square().sum(dim=2)
        if self.largest is not None:
            found["largest"] = tokens.amax(dim=2)
        return {name: values.flatten(1).cpu() for name, values in found.items()}

    def add(self, clips: Tensor, found: Mapping[str, Tensor]) -> None:
        """Add what `over_time` gave of inputs of some clips."""
        self.sums.index_add_(0, clips, found["sums"])
        if self.squares is not None:
            self.squares.index_add_(0, clips, found["squares"])
        if self.largest is not None:
            most = found["largest"]
            self.largest.scatter_reduce_(0, clips[:, None].expand_as(most), most, "amax")

    def pooled(self, pooling: Pooling, steps: Tensor, rows: int) -> Tensor:
        mean: Tensor = self.sums / steps[:, None]
        if pooling == "mean":
            # Added one by one: `mean` may add in another order for another number of clips.
            return sum(mean.view(len(mean), rows, -1).unbind(dim=1), torch.zeros(())) / rows
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
