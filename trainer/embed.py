"""Encoders as files and clips as vectors: `trainer export` and `trainer embed`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tyro.conf import Positional

from patterngen import atomic_file, output_file
from trainer.adapt import Positions, SoundEncoder, adapt_to_sound
from trainer.audio import LogMel
from trainer.checkpoint import export_encoder, load_encoder
from trainer.device import Precision, autocast, choose_device
from trainer.errors import TrainerError
from trainer.transfer.features import embed, spectrograms, statistics

AUDIO = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")


@dataclass(frozen=True, kw_only=True)
class EmbedConfig:
    """Settings of `embed_folder`."""

    clips: Positional[str]
    """Folder of audio files, searched with its subfolders."""
    run: str
    """Encoder: a run folder, a checkpoint or an exported folder."""
    out: str
    """Parquet to write: file_name, seconds, embedding (a list of float32)."""
    frames: int = 208
    """Longest input of the encoder in log-mel frames; longer clips are cut into chunks."""
    positions: Positions = "interpolate"
    """How positions meet the new grid: the trained table interpolated, or a fresh sin-cos table."""
    range_db: float = 50.0
    """Decibels below a clip's loudest band that count as silence; 0 keeps absolute levels."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 …"""
    precision: Precision = "auto"
    """auto is bf16 where the machine computes faster in it, float32 elsewhere."""


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """Settings of `export`."""

    run: str
    """A run folder, or one checkpoint of it."""
    out: str
    """Folder to write encoder.safetensors and config.json into."""
    clips: str | None = None
    """Folder of audio files: the encoder is adapted to sound, standardised by their log-mels. Without it the
    export is the picture encoder."""
    frames: int = 208
    """Longest input of the sound encoder in log-mel frames."""
    positions: Positions = "interpolate"
    """How positions meet the new grid: the trained table interpolated, or a fresh sin-cos table."""
    range_db: float = 50.0
    """Decibels below a clip's loudest band that count as silence; 0 keeps absolute levels."""


def audio_files(folder: str) -> list[Path]:
    """Return the audio files below a folder, sorted.

    Raises:
        TrainerError: no such folder, or none in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise TrainerError(f"{root}: no such folder; give the folder that holds the clips")
    files = sorted(path for path in root.rglob("*") if path.suffix.lower() in AUDIO)
    if not files:
        raise TrainerError(f"{root}: no audio file in it ({', '.join(AUDIO)})")
    return files


def embed_folder(config: EmbedConfig) -> int:
    """Embed every clip below a folder and write a parquet, one row a clip.

    Returns:
        The number of clips.

    Raises:
        TrainerError: no clips, a clip that cannot be read, no encoder there, or nowhere to write.
    """
    out = output_file(config.out, ".parquet")
    files = audio_files(config.clips)
    logmel = load_encoder(config.run)[0].logmel or LogMel(range_db=config.range_db or None)
    clips = spectrograms(files, logmel, clip_seconds=None)
    mean, std = statistics(clips)
    encoder = adapt_to_sound(
        config.run, logmel=logmel, frames=config.frames, mean=mean, std=std, positions=config.positions
    )
    device = choose_device(config.device)
    vectors = embed(encoder.to(device), clips, autocast=autocast(device, config.precision)).numpy()
    table = pa.table(
        {
            "file_name": [path.relative_to(config.clips).as_posix() for path in files],
            "seconds": [clip.shape[1] * logmel.hop_ms / 1000 for clip in clips],
            "embedding": pa.FixedSizeListArray.from_arrays(vectors.astype(np.float32).ravel(), encoder.dim),
        }
    )
    with atomic_file(out) as file:
        pq.write_table(table, file)
    return len(files)


def export(config: ExportConfig) -> tuple[str, ...]:
    """Write the encoder of a run as safetensors and JSON, adapted to sound if clips are given.

    Returns:
        What was done to which tensor, a line each.

    Raises:
        TrainerError: no encoder there, or no clips.
    """
    if config.clips is None:
        encoder_config, state = load_encoder(config.run)
        export_encoder(Path(config.out), encoder_config, state)
        return (f"{len(state)} tensors: as they were",)
    logmel = LogMel(range_db=config.range_db or None)
    mean, std = statistics(spectrograms(audio_files(config.clips), logmel, clip_seconds=None))
    encoder: SoundEncoder = adapt_to_sound(
        config.run, logmel=logmel, frames=config.frames, mean=mean, std=std, positions=config.positions
    )
    export_encoder(Path(config.out), encoder.config, encoder.vit.state_dict())
    return encoder.account
