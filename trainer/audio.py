"""Sound: from an audio file to a log-mel spectrogram.

Letters of the shapes: T samples, F frames, M mel bands, K bins of the Fourier transform.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.errors import TrainerError

Waveform = NDArray[np.float32]
Style = Literal["librosa", "kaldi"]
MelScale = Literal["slaney", "htk"]
Window = Literal["hann", "povey"]

_BLOCK = 1 << 18  # frames decoded at a time: an hour of eight channels never lies in memory whole
_LONGEST_FRAME = 1 << 16  # samples; settings may come from strangers and must not fill the memory
_PRE_EMPHASIS = 0.97


@dataclass(frozen=True, kw_only=True)
class LogMel:
    """Settings of a log-mel spectrogram, and the spectrogram itself.

    Two families of published encoders disagree in every detail, so the details come in two styles:

    * ``librosa`` (M2D, and most of the field): frames are centred, with silence beyond the ends; Hann window
      of period N; triangles linear in hertz and of equal area (Slaney's norm).
    * ``kaldi`` (AST, Audio-MAE): frames lie inside the clip; each has its mean removed and is pre-emphasised
      by 0.97; symmetric window, padded to a power of two; triangles linear in mel and of equal height, as in
      Kaldi's ``compute-fbank-feats`` without dither. The Audio-MAE form is
      ``LogMel(style="kaldi", n_mels=128, f_min=20.0, mel_scale="htk")``.

    Args:
        style: which of the two.
        sample_rate: hertz.
        window_ms: length of a frame.
        hop_ms: distance of two frames.
        n_mels: number of mel bands.
        f_min: lower edge of the lowest band, hertz.
        f_max: upper edge of the highest band, hertz; at most half the sample rate.
        mel_scale: ``htk`` is 2595 log₁₀(1 + f/700); ``slaney`` is linear below 1 kHz and logarithmic above.
        window: ``hann``, or ``povey``, which is Hann to the power of 0.85.
        floor: band power below which everything is silence; the default is the float32 epsilon that both
            published families use.
        range_db: if given, levels are relative: the loudest band power of the clip is 0, and what lies more
            than so many decibels below it is silence. Recording level then means nothing. None keeps levels
            absolute, as the published families do.

    Raises:
        TrainerError: a setting out of range, or so many bands that some would hold no bin of the transform.
    """

    style: Style = "librosa"
    sample_rate: int = 16_000
    window_ms: float = 25.0
    hop_ms: float = 10.0
    n_mels: int = 80
    f_min: float = 50.0
    f_max: float = 8000.0
    mel_scale: MelScale = "slaney"
    window: Window = "hann"
    floor: float = 2.0**-23
    range_db: float | None = None

    def __post_init__(self) -> None:
        for setting, kind in (("style", Style), ("mel_scale", MelScale), ("window", Window)):
            choices, value = get_args(kind), getattr(self, setting)
            _require(value in choices, setting, value, " or ".join(choices))
        _require(self.sample_rate > 0, "sample_rate", self.sample_rate, "hertz, more than 0")
        longest = 1000 * _LONGEST_FRAME / self.sample_rate
        _require(1 < self.window_samples <= _LONGEST_FRAME, "window_ms", self.window_ms, f"up to {longest:g}")
        _require(self.hop_samples > 0, "hop_ms", self.hop_ms, "at least one sample long")
        bins = self.fft_samples // 2 + 1
        _require(0 < self.n_mels <= bins, "n_mels", self.n_mels, f"1 … {bins}, the bins of the transform")
        _require(0 <= self.f_min < self.f_max, "f_min", self.f_min, f"in [0, f_max = {self.f_max:g})")
        nyquist = self.sample_rate / 2
        _require(self.f_max <= nyquist, "f_max", self.f_max, f"at most {nyquist:g}, half the sample rate")
        _require(self.floor > 0, "floor", self.floor, "more than 0")
        _require((self.range_db or 1) > 0, "range_db", self.range_db, "more than 0, or none")
        # Audio-MAE's published form leaves a few of its lowest bands empty, and Kaldi allows it; elsewhere
        # a band that is silent whatever one plays is a mistake.
        empty = int((_triangles(self) > 0).sum(axis=1).tolist().count(0))
        _require(
            self.style == "kaldi" or empty == 0,
            "n_mels",
            self.n_mels,
            f"fewer, or window_ms longer: {empty} bands are narrower than a bin of the transform",
        )

    @property
    def window_samples(self) -> int:
        """Length of a frame in samples."""
        return round(self.sample_rate * self.window_ms / 1000)

    @property
    def hop_samples(self) -> int:
        """Distance of two frames in samples."""
        return round(self.sample_rate * self.hop_ms / 1000)

    @property
    def fft_samples(self) -> int:
        """Length of the Fourier transform."""
        if self.style == "kaldi":
            return 1 << (self.window_samples - 1).bit_length()
        return self.window_samples

    @property
    def silence(self) -> float:
        """The lowest value that a band can take."""
        return math.log(self.floor) if self.range_db is None else -self.range_db * math.log(10) / 10

    def frames(self, samples: int) -> int:
        """Return the number of frames of a clip of so many samples."""
        if self.style == "kaldi":
            return max(0, 1 + (samples - self.window_samples) // self.hop_samples)
        return 1 + samples // self.hop_samples

    def samples(self, frames: int) -> int:
        """Return the shortest clip, in samples, that has so many frames."""
        lead = self.window_samples if self.style == "kaldi" else 0
        return (frames - 1) * self.hop_samples + lead

    def __call__(self, waveform: Tensor) -> Tensor:
        """Compute the log-mel spectrogram.

        Args:
            waveform: float [..., T], nominally in [−1, 1].

        Returns:
            [..., M, F]: natural logarithm of the power in each band; band 0 is the lowest.

        Raises:
            TrainerError: a clip with fewer samples than one frame needs.
        """
        samples = waveform.shape[-1]
        if samples == 0 or self.frames(samples) < 1:
            raise TrainerError(
                f"a clip of {samples} samples is shorter than a frame of {self.window_samples}; pad it"
            )
        window, bank = _constants(self, waveform.device, waveform.dtype)
        power = (
            self._kaldi_power(waveform, window) if self.style == "kaldi" else self._power(waveform, window)
        )
        bands: Tensor = bank @ power
        logarithm = bands.clamp(min=self.floor).log()
        if self.range_db is None:
            return logarithm
        loudest = logarithm.amax(dim=(-2, -1), keepdim=True)
        return (logarithm - loudest).clamp(min=self.silence)

    def _power(self, waveform: Tensor, window: Tensor) -> Tensor:
        """[..., T] -> [..., K, F], centred frames."""
        flat = waveform.reshape(-1, waveform.shape[-1])
        spectrum = torch.stft(
            flat,
            n_fft=self.fft_samples,
            hop_length=self.hop_samples,
            window=window,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        return _squared(spectrum).reshape(*waveform.shape[:-1], *spectrum.shape[-2:])

    def _kaldi_power(self, waveform: Tensor, window: Tensor) -> Tensor:
        """[..., T] -> [..., K, F], frames inside the clip, each treated on its own."""
        frames = waveform.unfold(-1, self.window_samples, self.hop_samples)
        frames = frames - frames.mean(dim=-1, keepdim=True)
        # The first sample has no predecessor and takes itself for one, as in Kaldi.
        before = torch.cat([frames[..., :1], frames[..., :-1]], dim=-1)
        frames = frames - _PRE_EMPHASIS * before
        return _squared(torch.fft.rfft(frames * window, n=self.fft_samples)).transpose(-1, -2)


def _squared(spectrum: Tensor) -> Tensor:
    """|z|² without the square root that ``abs`` would take."""
    return spectrum.real.square() + spectrum.imag.square()


def _require(holds: bool, name: str, value: object, rule: str) -> None:
    if not holds:
        raise TrainerError(f"log-mel: {name} = {value} must be {rule}")


def _mel(hertz: NDArray[np.float64], scale: MelScale) -> NDArray[np.float64]:
    """Map frequency to mel: HTK's formula, or Slaney's of his Auditory Toolbox (1998)."""
    if scale == "htk":
        return np.asarray(2595 * np.log10(1 + hertz / 700))
    # 15 mel at 1 kHz; 27 mel for each factor of 6.4 above it.
    above = 15 + np.log(np.maximum(hertz, 1000) / 1000) * 27 / math.log(6.4)
    return np.where(hertz < 1000, hertz * 3 / 200, above)


def _hertz(mel: NDArray[np.float64], scale: MelScale) -> NDArray[np.float64]:
    """Invert `_mel`."""
    if scale == "htk":
        return np.asarray(700 * (10 ** (mel / 2595) - 1))
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((np.maximum(mel, 15) - 15) * math.log(6.4) / 27))


def _triangles(settings: LogMel) -> NDArray[np.float64]:
    """Build the mel filter bank, [M, K]: band m rises over edges m … m+1 and falls over m+1 … m+2."""
    bins = np.linspace(0, settings.sample_rate / 2, settings.fft_samples // 2 + 1)
    scale = settings.mel_scale
    low, high = _mel(np.array([settings.f_min, settings.f_max]), scale)
    edges = np.linspace(low, high, settings.n_mels + 2)
    if settings.style == "kaldi":
        position = _mel(bins, scale)
    else:
        position, edges = bins, _hertz(edges, scale)
    left, centre, right = (edges[i : i + settings.n_mels, None] for i in range(3))
    rise, fall = (position - left) / (centre - left), (right - position) / (right - centre)
    bank: NDArray[np.float64] = np.minimum(rise, fall).clip(min=0)
    if settings.style == "librosa":
        bank *= 2 / (right - left)  # equal area: white noise comes out flat, not tilted
    return bank


@lru_cache(maxsize=16)
def _constants(settings: LogMel, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return window [N] and filter bank [M, K], computed in double precision once."""
    symmetric = settings.style == "kaldi"
    window = torch.hann_window(settings.window_samples, periodic=not symmetric, dtype=torch.float64)
    if settings.window == "povey":
        window = window**0.85
    bank = torch.from_numpy(_triangles(settings))
    return window.to(device, dtype), bank.to(device, dtype)


def standardise(logmel: Tensor, mean: float, std: float) -> Tensor:
    """Shift and scale a log-mel by the mean and (one) standard deviation of the training clips."""
    return (logmel - mean) / std


def read_clip(path: str | Path, sample_rate: int, seconds: float | None = None) -> Waveform:
    """Read an audio file as one channel at the asked rate.

    WAV, FLAC, OGG, MP3, AIFF and whatever else libsndfile knows. Channels are averaged; resampling is soxr's
    high quality. The file is decoded in blocks, so that only the result lies in memory whole.

    Args:
        path: the file.
        sample_rate: of the result, hertz.
        seconds: read no more than the file's first so many; all of it by default.

    Returns:
        float32 [T], T > 0, finite.

    Raises:
        TrainerError: no such file, not audio, no samples, or samples that are NaN or infinite.
    """
    path = Path(path)
    if not path.is_file():
        raise TrainerError(f"{path}: no such audio file")
    try:
        with soundfile.SoundFile(path) as file:
            blocks = [block for block in _resampled(file, sample_rate, seconds) if block.size]
    except soundfile.LibsndfileError as error:
        raise TrainerError(
            f"{path}: cannot be read as audio ({error.error_string}); convert it to WAV or FLAC"
        ) from None
    if not blocks:
        raise TrainerError(f"{path}: holds no samples; remove it, or its row of the table")
    waveform = np.concatenate(blocks)
    if not np.isfinite(waveform).all():
        raise TrainerError(f"{path}: holds samples that are NaN or infinite; repair it or remove it")
    return waveform


def _resampled(file: soundfile.SoundFile, sample_rate: int, seconds: float | None) -> Iterator[Waveform]:
    """Decode block by block to one channel at ``sample_rate``."""
    left = math.inf if seconds is None else math.ceil(seconds * file.samplerate)
    same = file.samplerate == sample_rate
    stream = None if same else soxr.ResampleStream(file.samplerate, sample_rate, 1, dtype="float32")
    while len(block := file.read(int(min(_BLOCK, left)), dtype="float32", always_2d=True)):
        left -= len(block)
        mono: Waveform = block.mean(axis=1)
        yield mono if stream is None else stream.resample_chunk(mono)
    if stream is not None:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def read_clips(
    paths: Iterable[str | Path], sample_rate: int, workers: int = 2, seconds: float | None = None
) -> Iterator[Waveform]:
    """Read many clips with threads, in order, a few ahead of the one that is asked for.

    Decoding and resampling release the interpreter's lock, so threads are enough; reading a bounded number
    ahead keeps the memory of a large set bounded. The other arguments are those of `read_clip`.

    Raises:
        TrainerError: as `read_clip`, when the clip's turn comes.
    """
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[Waveform]] = deque()
        try:
            for path in paths:
                ahead.append(pool.submit(read_clip, path, sample_rate, seconds))
                if len(ahead) > 4 * workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()
