"""An exported encoder in Python: waveforms in, vectors out.

Letters in shapes: N clips, T samples, t time steps, M mel bands, F frames of a log-mel.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from patterngen import RunFailedError
from trainer.encoders.adapt import restore_sound_encoder
from trainer.encoders.exported import load_encoder
from trainer.encoders.features import embed_clips
from trainer.encoders.int8 import in_precision
from trainer.encoders.shipped import default_encoder
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError
from trainer.parallel import Context, in_order, on_device
from trainer.sound.logmel import standardise
from trainer.sound.waveforms import Waveforms, as_clips, spectrogram
from trainer.training.device import autocast, choose_device
from trainer.training.precision import EmbeddingPrecision

_BATCH = 64


class Encoder:
    """A sound encoder, ready for use: `load` takes it from the folder that `trainer export --clips` wrote.

    Attributes:
        model: the network, on its device.
        sample_rate: hertz of its input; sound at other rates is resampled.
        dim: numbers of the vector of a clip.
        step_dim: numbers of a time step.

    Examples:
        >>> import numpy as np
        >>> import trainer
        >>> encoder = trainer.load("patterns-tiny")
        >>> second = np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)
        >>> vectors = encoder.embed(second, 44_100)
        >>> features, times = encoder.frames(second, 44_100, max_hop_ms=20)
        >>> vectors.shape == (1, encoder.dim), features.shape == (1, 50, encoder.step_dim)
        (True, True)
        >>> float(times[1] - times[0])
        20.0
    """

    def __init__(self, model: SoundEncoder, *, precision: EmbeddingPrecision = "auto") -> None:
        self.model = in_precision(model, precision)
        self.sample_rate: int = model.logmel.sample_rate
        self.dim: int = model.clip_dim
        self.step_dim: int = model.step_dim
        self._precision: EmbeddingPrecision = precision

    def __repr__(self) -> str:
        sound = f"sound at {self.sample_rate} Hz, {self.dim} numbers a clip"
        return f"<Encoder {self.model.config.model}: {sound}, on {self.device}>"

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        device: torch.device = self.model.vit.pos_embed.device
        return device

    def embed(self, waveforms: Waveforms, sample_rate: int) -> NDArray[np.float32]:
        """Turn each clip into one vector, by the feature that the encoder was exported with.

        It is the vector that `trainer embed` gives for the same sound in a file: of several clips, on the
        same machine's CPU, to the bit, whatever clips come with it (see `embed_features`); of one clip by
        itself, which is not kept waiting for others, to some 1e-6 of its length in float32, 1e-2 in bf16.
        Many clips are computed several at a time, on all cores: give them at once.

        Args:
            waveforms: one channel of sound, NumPy or torch, nominally in [−1, 1]: one clip [T], clips of
                equal length [N, T], or a list of clips of any lengths.
            sample_rate: of all of them, hertz.

        Returns:
            float32 [N, dim]; one clip is a batch of one.

        Raises:
            TrainerError: not such a waveform, a clip without samples, NaN or infinity in it.
            RunFailedError: the encoder gives NaN or infinity.
        """
        clips = self._spectrograms(as_clips(waveforms, sample_rate), sample_rate)
        found = embed_clips(self.model, clips, autocast=self._autocast(), fill=len(clips) > 1)
        return np.asarray(found.numpy(), np.float32)

    def hop_ms(self, max_hop_ms: float = 50.0) -> float:
        """Return the distance of two time steps of `frames` in milliseconds.

        It is the largest that is no more than `max_hop_ms` and divides the distance of two patches.
        """
        return self._stride(max_hop_ms) * self._frame_ms

    def frames(
        self, waveforms: Waveforms, sample_rate: int, max_hop_ms: float = 50.0
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Describe clips of equal length over time, finer than one patch after the other.

        The encoder is given each clip several times, begun a fraction of a patch later each time, and its
        features are put in order: each comes from a grid like the one that the encoder learned on. Steps four
        times as fine cost four times as much. Beyond both ends lies the mean of all sound. As in `embed`, a
        clip's features do not depend on those beside it.

        Args:
            waveforms: as for `embed`, of equal length.
            sample_rate: of all of them, hertz.
            max_hop_ms: time steps are at most so many milliseconds apart; see `hop_ms`.

        Returns:
            Features, float32 [N, t, step_dim], and the times of their centres in milliseconds, float64 [t]:
            regular, from the start of the clip on, none past its end.

        Raises:
            TrainerError: as `embed`; clips of several lengths; a hop below that of the log-mel.
            RunFailedError: the encoder gives NaN or infinity.
        """
        clips = as_clips(waveforms, sample_rate)
        if len({len(clip) for clip in clips}) > 1:
            raise TrainerError(
                "clips of several lengths have several numbers of time steps; give one at a time"
            )
        stride = self._stride(max_hop_ms)
        times = self._centres(1000 * len(clips[0]) / sample_rate if clips else 0.0, stride)
        result = np.empty((len(clips), len(times), self.step_dim), np.float32)
        spectrograms = self._spectrograms(clips, sample_rate)
        most = 1 if self.device.type == "cpu" else _BATCH
        starts = range(0, len(clips), most)
        batches = (torch.stack(spectrograms[start : start + most]) for start in starts)
        found = on_device(
            lambda batch: self._interleaved(batch, len(times), stride),
            batches,
            self.device,
            self._autocast(),
        )
        for start, features in zip(starts, found, strict=True):
            result[start : start + most] = features.numpy()
        if not np.isfinite(result).all():
            raise RunFailedError("frames: the encoder gives NaN or infinity; was its training diverging?")
        return result, times

    @property
    def _frame_ms(self) -> float:
        """Distance of two frames of the log-mel, which is a whole number of samples."""
        return 1000 * self.model.logmel.hop_samples / self.sample_rate

    def _stride(self, max_hop_ms: float) -> int:
        """Return how many frames of the log-mel lie between two time steps."""
        hop = self.model.hop
        strides = [n for n in range(1, hop + 1) if hop % n == 0 and n * self._frame_ms <= max_hop_ms]
        if not strides:
            raise TrainerError(
                f"max_hop_ms = {max_hop_ms} must be at least {self._frame_ms:g}, "
                "the hop of this encoder's log-mel"
            )
        return strides[-1]

    def _centres(self, duration_ms: float, stride: int) -> NDArray[np.float64]:
        """Return the times of a clip's features: the middles of the patches that they come from."""
        logmel, patch = self.model.logmel, self.model.patch
        # The first patch reaches so far over the clip's start that its middle lies there, or half a frame on.
        first = ((patch - 1) / 2 - _lead(patch)) * self._frame_ms
        if logmel.style == "kaldi":  # whose frames begin at the start and are not centred on it
            first += logmel.window_ms / 2
        hop = stride * self._frame_ms
        count = max(1, math.floor((duration_ms - first) / hop + 1e-6) + 1)
        return np.asarray(np.minimum(first + hop * np.arange(count), duration_ms))

    @torch.inference_mode()
    def _interleaved(self, spectrograms: Tensor, count: int, stride: int) -> Tensor:
        """Encode log-mels [N, M, F] at each of the shifts of the grid: [N, count, step_dim]."""
        model, patch = self.model, self.model.patch
        sound = standardise(spectrograms, model.config.mean, model.config.std)
        lead, length = _lead(patch), (count - 1) * stride + patch
        sound = functional.pad(sound, (lead, max(0, length - lead - sound.shape[2]))).to(self.device)
        result = torch.empty(len(sound), count, self.step_dim)
        shifts = model.hop // stride
        for shift in range(min(shifts, count)):
            begin, width = shift * stride, model.width(len(range(shift, count, shifts)))
            result[:, shift::shifts] = model(sound[:, :, begin : begin + width]).float().cpu()
        return result

    def _spectrograms(self, clips: Sequence[NDArray[np.float32]], sample_rate: int) -> list[Tensor]:
        self.model.eval()  # whoever trains something on top may have said otherwise
        logmel = self.model.logmel
        return list(
            in_order(
                lambda clip: spectrogram(clip, sample_rate, logmel), clips, workers=torch.get_num_threads()
            )
        )

    def _autocast(self) -> Context:
        return autocast(self.device, self._precision)


def load(
    name: str | Path | None = None, *, device: str = "auto", precision: EmbeddingPrecision = "auto"
) -> Encoder:
    """Load an encoder of sound: by the name of one that comes with the package, or from an exported folder.

    Args:
        name: one of `list_encoders`, or the folder that `trainer export --clips` wrote; by default the first
            that is shipped.
        device: auto, cpu, cuda, cuda:1 …
        precision: auto is bf16 where the machine computes faster in it, float32 elsewhere; int8 is faster
            still on many CPUs, and rounds more.

    Raises:
        TrainerError: no such encoder (the closest names are offered), one that has no sound settings, a
            shipped one whose weights are not those that were shipped, or no such device.

    Examples:
        >>> import trainer
        >>> try:
        ...     trainer.load("encoders/loud")
        ... except trainer.TrainerError as error:
        ...     print(error)
        encoders/loud: no such run, checkpoint or exported encoder
    """
    path = default_encoder() if name is None else name
    config, state = load_encoder(path)
    if config.logmel is None:
        raise TrainerError(
            f"{path}: an encoder of pictures, without sound settings; make a sound encoder of it: "
            f"trainer export --run {path} --clips FOLDER_OF_SOUND --out ENCODER"
        )
    model = restore_sound_encoder(config, state).to(choose_device(device))
    return Encoder(model, precision=precision)


def _lead(patch: int) -> int:
    """Return how many frames of the first patch lie before the clip."""
    return (patch - 1) // 2
