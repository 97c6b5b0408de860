"""Clips as vectors: `trainer embed`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor
from tyro.conf import Positional

from patterngen.escape import as_text
from patterngen.storage.files import atomic_file, output_file
from trainer.encoders.audio_config import EmbeddingConfig, FeatureConfig
from trainer.encoders.features import embed_clips
from trainer.encoders.for_clips import encoder_for_clips, read_logmels
from trainer.encoders.int8 import in_precision
from trainer.encoders.shipped import default_encoder
from trainer.sound.audio_files import clips_below, header
from trainer.sound.logmel import LogMel
from trainer.training.device import autocast, choose_device

_PORTION = 360_000  # frames that are embedded at a time: an hour at 10 ms


@dataclass(frozen=True, kw_only=True)
class EmbedConfig(FeatureConfig, EmbeddingConfig):
    """Settings of `embed_folder`."""

    clips: Positional[str]
    """Folder of audio files, searched with its subfolders."""
    run: str | None = None
    """Encoder: a run folder, a checkpoint, an exported folder, or the name of one that comes with the
    package; by default the first of these."""
    out: str
    """Parquet to write: file_name, seconds, embedding (a list of float32)."""
    json: bool = False
    """Print JSON instead of text."""


def embed_folder(config: EmbedConfig) -> int:
    """Embed every clip below a folder and write a parquet, one row a clip.

    Clips are read as they are needed: an hour or so of them lies in memory at a time. An encoder of pictures
    needs their mean and deviation first, and reads them twice.

    Returns:
        The number of clips.

    Raises:
        TrainerError: no clips, a clip that cannot be read, no encoder there, none named and none shipped, or
            nowhere to write.
    """
    out = output_file(config.out, ".parquet")
    run = default_encoder() if config.run is None else config.run
    files = clips_below(config.clips)
    device = choose_device(config.device)
    precision = autocast(device, config.precision)
    encoder = in_precision(encoder_for_clips(config, run, files).to(device), config.precision)
    names: list[str] = []
    seconds: list[float] = []
    vectors: list[Tensor] = []
    for portion in _portions(read_logmels(config, files, encoder.logmel)):
        names += [as_text(path.relative_to(config.clips).as_posix()) for path, _ in portion]
        seconds += [_seconds(path, clip.shape[1], encoder.logmel) for path, clip in portion]
        vectors.append(embed_clips(encoder, [clip for _, clip in portion], autocast=precision))
    rows = pa.FixedSizeListArray.from_arrays(torch.cat(vectors).numpy().ravel(), encoder.clip_dim)
    with atomic_file(out) as file:
        table = pa.table({"file_name": names, "seconds": seconds, "embedding": rows})
        pq.write_table(table, file, write_page_checksum=True)
    return len(names)


def _seconds(path: Path, frames: int, logmel: LogMel) -> float:
    """Return how long a clip is by its header, or by its frames where the header does not know."""
    read, found = frames * logmel.hop_ms / 1000, header(path)
    if isinstance(found, str) or abs(found[0] - read) > (logmel.window_ms + logmel.hop_ms) / 1000:
        return read
    return found[0]


def _portions(clips: Iterable[tuple[Path, Tensor]]) -> Iterator[list[tuple[Path, Tensor]]]:
    """Gather clips until they hold an hour or so, which is enough for full batches."""
    portion: list[tuple[Path, Tensor]] = []
    frames = 0
    for path, clip in clips:
        portion.append((path, clip))
        frames += clip.shape[1]
        if frames >= _PORTION:
            yield portion
            portion, frames = [], 0
    if portion:
        yield portion
