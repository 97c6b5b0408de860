"""Encoders as files and clips as vectors: `trainer export` and `trainer embed`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor
from tyro.conf import Positional

from patterngen.escape import as_text
from patterngen.storage.files import atomic_file, output_file
from patterngen.terminal import print_notice
from trainer.encoders.adapt import adaptation_report, restore_sound_encoder
from trainer.encoders.audio_config import EmbeddingConfig, FeatureConfig
from trainer.encoders.exported import encoder_file, export_encoder, exported_config, load_encoder
from trainer.encoders.features import embed_clips
from trainer.encoders.int8 import in_precision
from trainer.encoders.shipped import default_encoder
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import ClipError, TrainerError, check_folder
from trainer.sound.audio_files import clips_below, header
from trainer.sound.cache import open_cache
from trainer.sound.clips import LoadedClip, load_clips, mean_and_std, skipped_note
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


@dataclass(frozen=True, kw_only=True)
class ExportConfig(FeatureConfig):
    """Settings of `export`.

    Examples:
        >>> from trainer import ExportConfig
        >>> config = ExportConfig(run="runs/smooth", clips="recordings", out="encoders/smooth")
    """

    run: str
    """A run folder, one checkpoint of it, an exported folder, or the name of a shipped encoder."""
    out: str
    """Folder to write encoder.safetensors and config.json into."""
    clips: str | None = None
    """Folder of audio files: the encoder is adapted to sound, standardised by their log-mels. Without it the
    export is what the run holds: the picture encoder, or a sound encoder that may get another feature."""
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
    encoder = in_precision(_encoder(config, run, files).to(device), config.precision)
    names: list[str] = []
    seconds: list[float] = []
    vectors: list[Tensor] = []
    for portion in _portions(_clips(config, files, encoder.logmel)):
        names += [as_text(path.relative_to(config.clips).as_posix()) for path, _ in portion]
        seconds += [_seconds(path, clip.shape[1], encoder.logmel) for path, clip in portion]
        vectors.append(embed_clips(encoder, [clip for _, clip in portion], autocast=precision, label=None))
    rows = pa.FixedSizeListArray.from_arrays(torch.cat(vectors).numpy().ravel(), encoder.clip_dim)
    with atomic_file(out) as file:
        pq.write_table(pa.table({"file_name": names, "seconds": seconds, "embedding": rows}), file)
    return len(names)


def export(config: ExportConfig) -> tuple[str, ...]:
    """Write the encoder of a run as safetensors and JSON, adapted to sound if clips are given.

    Returns:
        What was done to which tensor, a line each, and at last the feature of a sound encoder.

    Raises:
        TrainerError: no encoder there, no clips, or a feature of layers that the encoder has not.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render
        >>> from trainer import ExportConfig, PretrainConfig, export, pretrain
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> settings = {"image_size": 16, "patch_size": 8, "batch_size": 2, "workers": 0, "device": "cpu"}
        >>> config = PretrainConfig(data=("clouds",), out="run", steps=2, **settings)
        >>> report = export(ExportConfig(run=str(pretrain(config)), out="encoder"))
        >>> report[0].startswith("150 tensors: as they were")
        True
    """
    check_folder(config.out)
    if config.clips is None:
        encoder_config, state = load_encoder(config.run)
        if encoder_config.logmel is not None:
            feature = config.feature(config.run)
            encoder = restore_sound_encoder(replace(encoder_config, feature=feature), state)
        elif config.layers is None and config.pooling is None:
            export_encoder(Path(config.out), encoder_config, state)
            return adaptation_report(state)
        else:
            raise TrainerError(
                f"{config.run}: an encoder of pictures, which has no feature; one that hears has: add "
                "--clips FOLDER_OF_SOUND, or leave --layers and --pooling out"
            )
    else:
        encoder = _encoder(config, config.run, clips_below(config.clips))
    export_encoder(Path(config.out), encoder.config, encoder.vit.state_dict())
    described = f"feature: {encoder.feature.description}: {encoder.clip_dim} numbers a clip"
    return (*encoder.load_report, described)


def _encoder(config: FeatureConfig, run: str, files: Sequence[Path]) -> SoundEncoder:
    """Load an encoder; one that has not met sound yet is standardised by the clips, which are read for it."""
    encoder_file(run)  # what is not there is said before they are
    logmel = config.logmel({f"--run {run}": Path(run)})
    known, feature = exported_config(run), config.feature(run)
    if known is not None and known.logmel is not None:
        return config.adapt(run, logmel, known.mean, known.std, feature)
    mean, std = mean_and_std(clip for _, clip in _clips(config, files, logmel))
    return config.adapt(run, logmel, mean, std, feature)


def _clips(config: FeatureConfig, files: Sequence[Path], logmel: LogMel) -> Iterator[tuple[Path, Tensor]]:
    """Read the log-mels of files; with ``skip_bad``, say at last which could not be read."""
    bad: list[ClipError] = []
    cache = open_cache(config.cache)
    loaded = load_clips(files, logmel, clip_seconds=None, cache=cache, skip_bad=config.skip_bad)
    for path, clip in zip(files, loaded, strict=True):
        if isinstance(clip, LoadedClip):
            yield path, clip.logmel
        else:
            bad.append(clip)
    if bad:
        print_notice(skipped_note(bad, of=len(files)))
    if len(bad) == len(files):
        raise TrainerError(f"none of {len(files)} clips can be read")


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
