"""Encoders that are made for a folder of clips, and the log-mels of these clips."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from torch import Tensor

from patterngen.terminal import print_notice
from trainer.encoders.audio_config import FeatureConfig
from trainer.encoders.exported import encoder_file, exported_config, load_encoder
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import ClipError, TrainerError
from trainer.sound.cache import open_cache
from trainer.sound.clips import LoadedClip, load_clips, mean_and_std, skipped_note
from trainer.sound.logmel import LogMel


def encoder_for_clips(config: FeatureConfig, run: str, files: Sequence[Path]) -> SoundEncoder:
    """Load an encoder; one that has not met sound yet is standardised by the clips, which are read for it."""
    encoder_file(run)  # what is not there is said before they are
    logmel = config.logmel({f"--run {run}": Path(run)})
    known, feature = exported_config(run), config.feature(run)
    if known is not None and known.logmel is not None:
        return config.adapt(run, logmel, known.mean, known.std, feature)
    mean, std = mean_and_std(clip for _, clip in read_logmels(config, files, logmel))
    return config.adapt(run, logmel, mean, std, feature)


def encoder_by_pictures(config: FeatureConfig, run: str) -> SoundEncoder:
    """Load an encoder; one that has not met sound yet is standardised as its pictures were, by no clip.

    The shades of its pictures, 0 to 1, then stand for the levels of a clip, from `LogMel.range_db` below the
    loudest band's to the loudest's.

    Raises:
        TrainerError: no encoder there, or levels that are absolute.
    """
    logmel = config.logmel({f"--run {run}": Path(run)})
    known, _ = load_encoder(run)
    if known.logmel is not None:
        return config.adapt(run, logmel, known.mean, known.std, config.feature(run))
    if logmel.range_db is None:
        raise TrainerError(
            "--statistics pictures: shades stand for levels below the loudest, so give --range-db more than 0"
        )
    span = -logmel.silence
    return config.adapt(run, logmel, (known.mean - 1) * span, known.std * span, config.feature(run))


def read_logmels(
    config: FeatureConfig, files: Sequence[Path], logmel: LogMel
) -> Iterator[tuple[Path, Tensor]]:
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
