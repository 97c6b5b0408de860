"""Clips of a folder or a task as spectrograms: read in threads, kept for the next time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from patterngen.common.progress import Progress
from trainer import digests
from trainer.errors import ClipError
from trainer.parallel import in_order
from trainer.sound.audio import read_logmel
from trainer.sound.cache import Cache
from trainer.sound.logmel import LogMel
from trainer.sound.sound_file import unreadable

_VERSION = 6
"""Raised whenever the same clip and settings give another log-mel, so that older entries of caches rest."""

_NAMED = 5  # of many bad clips, so many are named


@dataclass(frozen=True)
class LoadedClip:
    """A clip that was read.

    Attributes:
        logmel: float32 [M, F], not standardised.
        key: digest of the file's content and of the settings; empty where nothing is cached.
    """

    logmel: Tensor
    key: str


def load_clips(
    paths: Sequence[Path],
    logmel: LogMel,
    *,
    clip_seconds: float | None,
    workers: int = 2,
    cache: Cache | None = None,
    skip_bad: bool = False,
    advice: str = "; or leave such clips out with --skip-bad",
) -> Iterator[LoadedClip | ClipError]:
    """Read clips into log-mels with threads, in order, a few ahead of the one that is asked for.

    Args:
        paths: the audio files.
        logmel: the settings.
        clip_seconds: longer clips are cut after so many seconds; shorter ones keep their length, so that
            no encoder is asked about silence that nobody recorded.
        workers: threads that read, resample and transform.
        cache: keeps the log-mels, by the content of the files.
        skip_bad: yield the error of a clip that cannot be read in its place, instead of raising it.
        advice: what an error that is raised says at its end.

    Raises:
        ClipError: a clip that cannot be read, is empty, cut short, or holds NaN or absurd samples.
    """
    settings = asdict(logmel)
    kept = cache if cache is not None and cache.folder is not None else None

    def read(path: Path) -> LoadedClip | ClipError:
        try:
            if kept is None:
                return LoadedClip(read_logmel(path, logmel, clip_seconds), "")
            if not path.is_file():
                raise ClipError(path, "no such audio file")
            key = digests.of_values("log-mel", _VERSION, digests.of_file(path), settings, clip_seconds)
            found = kept.load(key)
            if found is None:
                found = {"logmel": read_logmel(path, logmel, clip_seconds)}
                kept.save(key, found)
            return LoadedClip(found["logmel"], key)
        except ClipError as error:
            return error
        except OSError as error:
            return unreadable(path, error)

    with Progress(len(paths), unit="clips", label="read") as progress:
        for result in in_order(read, paths, workers):
            if isinstance(result, ClipError):
                if not skip_bad:
                    raise ClipError(result.path, result.reason, result.remedy + advice)
                progress.fail()
            progress.advance()
            yield result


def load_logmels(paths: Sequence[Path], logmel: LogMel, *, clip_seconds: float | None) -> list[Tensor]:
    """Read clips into log-mels as `load_clips` does, float32 [M, F] each; a bad one raises its error."""
    loaded = load_clips(paths, logmel, clip_seconds=clip_seconds, workers=2, advice="")
    return [clip.logmel for clip in loaded if isinstance(clip, LoadedClip)]


def skipped_note(errors: Sequence[ClipError], of: int) -> str:
    """Say which clips were left out: the first few by name."""
    named = "; ".join(f"{error.path}: {error.reason}" for error in errors[:_NAMED])
    more = f"; and {len(errors) - _NAMED} more" if len(errors) > _NAMED else ""
    return f"{len(errors)} of {of} clips left out (--skip-bad): {named}{more}"


def mean_and_std(clips: Iterable[Tensor]) -> tuple[float, float]:
    """Return mean and standard deviation over all bands and frames of some log-mels.

    The parts are combined as by Chan, Golub and LeVeque ("Updating formulae …", 1979), so that clips may come
    one by one.
    """
    count, mean, squares = 0, 0.0, 0.0
    for clip in clips:
        variance, own = torch.var_mean(clip, correction=0)
        total, away = count + clip.numel(), own.item() - mean
        squares += variance.item() * clip.numel() + away**2 * count * clip.numel() / total
        mean += away * clip.numel() / total
        count = total
    return mean, max((squares / max(count - 1, 1)) ** 0.5, 1e-3)
