"""Sound that lies in memory already: whatever a caller holds, to clips at an encoder's rate."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from trainer.errors import TrainerError
from trainer.sound.audio import Waveform, logmel_of, resampled
from trainer.sound.logmel import LogMel
from trainer.sound.samples import find_fault

Array = NDArray[np.floating[Any]] | Tensor
Waveforms = Array | Sequence[Array]
"""One channel of sound: a clip [T], clips of equal length [N, T], or a list of clips of any lengths."""

_BLOCK = 1 << 19  # samples that are transformed at a time: as with files, memory is bounded in long clips
_CHANNELS = 32
"""Many clips of no more samples than this are one clip of so many channels."""


def as_clips(waveforms: Waveforms, sample_rate: int) -> list[Waveform]:
    """Take apart what a caller calls sound.

    Args:
        waveforms: NumPy or torch, on any device, floating point: one clip [T], clips of equal length [N, T],
            or a list of N clips [T] of any lengths. One channel, nominally in [−1, 1].
        sample_rate: hertz.

    Returns:
        N clips, float32 [T] each; they may share memory with the argument.

    Raises:
        TrainerError: another shape, channels, integers, a clip without samples or with NaN, infinity or
            samples beyond any recording (`trainer.sound.samples.LARGEST`), or a rate that is none.
    """
    if not 0 < sample_rate < np.inf:
        raise TrainerError(f"sample_rate = {sample_rate} must be hertz, more than 0")
    if isinstance(waveforms, Sequence):
        arrays = [_array(part) for part in waveforms]
    else:
        whole = _array(waveforms)
        clips, samples = whole.shape if whole.ndim == 2 else (1, 0)
        if clips > _CHANNELS >= samples:
            raise TrainerError(
                f"a waveform of shape {whole.shape} holds channels side by side: "
                "average them first, waveform.mean(axis=1)"
            )
        arrays = list(whole) if whole.ndim == 2 else [whole]
    for number, array in enumerate(arrays):
        if array.ndim != 1:
            raise TrainerError(
                f"a waveform of shape {array.shape}: give one clip [samples], clips of equal length "
                "[clips, samples], or a list of clips"
            )
        if array.size == 0:
            raise TrainerError(f"clip {number} of {len(arrays)} holds no samples; leave it out")
        if (fault := find_fault(array)) is not None:
            raise TrainerError(f"clip {number} of {len(arrays)} holds {fault.words}, at sample {fault.place}")
    return arrays


def _array(part: Array) -> Waveform:
    array = part if isinstance(part, Tensor) else np.asarray(part)
    floating = array.is_floating_point() if isinstance(array, Tensor) else array.dtype.kind == "f"
    if not floating:
        raise TrainerError(
            f"a waveform of {array.dtype}: give floating point in [−1, 1]; 16-bit integers are divided by "
            "32768"
        )
    if isinstance(array, Tensor):
        return np.asarray(array.detach().float().cpu().numpy())
    with np.errstate(over="ignore"):  # what is infinite in float32 is refused as such
        return array.astype(np.float32, copy=False)


def spectrogram(clip: Waveform, sample_rate: int, logmel: LogMel) -> Tensor:
    """Return the log-mel of a clip, float32 [M, F]: to the bit what `read_logmel` reads of its file."""
    # torch takes no memory that runs backwards, and complains of what is not to be written.
    clip = np.require(clip, requirements=["C", "W"])
    blocks = (clip[start : start + _BLOCK] for start in range(0, len(clip), _BLOCK))
    return logmel_of(resampled(blocks, sample_rate, logmel.sample_rate), logmel)
