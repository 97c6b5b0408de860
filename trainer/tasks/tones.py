"""Sounds that the project makes itself: for a machine where no recordings can be had."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import soundfile
from numpy.typing import NDArray

from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.contract import Published, Task
from trainer.tasks.metadata import METADATA, clips_of_table

SAMPLE_RATE = 16_000
SECONDS = 1.0
_CLIPS_PER_CLASS = 60
_FOLDS = 5
_OCTAVES = 4  # above 110 Hz; the highest pitch keeps at least two partials
_SEED = 0
_NYQUIST = SAMPLE_RATE / 2

Signal = NDArray[np.float64]
Draw = Callable[[np.random.Generator, float, Signal], Signal]
"""Makes a sound from (random numbers, a pitch in hertz, the times of its samples)."""


@register
@dataclass(frozen=True, kw_only=True)
class Tones:
    """Synthesised shapes of sound, at pitches that training has not seen."""

    name: ClassVar[str] = "tones"
    licence: ClassVar[str] = "CC0"
    source: ClassVar[str] = "made by this project; not recordings"
    published: ClassVar[Published] = Published(
        clips=480, classes=8, seconds=SECONDS, parts="5 folds of pitches"
    )

    def load(self, root: Path) -> Task:
        """Read the folder that `synthesise` wrote."""
        return Task(self.name, clips_of_table(root).clips, clip_seconds=SECONDS)


def synthesise(folder: Path) -> Path:
    """Write the task as WAV files with metadata.csv, unless it is there; the same files every time.

    Each fold is a region of pitch of its own, a fifth of the four octaves from 110 Hz, so that a class must
    be known by its shape in time and frequency and not by its place.

    Returns:
        The folder.

    Raises:
        TrainerError: the folder cannot be written.
    """
    table = folder / METADATA
    if table.is_file():
        return folder
    rows = []
    try:
        (folder / "audio").mkdir(parents=True, exist_ok=True)
        for label, draw in _CLASSES.items():
            for i in range(_CLIPS_PER_CLASS):
                fold = i % _FOLDS
                name = f"audio/{label.replace(' ', '_')}_{i:03d}.wav"
                sound = _clip(label, draw, i, octave=_OCTAVES * fold / _FOLDS)
                soundfile.write(folder / name, sound, SAMPLE_RATE, subtype="PCM_16")
                rows.append((name, label, fold + 1))
        # The table goes last: a folder that has one is complete.
        unfinished = table.with_suffix(".tmp")
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("file_name", "label", "fold"), *rows])
        unfinished.replace(table)
    except (OSError, soundfile.LibsndfileError) as error:
        raise TrainerError(f"{folder}: cannot write the tones ({error}); give another folder") from None
    return folder


def _clip(label: str, draw: Draw, number: int, octave: float) -> NDArray[np.float32]:
    """Draw one clip: a sound that begins somewhere in its first third, in noise of a random level."""
    rng = np.random.default_rng(
        np.random.SeedSequence(_SEED, spawn_key=(sorted(_CLASSES).index(label), number))
    )
    pitch = 110 * 2 ** (octave + rng.uniform(0, _OCTAVES / _FOLDS))
    sound = np.zeros(round(SECONDS * SAMPLE_RATE))
    start = rng.integers(len(sound) // 3)
    times = np.arange(len(sound) - start) / SAMPLE_RATE
    sound[start:] = draw(rng, pitch, times)
    sound /= np.abs(sound).max()
    noise = rng.standard_normal(len(sound)) * 10 ** rng.uniform(-3, -1.3)
    level = 10 ** rng.uniform(-1.0, -0.3)
    return np.clip((sound + noise) * level, -1, 1).astype(np.float32)


def _harmonics(rng: np.random.Generator, frequency: Signal, partials: NDArray[np.int64]) -> Signal:
    """Add sines at multiples of a frequency that may change in time, with random slope and phases."""
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE
    slope = rng.uniform(0.5, 1.5)
    audible = partials[partials * frequency.max() < _NYQUIST]
    return sum(
        (np.sin(n * phase + rng.uniform(0, 2 * np.pi)) / n**slope for n in audible), np.zeros(len(phase))
    )


def _harmonic(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    return _harmonics(rng, np.full(len(times), pitch), np.arange(1, 16)) * np.exp(
        -times * rng.uniform(0.5, 2)
    )


def _plucked(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    return _harmonics(rng, np.full(len(times), pitch), np.arange(1, 16)) * np.exp(-times * rng.uniform(8, 20))


def _odd(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    return _harmonics(rng, np.full(len(times), pitch), np.arange(1, 16, 2)) * np.exp(
        -times * rng.uniform(0.5, 2)
    )


def _rising(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    return _harmonics(rng, pitch * 2 ** (times * rng.uniform(0.7, 1.5)), np.arange(1, 5))


def _falling(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    return _harmonics(rng, pitch * 2 ** (-times * rng.uniform(0.7, 1.5)), np.arange(1, 5))


def _vibrato(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    swing = rng.uniform(0.05, 0.12) * np.sin(2 * np.pi * rng.uniform(4, 8) * times)
    return _harmonics(rng, pitch * 2**swing, np.arange(1, 8))


def _noise_band(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    """White noise kept within half an octave around the pitch."""
    spectrum = np.fft.rfft(rng.standard_normal(len(times)))
    frequency = np.fft.rfftfreq(len(times), 1 / SAMPLE_RATE)
    octaves = np.log2(np.maximum(frequency, 1) / pitch)
    return np.fft.irfft(spectrum * np.exp(-((octaves / 0.25) ** 2)), len(times)) * np.exp(-times)


def _clicks(rng: np.random.Generator, pitch: float, times: Signal) -> Signal:
    """A train of short bursts that ring at the pitch, 5 to 12 a second."""
    since = times % (1 / rng.uniform(5, 12))
    return np.sin(2 * np.pi * pitch * since) * np.exp(-since * rng.uniform(60, 120))


_CLASSES: dict[str, Draw] = {
    "harmonic": _harmonic,
    "plucked": _plucked,
    "odd partials": _odd,
    "rising": _rising,
    "falling": _falling,
    "vibrato": _vibrato,
    "noise band": _noise_band,
    "clicks": _clicks,
}
