"""The one embedding path: spectrograms to one vector a clip, of any layer and pooled in any way.

Letters in shapes: N clips, B pieces of clips, R rows and S steps of the patch grid, D the encoder's width.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from patterngen import RunFailedError
from patterngen.common.progress import Progress
from trainer.encoders.feature import LOGMEL, NORM, Feature, Layer, Pooling
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.parallel import Context, on_device
from trainer.sound.logmel import standardise

_TOGETHER = 128  # inputs that a GPU computes at a time
_TOKENS = 512  # that a core computes at a time: enough that products outweigh the calls of them


def embed_clips(
    encoder: SoundEncoder, clips: Sequence[Tensor], *, autocast: Context = nullcontext, fill: bool = True
) -> Tensor:
    """Embed clips by the encoder's own feature, float32 [N, `clip_dim`], silently; see `embed_features`."""
    own = encoder.feature
    return embed_features(encoder, clips, [own], autocast=autocast, label=None, fill=fill)[own]


def embed_features(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    features: Sequence[Feature],
    *,
    autocast: Context = nullcontext,
    label: str | None = "embed",
    fill: bool = True,
) -> dict[Feature, Tensor]:
    """Embed log-mels [M, F] in eval mode, without a mask, by all asked features in one pass.

    Long clips are cut into inputs of the encoder; what lies in memory is a few batches of them and the sums
    of each clip.

    Inputs of equal length are computed together, whichever clips they are of. On a CPU each batch is computed
    on one core, and has as many inputs as any other of that length, filled up with zeros: on the same
    machine, what a clip gives is equal to the bit whatever clips come with it, in whatever order, and on
    however many cores. On a GPU other neighbours may round a clip otherwise: by some 1e-6 of its features'
    size in float32, 1e-2 in bf16.

    Args:
        encoder: in eval mode.
        clips: N log-mels, not standardised, of any lengths.
        features: which.
        autocast: the precision of matrix products.
        label: of the progress; None shows none.
        fill: fill up batches on a CPU. Without it, a few clips take less time and other roundings.

    Returns:
        float32 [N, …] for each feature, in the order of `clips`. Of several layers it is, to the bit, what
        each of them gives, one after the other.

    Raises:
        TrainerError: a layer that the encoder has not.
        RunFailedError: the encoder gives NaN or infinity.
    """
    assert not encoder.training, "embeddings are taken in eval mode"
    for feature in features:
        feature.check(len(encoder.vit.blocks), label or "the encoder")
    pools: dict[Layer, _Pool] = {}
    for layer, pooling in dict.fromkeys((layer, f.pooling) for f in features for layer in f.layers):
        if layer != LOGMEL:
            pools.setdefault(layer, _Pool(len(clips), encoder.dim)).keep(pooling)
    if pools:
        encode_layers(pools, encoder, clips, autocast=autocast, label=label, fill=fill)
    bands = logmel_floor(clips) if clips else torch.zeros(0, 2 * encoder.logmel.n_mels)
    result = {
        feature: torch.cat(
            [
                bands if layer == LOGMEL else pools[layer].pooled(feature.pooling, encoder.rows)
                for layer in feature.layers
            ],
            dim=1,
        )
        for feature in features
    }
    if not all(vectors.isfinite().all() for vectors in result.values()):
        name = label or "embed"
        raise RunFailedError(f"{name}: the encoder gives NaN or infinity; was its training diverging?")
    return result


def encode_layers(
    pools: Mapping[Layer, "LayerPool"],
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    *,
    autocast: Context,
    label: str | None,
    fill: bool = True,
) -> None:
    """Encode clips as far as the last of the asked layers, and add what each of them gives to its pool."""
    device, blocks = encoder.vit.pos_embed.device, len(encoder.vit.blocks)
    order: list[Layer] = [*range(1, blocks + 1), NORM]
    deepest = max(map(order.index, pools))

    @torch.inference_mode()
    def over_time(batch: _Batch) -> dict[Layer, dict[str, Tensor]]:
        inputs = _inputs(encoder, [clips[i] for i in batch.clips], batch.starts, encoder.width(batch.steps))
        filled = functional.pad(inputs, (0, 0, 0, 0, 0, batch.size - len(inputs)))
        layers = zip(order[: deepest + 1], encoder.layers(filled.to(device)), strict=False)
        return {
            layer: pools[layer].over_time(tokens[: len(inputs)]) for layer, tokens in layers if layer in pools
        }

    steps = encoder.steps(torch.tensor([clip.shape[1] for clip in clips])).tolist()
    batches = list(_batches(encoder, steps, on_cpu=device.type == "cpu", fill=fill))
    shown = nullcontext() if label is None else Progress(len(clips), unit="clips", label=label)
    with shown as progress:
        found = on_device(over_time, batches, device, autocast)
        for batch, layers in zip(batches, found, strict=True):
            for layer, pooled in layers.items():
                pools[layer].add(batch.clips, batch.steps, pooled)
            if progress is not None:
                progress.advance(batch.starts.count(0))


@dataclass(frozen=True)
class _Batch:
    """Inputs that are computed together.

    Attributes:
        clips: the clip of each.
        starts: the first step of each.
        steps: how many steps all have.
        size: how many inputs are computed: these, and zeros.
    """

    clips: list[int]
    starts: list[int]
    steps: int
    size: int


def _batches(encoder: SoundEncoder, steps: Sequence[int], *, on_cpu: bool, fill: bool) -> Iterator[_Batch]:
    """Cut clips into inputs and gather those of equal length, longest first: a clip's stay in order of time.

    Libraries multiply matrices of another shape by another kernel, which rounds otherwise; within one shape
    a row's place and neighbours do not matter. So on a CPU `fill` gives batches of equal length one size.
    """
    alike: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for clip, total in enumerate(steps):
        for start in range(0, total, encoder.chunk_steps):
            alike[min(encoder.chunk_steps, total - start)].append((clip, start))
    for count, pieces in sorted(alike.items(), reverse=True):
        most = max(1, _TOKENS // (count * encoder.rows)) if on_cpu else _TOGETHER
        for first in range(0, len(pieces), most):
            batch = pieces[first : first + most]
            size = most if on_cpu and fill else len(batch)
            yield _Batch([clip for clip, _ in batch], [start for _, start in batch], count, size)


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


class LayerPool(Protocol):
    """What takes the time steps of one layer, input by input."""

    def over_time(self, tokens: Tensor) -> dict[str, Tensor]:
        """Make of inputs [B, R, S, D] what is kept of them, [B, …] each; called in any thread."""
        ...

    def add(self, clips: Sequence[int], steps: int, found: Mapping[str, Tensor]) -> None:
        """Take what `over_time` gave of inputs of some clips, all of so many steps, in order of time."""
        ...


class _Pool:
    """What the time steps of clips, which come in inputs, have in common: of one layer, [N, R·D] each."""

    def __init__(self, clips: int, dim: int) -> None:
        self.sums = torch.zeros(clips, dim)
        self.steps = [0] * clips
        self.squares: Tensor | None = None
        self.largest: Tensor | None = None

    def keep(self, pooling: Pooling) -> None:
        """From now on, keep what a pooling needs."""
        if pooling == "concat+std":
            self.squares = torch.zeros_like(self.sums)
        elif pooling == "concat+max":
            self.largest = torch.full_like(self.sums, -torch.inf)

    def over_time(self, tokens: Tensor) -> dict[str, Tensor]:
        """Sum up inputs [B, R, S, D] over their steps, [B, R·D] each."""
        tokens = tokens.float()
        found = {"sums": tokens.sum(dim=2)}
        if self.squares is not None:
            found["squares"] = (tokens - tokens.mean(dim=2, keepdim=True)).square().sum(dim=2)
        if self.largest is not None:
            found["largest"] = tokens.amax(dim=2)
        return {name: values.flatten(1).cpu() for name, values in found.items()}

    def add(self, clips: Sequence[int], steps: int, found: Mapping[str, Tensor]) -> None:
        """Add what `over_time` gave of inputs of some clips, all of so many steps.

        Squares are of differences from the mean, and are joined as in Chan, Golub and LeVeque, "Updating
        formulae and a pairwise algorithm for computing sample variances" (1979): where a feature hardly
        moves, the difference of two large sums would leave nothing of its deviation.
        """
        for row, clip in enumerate(clips):
            sums, before = found["sums"][row], self.steps[clip]
            if self.squares is not None:
                self.squares[clip] += found["squares"][row]
                if before:
                    apart = sums / steps - self.sums[clip] / before
                    self.squares[clip] += apart.square() * (before * steps / (before + steps))
            if self.largest is not None:
                torch.maximum(self.largest[clip], found["largest"][row], out=self.largest[clip])
            self.sums[clip] += sums
            self.steps[clip] += steps

    def pooled(self, pooling: Pooling, rows: int) -> Tensor:
        """Return the vectors of all clips, once all of their inputs were added."""
        steps = torch.tensor(self.steps)[:, None]
        mean: Tensor = self.sums / steps
        if pooling == "mean":
            # Added one by one: `mean` may add in another order for another number of clips.
            return sum(mean.view(len(mean), rows, -1).unbind(dim=1), torch.zeros(())) / rows
        if pooling == "concat+std":
            assert self.squares is not None
            return torch.cat([mean, (self.squares / steps).sqrt()], dim=1)
        if pooling == "concat+max":
            assert self.largest is not None
            return torch.cat([mean, self.largest], dim=1)
        return mean


def logmel_floor(clips: Sequence[Tensor]) -> Tensor:
    """Describe clips without an encoder: mean and deviation of each band over time, [N, 2·M]."""
    # In one layout, as another would be added up in another order.
    each = (clip.contiguous() for clip in clips)
    return torch.stack([torch.cat([clip.mean(dim=1), clip.std(dim=1, correction=0)]) for clip in each])
