"""From the clips of a batch to what the encoder is given of them in training."""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainer.encoders.sound_encoder import SoundEncoder
from trainer.sound.logmel import standardise
from trainer.transfer.finetune.augment import mixup, patch_mask, resized_crop, shift_in_time, spec_augment
from trainer.transfer.finetune.classifier import all_patches
from trainer.transfer.finetune.config import FinetuneProtocol


def augmented_batch(
    clips: Sequence[Tensor],
    targets: Tensor,
    encoder: SoundEncoder,
    protocol: FinetuneProtocol,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Shift, mix, stretch and mask clips as a protocol asks, and standardise them.

    Args:
        clips: B log-mels [M, F] of any lengths.
        targets: [B, C], 0/1 or shares.
        encoder: what they are for.
        protocol: the settings.
        generator: source of all that is random.

    Returns:
        Standardised spectrograms [B, M, F], targets [B, C], and which patches to look at, as `patch_mask`
        tells.
    """
    silence = encoder.logmel.silence
    moved = [
        shift_in_time(clip, chunk=encoder.chunk, hop=encoder.hop, silence=silence, generator=generator)
        for clip in clips
    ]
    batch, frames = filled_up(moved, encoder, silence)
    if protocol.mixup:
        batch, targets, frames = mixup(batch, targets, frames, alpha=protocol.mixup, generator=generator)
    if (protocol.crop_time, protocol.crop_freq) != ((1, 1), (1, 1)):
        batch = resized_crop(
            batch,
            frames,
            time=protocol.crop_time,
            freq=protocol.crop_freq,
            silence=silence,
            generator=generator,
        )
    if protocol.time_mask or protocol.freq_mask:
        batch = spec_augment(
            batch,
            frames,
            time=protocol.time_mask,
            freq=protocol.freq_mask,
            masks=protocol.masks,
            fill=encoder.config.mean,
            generator=generator,
        )
    steps = encoder.steps(frames).clamp(max=encoder.chunk_steps)
    inputs = standardise(batch, encoder.config.mean, encoder.config.std)
    # As in the test, what lies beyond a clip's end is the mean of all sound.
    inputs = inputs.masked_fill((torch.arange(inputs.shape[2]) >= frames[:, None])[:, None], 0.0)
    inputs = inputs[:, :, : encoder.width(int(steps.max()))]
    kept = (
        patch_mask(steps, encoder.rows, protocol.patch_mask, generator)
        if protocol.patch_mask
        else all_patches(steps, encoder.rows)
    )
    return inputs, targets, kept


def filled_up(clips: Sequence[Tensor], encoder: SoundEncoder, silence: float) -> tuple[Tensor, Tensor]:
    """Lay clips [M, F] into one batch of whole time steps, with silence after the shorter ones.

    Returns:
        [B, M, F], and int64 [B], the frames of each.
    """
    frames = torch.tensor([clip.shape[1] for clip in clips])
    longest = int(frames.max())
    width = max(longest, encoder.width(int(encoder.steps(frames).max())))
    batch = torch.full((len(clips), clips[0].shape[0], width), silence)
    for row, clip in zip(batch, clips, strict=True):
        row[:, : clip.shape[1]] = clip
    return batch, frames
