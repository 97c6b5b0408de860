"""The one embedding path: clips to spectrograms, spectrograms to one vector a clip."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch
from torch import Tensor

from patterngen import Progress, RunFailedError
from trainer.adapt import SoundEncoder
from trainer.audio import LogMel, read_clips


def spectrograms(
    paths: Sequence[Path], logmel: LogMel, *, clip_seconds: float | None, workers: int = 2
) -> list[Tensor]:
    """Read clips into log-mels, float32 [M, F] each, not standardised.

    Args:
        paths: the audio files.
        logmel: the settings.
        clip_seconds: longer clips are cut after so many seconds; shorter ones keep their length, so that
            no encoder is asked about silence that nobody recorded.
        workers: threads that read and resample.

    Raises:
        TrainerError: a clip that cannot be read, is empty, or holds NaN.
    """
    longest = None if clip_seconds is None else round(clip_seconds * logmel.sample_rate)
    shortest = logmel.samples(1)
    result = []
    with Progress(len(paths), unit="clips", label="read") as progress:
        for waveform in read_clips(paths, logmel.sample_rate, workers, clip_seconds):
            samples = torch.from_numpy(waveform[:longest])
            samples = torch.nn.functional.pad(samples, (0, max(0, shortest - len(samples))))
            result.append(logmel(samples))
            progress.advance()
    return result


def statistics(clips: Sequence[Tensor]) -> tuple[float, float]:
    """Return mean and standard deviation over all bands and frames of some log-mels."""
    values = torch.cat([clip.flatten() for clip in clips])
    return values.mean().item(), max(values.std().item(), 1e-3)


def alike(encoder: SoundEncoder, clips: Sequence[Tensor], batch_size: int) -> Iterator[list[int]]:
    """Yield batches of indices of clips that fill equally many time steps, so that none is filled up.

    The embedding of a clip then does not depend on the clips that it happens to be computed with.
    """
    steps = encoder.steps(torch.tensor([clip.shape[1] for clip in clips]))
    for count in steps.unique():
        for indices in (steps == count).nonzero()[:, 0].split(batch_size):
            yield indices.tolist()


@torch.no_grad()
def embed(
    encoder: SoundEncoder,
    clips: Sequence[Tensor],
    *,
    batch_size: int = 64,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
    label: str = "embed",
) -> Tensor:
    """Embed log-mels [M, F] in eval mode, without a mask.

    Returns:
        float32 [N, D·rows], in the order of `clips`.

    Raises:
        RunFailedError: the encoder gives NaN or infinity.
    """
    assert not encoder.training, "embeddings are taken in eval mode"
    result = torch.empty(len(clips), encoder.dim)
    with Progress(len(clips), unit="clips", label=label) as progress:
        for indices in alike(encoder, clips, batch_size):
            with autocast():
                result[indices] = encoder.embed([clips[i] for i in indices]).float().cpu()
            progress.advance(len(indices))
    if not result.isfinite().all():
        raise RunFailedError(f"{label}: the encoder gives NaN or infinity; was its training diverging?")
    return result


def logmel_floor(clips: Sequence[Tensor]) -> Tensor:
    """Describe clips without an encoder: mean and deviation of each band over time, [N, 2·M]."""
    return torch.stack([torch.cat([clip.mean(dim=1), clip.std(dim=1, correction=0)]) for clip in clips])
