"""Log-mel spectrograms: their settings, and a waveform made into one.

Letters of the shapes: T samples, F frames, M mel bands, K bins of the Fourier transform, N samples of a
frame.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from trainer.errors import TrainerError
from trainer.sound.mel import Floats, MelScale, triangles

if TYPE_CHECKING:
    from patterngen.drawing.band_powers import BandPowers

Style = Literal["librosa", "kaldi"]
Window = Literal["hann", "povey"]
_LONGEST_FRAME = 1 << 16  # samples; settings may come from strangers and must not fill the memory
_MOST_BANDS = 1024  # likewise: the filter bank is bands × bins
_PRE_EMPHASIS = 0.97
_TOGETHER = 1024  # frames of a clip in pieces that are computed at a time: ten seconds by default


@dataclass(frozen=True, kw_only=True)
class LogMel:
    """Settings of a log-mel spectrogram, and the spectrogram itself.

    Two families of published encoders disagree in every detail, so the details come in two styles:

    * ``librosa`` (M2D, and most of the field): frames are centred, with silence beyond the ends; Hann window
      of period N; triangles linear in hertz and of equal area (Slaney's norm).
    * ``kaldi`` (AST, Audio-MAE): frames lie inside the clip; each has its mean removed and is pre-emphasised
      by 0.97; symmetric window, padded to a power of two; triangles linear in mel and of equal height, as in
      Kaldi's ``compute-fbank-feats`` without dither. The Audio-MAE form is ``log_mel("kaldi")``.

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
            than so many decibels below it is silence. Recording level then means nothing, and the floor only
            tells which clips are silence throughout: those without a band above it. None keeps levels
            absolute, as the published families do.

    Raises:
        TrainerError: a setting out of range, or so many bands that some would hold no bin of the transform.

    Examples:
        >>> import torch
        >>> from trainer import LogMel
        >>> second = torch.sin(2 * torch.pi * 440 * torch.arange(16_000) / 16_000)
        >>> LogMel(n_mels=64)(second).shape  # a frame every 10 ms
        torch.Size([64, 101])
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
        _require(self.n_mels <= _MOST_BANDS, "n_mels", self.n_mels, f"1 … {_MOST_BANDS}")
        _require(0 <= self.f_min < self.f_max, "f_min", self.f_min, f"in [0, f_max = {self.f_max:g})")
        nyquist = self.sample_rate / 2
        _require(self.f_max <= nyquist, "f_max", self.f_max, f"at most {nyquist:g}, half the sample rate")
        _require(self.floor > 0, "floor", self.floor, "more than 0")
        _require((self.range_db or 1) > 0, "range_db", self.range_db, "more than 0, or none")
        # Audio-MAE's published form leaves a few of its lowest bands empty, and Kaldi allows it; elsewhere
        # a band that is silent whatever one plays is a mistake.
        empty = int((self._bank() > 0).sum(axis=1).tolist().count(0))
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

    @property
    def _margin(self) -> int:
        """Samples of silence that frames see before the clip, and after it."""
        return 0 if self.style == "kaldi" else self.fft_samples // 2

    def frames(self, samples: int) -> int:
        """Return the number of frames of a clip of so many samples."""
        return max(0, 1 + (samples + 2 * self._margin - self.window_samples) // self.hop_samples)

    def samples(self, frames: int) -> int:
        """Return the shortest clip, in samples, that has so many frames."""
        return (frames - 1) * self.hop_samples + self.window_samples - 2 * self._margin

    def __call__(self, waveform: Tensor) -> Tensor:
        """Compute the log-mel spectrogram.

        Args:
            waveform: float [..., T], nominally in [−1, 1].

        Returns:
            [..., M, F]: natural logarithm of the power in each band; band 0 is the lowest.

        Raises:
            TrainerError: a clip with fewer samples than one frame needs.
        """
        self._check_length(waveform.shape[-1])
        return self._levelled(self._logarithm(waveform, self._margin, self._margin))

    def of_blocks(self, blocks: Iterable[Tensor]) -> Tensor:
        """Compute the log-mel spectrogram of a clip that comes in pieces, as `__call__` does of the whole.

        Only one piece and the spectrogram lie in memory: of 80 bands at 10 ms, 115 MB for an hour. Equal
        samples give equal bits, into whatever pieces they are cut.

        Args:
            blocks: float [T] each, any lengths, in order.

        Returns:
            [M, F].

        Raises:
            TrainerError: fewer samples in all than one frame needs.
        """
        # Frames are computed together by their numbers, not as they come: where torch multiplies matrices,
        # how a product is rounded may depend on its shape.
        step = _TOGETHER * self.hop_samples
        last = step - self.hop_samples + self.window_samples
        full = max(last, step)  # the next frame's first sample may lie further on
        silence, total = self._margin, 0  # silence that is left in front of what waits
        waiting, parts = torch.zeros(0), list[Tensor]()
        for block in blocks:
            total += len(block)
            waiting = torch.cat([waiting, block]) if len(waiting) else block
            while silence + len(waiting) >= full:
                parts.append(self._logarithm(waiting[: last - silence], silence))
                waiting = waiting[max(0, step - silence) :]
                silence = max(0, silence - step)
        self._check_length(total)
        if silence + len(waiting) + self._margin >= self.window_samples:
            parts.append(self._logarithm(waiting, silence, self._margin))
        return self._levelled(torch.cat(parts, dim=-1) if len(parts) > 1 else parts[0])

    def _check_length(self, samples: int) -> None:
        if samples == 0 or self.frames(samples) < 1:
            raise TrainerError(
                f"a clip of {samples} samples is shorter than a frame of {self.window_samples}; pad it"
            )

    def _logarithm(self, waveform: Tensor, before: int = 0, after: int = 0) -> Tensor:
        """[..., T], and so many samples of silence on its sides -> [..., M, F], absolute levels."""
        kernel = _kernel(self) if _is_plain(waveform) else None
        if kernel is None:
            bands = self._bands_by_torch(functional.pad(waveform, (before, after)))
        else:
            *batch, samples = waveform.shape
            frames = 1 + (before + samples + after - self.window_samples) // self.hop_samples
            bands = torch.empty(*batch, self.n_mels, frames)
            clips = math.prod(batch)
            for clip, powers in zip(
                waveform.reshape(clips, samples), bands.view(clips, self.n_mels, frames), strict=True
            ):  # equal sound has equal bits in any batch
                kernel(clip.numpy(), powers.numpy(), before)
        # Where levels are relative, silence is told once the loudest band of the clip is known.
        least = self.floor if self.range_db is None else torch.finfo(bands.dtype).tiny
        return bands.clamp_(min=least).log_()  # in place: new memory costs as much

    def _bands_by_torch(self, waveform: Tensor) -> Tensor:
        window, bank = tables(self, waveform.device, waveform.dtype)
        frames = waveform.unfold(-1, self.window_samples, self.hop_samples)
        if self.style == "kaldi":
            frames = frames - frames.mean(dim=-1, keepdim=True)
            # The first sample has no predecessor and takes itself for one, as in Kaldi.
            before = torch.cat([frames[..., :1], frames[..., :-1]], dim=-1)
            frames = frames - _PRE_EMPHASIS * before
        spectrum = torch.fft.rfft(frames * window, n=self.fft_samples)
        # |z|² without the square root that `abs` would take.
        power = spectrum.real.square() + spectrum.imag.square()
        bands: Tensor = bank @ power.transpose(-1, -2)
        return bands

    def _levelled(self, logarithm: Tensor) -> Tensor:
        """Make levels relative to the loudest of the clip, if the settings say so."""
        if self.range_db is None:
            return logarithm
        loudest = logarithm.amax(dim=(-2, -1), keepdim=True)
        logarithm = logarithm.sub_(loudest).clamp_(min=self.silence)  # in place: it may be of an hour
        # Of a clip that is silence throughout, no band is the loudest.
        return logarithm.masked_fill_(loudest <= math.log(self.floor), self.silence)

    def _bank(self) -> Floats:
        """Build the mel filter bank, [M, K]."""
        return triangles(
            self.n_mels,
            bins=self.fft_samples // 2 + 1,
            sample_rate=self.sample_rate,
            f_min=self.f_min,
            f_max=self.f_max,
            scale=self.mel_scale,
            linear_in="mel" if self.style == "kaldi" else "hertz",
        )


def log_mel(style: Style, range_db: float | None = None) -> LogMel:
    """Return the published settings of a style: 80 bands from 50 Hz, or Audio-MAE's 128 from 20 Hz."""
    if style == "kaldi":
        return LogMel(style="kaldi", n_mels=128, f_min=20.0, mel_scale="htk", range_db=range_db)
    return LogMel(range_db=range_db)


def _require(holds: bool, name: str, value: object, rule: str) -> None:
    if not holds:
        raise TrainerError(f"log-mel: {name} = {value} must be {rule}")


def _is_plain(waveform: Tensor) -> bool:
    """Tell whether these are numbers in memory, and torch need not know what becomes of them."""
    plain = waveform.device.type == "cpu" and waveform.dtype == torch.float32
    return plain and not waveform.requires_grad and not torch.compiler.is_compiling()


def _window(settings: LogMel) -> Tensor:
    """Return the window, float64 [N]."""
    symmetric = settings.style == "kaldi"
    window = torch.hann_window(settings.window_samples, periodic=not symmetric, dtype=torch.float64)
    return window**0.85 if settings.window == "povey" else window


@lru_cache(maxsize=16)
def tables(settings: LogMel, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return window [N] and filter bank [M, K], computed in double precision once, which torch works with."""
    return _window(settings).to(device, dtype), torch.from_numpy(settings._bank()).to(device, dtype)


@lru_cache(maxsize=16)
def _kernel(settings: LogMel) -> "BandPowers | None":
    """Return what computes the powers of a clip's bands, or None where torch's transform is faster."""
    from patterngen.drawing.band_powers import BandPowers, is_fast  # Numba takes a while to import

    if not is_fast(settings.fft_samples):
        return None
    kaldi = settings.style == "kaldi"
    return BandPowers(
        _window(settings).numpy(),
        settings._bank(),
        size=settings.fft_samples,
        hop=settings.hop_samples,
        centred=kaldi,
        pre_emphasis=_PRE_EMPHASIS if kaldi else 0.0,
    )


def standardise(logmel: Tensor, mean: float, std: float) -> Tensor:
    """Shift and scale a log-mel by the mean and (one) standard deviation of the training clips."""
    return (logmel - mean) / std
