"""Augmentations of log-mel spectrograms: each makes a clip another one that should be called the same.

All but `shift_in_time` take a whole batch, filled up with silence, and draw anew for each clip. They give a
new tensor, and take their chance from the generator alone.

Letters in shapes: B clips, M mel bands, F frames, C classes, R rows and S steps of the patch grid.
"""

import numpy as np
import torch
from torch import Tensor, nn


def shift_in_time(
    clip: Tensor, *, chunk: int, hop: int, silence: float, generator: torch.Generator
) -> Tensor:
    """Move a clip against the grid of patches, as if it had begun a little earlier or later.

    A clip longer than the input is cut to one input's length at a random place; a shorter one gets
    0 … hop − 1 frames of silence before it.

    Args:
        clip: log-mel [M, F].
        chunk: frames of the encoder's input.
        hop: frames of a patch.
        silence: the log-mel value of silence.
        generator: source of the shift.
    """
    spare = clip.shape[1] - chunk
    if spare > 0:
        start = int(torch.randint(spare + 1, (), generator=generator))
        return clip[:, start : start + chunk]
    lead = int(torch.randint(min(hop - 1, -spare) + 1, (), generator=generator))
    return nn.functional.pad(clip, (lead, 0), value=silence)


def mixup(
    clips: Tensor, targets: Tensor, frames: Tensor, *, alpha: float, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Let each clip sound together with another one of the batch, and name both (Zhang et al., ICLR 2018).

    Powers are added, as they add up in the air, and not their logarithms (Niizumi et al., "BYOL-A", IJCNN
    2021): log(λ·exp a + (1 − λ)·exp b) with λ from Beta(α, α).

    Args:
        clips: log-mels [B, M, F].
        targets: float [B, C], 0/1 or shares.
        frames: int64 [B], how many of the F frames are the clip's own; the mixture has as many as the longer.
        alpha: α, more than 0; small ones leave most clips nearly alone.
        generator: source of λ and of the pairs.

    Returns:
        Clips, targets λ·y + (1 − λ)·y′, and frames.
    """
    count = len(clips)
    # Each is paired with one a random number of places further on, so none with itself if there are two.
    other = (torch.arange(count) + torch.randint(1, max(2, count), (), generator=generator)) % count
    seed = int(torch.randint(2**62, (), generator=generator))
    share = torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, (count, 1)).astype(np.float32))
    first, second = (part.clamp(min=1e-30).log()[:, :, None] for part in (share, 1 - share))
    mixed = torch.logaddexp(clips + first, clips[other] + second)
    return mixed, share * targets + (1 - share) * targets[other], torch.maximum(frames, frames[other])


def resized_crop(
    clips: Tensor,
    frames: Tensor,
    *,
    time: tuple[float, float],
    freq: tuple[float, float],
    silence: float,
    generator: torch.Generator,
) -> Tensor:
    """Stretch a random part of each clip over all of it (as in BYOL-A, bilinear here).

    Args:
        clips: log-mels [B, M, F].
        frames: int64 [B], how many of the F frames are the clip's own: the part is of these.
        time: least and greatest part of the clip's time; a part above 1 holds all of the clip, and silence.
        freq: the same for the bands.
        silence: the log-mel value of silence.
        generator: source of the parts' sizes and places.

    Returns:
        [B, M, F].
    """
    count, bands, width = clips.shape
    parts = [_part(count, *limits, generator) for limits in (time, freq)]
    # Where each frame and band of the result lies in the clip, in 0 … 1 of its own length.
    ends = frames[:, None]
    (size, start), own = parts[0], (torch.arange(width) + 0.5) / ends
    across = (start + size * own) * ends / width
    (size, start), own = parts[1], (torch.arange(bands) + 0.5) / bands
    down = start + size * own
    grid = torch.stack(torch.broadcast_tensors(across[:, None, :], down[:, :, None]), dim=3)
    # Beyond the edges grid_sample finds zeros, which are made to mean silence.
    inside = (clips - silence)[:, None]
    cropped: Tensor = nn.functional.grid_sample(inside, 2 * grid - 1, align_corners=False)[:, 0]
    return cropped + silence


def _part(count: int, low: float, high: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw sizes [B, 1] and starts of parts of 0 … 1; one that is larger than the whole holds all of it."""
    size, place = torch.rand(2, count, 1, generator=generator)
    size = low + (high - low) * size
    return size, place * (1 - size)


def spec_augment(
    clips: Tensor,
    frames: Tensor,
    *,
    time: float,
    freq: float,
    masks: int = 1,
    fill: float,
    generator: torch.Generator,
) -> Tensor:
    """Blot out some frames and bands of each clip (Park et al., "SpecAugment", Interspeech 2019).

    The width of a mask is drawn uniformly from 0 up to the widest, and then its place.

    Args:
        clips: log-mels [B, M, F].
        frames: int64 [B], how many of the F frames are the clip's own.
        time: widest mask in time, as a share of the clip's frames.
        freq: widest mask of bands, as a share of them.
        masks: of each kind; they may overlap.
        fill: what is put there; the authors take the mean.
        generator: source of the masks.

    Returns:
        [B, M, F]; what no mask covers is as it was.
    """
    count, bands, width = clips.shape
    hidden = torch.zeros(1, dtype=torch.bool)
    for _ in range(masks):
        inside = _stretch(frames, time, width, generator)
        across = _stretch(torch.full((count,), bands), freq, bands, generator)
        hidden = hidden | inside[:, None, :] | across[:, :, None]
    return clips.masked_fill(hidden, fill)


def _stretch(lengths: Tensor, widest: float, size: int, generator: torch.Generator) -> Tensor:
    """Draw one stretch within each length, bool [B, size]."""
    width, place = torch.rand(2, len(lengths), generator=generator)
    width = _whole(width, (widest * lengths).floor())
    start = _whole(place, lengths - width)
    ticks = torch.arange(size)
    return (ticks >= start[:, None]) & (ticks < (start + width)[:, None])


def _whole(chance: Tensor, most: Tensor) -> Tensor:
    """Turn numbers from [0, 1) into whole ones from 0 … most, each as likely."""
    return torch.minimum((chance * (most + 1)).floor(), most)


def patch_mask(steps: Tensor, rows: int, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Choose the patches of each clip that its encoder is given (as M2D does in fine-tuning).

    Of every row of the grid as many are kept, so that each band of frequencies is seen.

    Args:
        steps: int64 [B], time steps of each clip.
        rows: R.
        share: of the patches to drop, in [0, 1).
        generator: source of the choice.

    Returns:
        Time steps int64 [B, R, K] of the kept patches, and bool [B, R, K], false for those that only fill up
        where another clip of the batch keeps more.
    """
    kept = ((1 - share) * steps).round().long().clamp(min=1)
    width, most = int(steps.max()), int(kept.max())
    noise = torch.rand(len(steps), rows, width, generator=generator)
    noise = noise.masked_fill(torch.arange(width) >= steps[:, None, None], 2.0)
    index = noise.argsort(dim=2)[:, :, :most]
    own = (torch.arange(most) < kept[:, None, None]).expand_as(index)
    return index, own
