"""Small folders of recordings, for tests of tasks."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray


def write_clips(
    folder: Path, clips: Iterable[tuple[NDArray[np.float64], str, int]], rate: int = 16_000
) -> Path:
    """Write a waveform, label and fold each as ``0.wav`` … and their ``metadata.csv``; return the folder."""
    folder.mkdir(exist_ok=True)
    rows = ["file_name,label,fold"]
    for number, (waveform, label, fold) in enumerate(clips):
        soundfile.write(folder / f"{number}.wav", waveform, rate)
        rows.append(f"{number}.wav,{label},{fold}")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n")
    return folder


def write_noises(folder: Path, count: int, folds: int, samples: int = 1600) -> Path:
    """Write noise that two labels take turns to be given, as many clips in each fold."""
    rng = np.random.default_rng(0)
    clips = ((0.1 * rng.standard_normal(samples), "ab"[i % 2], folds * i // count + 1) for i in range(count))
    return write_clips(folder, clips)


def write_hums_and_hisses(folder: Path, count: int, seconds: float = 0.25) -> Path:
    """Write tones and noise, which are of two classes, in two folds."""
    rng, samples = np.random.default_rng(0), round(16_000 * seconds)
    clips = []
    for i in range(count):
        noise = rng.standard_normal(samples)
        hum = np.sin(np.arange(samples) * rng.uniform(0.05, 0.2)) + 0.01 * noise
        clips.append((0.1 * (noise if i % 2 else hum), ["hum", "hiss"][i % 2], 2 * i // count + 1))
    return write_clips(folder, clips)
