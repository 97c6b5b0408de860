"""Recordings as pictures to pre-train on: the baseline that synthetic pictures are compared with."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from patterngen import Pictures
from patterngen.escape import as_text, visible
from patterngen.jobs.packing import pack
from patterngen.terminal import print_notice
from trainer import digests
from trainer.errors import TrainerError, check_folder, check_positive, check_range
from trainer.sound.clips import load_logmels
from trainer.sound.logmel import LogMel, Style, log_mel
from trainer.tasks import Task, load

_WIDEST = 1 << 16  # frames: eleven minutes


@dataclass(frozen=True, kw_only=True)
class SpectrogramsConfig:
    """Settings of `pack_spectrograms`."""

    task: str
    """Task, as `trainer tasks` lists them; settings may follow: csv:label=pitch_class."""
    root: str
    """Folder of the clips."""
    out: str
    """Folder of the dataset; `trainer pretrain --data` reads it. Run again to go on where a run stopped."""
    frames: int = 208
    """Width of a picture in log-mel frames. A longer clip gives several, which may overlap; a shorter one is
    filled with black."""
    join: bool = False
    """Put clips one after the other, in a random order, before they are cut into pictures: short ones then
    leave no black."""
    sound: Style = "librosa"
    """Form of the log-mels: librosa is 80 bands, as in M2D; kaldi is 128 of Kaldi's filter banks, as in
    Audio-MAE."""
    range_db: float = 50.0
    """Decibels from white, a clip's loudest band, down to black."""
    held_out: tuple[int, ...] = ()
    """Leave out the test clips of this fold, counted from 1."""
    clips_per_shard: int = 250
    """Clips in every shard but the last."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        check_range(self, 1, _WIDEST, "frames")
        check_range(self, 1, math.inf, "clips_per_shard")
        check_positive(self, math.inf, "range_db")


@dataclass(frozen=True)
class PackedClips:
    """How many clips became how many pictures."""

    clips: int
    pictures: int
    height: int
    width: int
    out: str

    def __str__(self) -> str:
        pictures = f"{self.pictures} pictures of {self.height}×{self.width}"
        return f"{visible(self.out)}: {pictures} from {self.clips} clips"


def pack_spectrograms(config: SpectrogramsConfig) -> PackedClips:
    """Write the clips of a task as log-mel pictures into a dataset folder.

    A picture is what a sound encoder is given of the clip: mel bands, the lowest in row 0, and time to the
    right; levels from `range_db` below the clip's loudest band up to it are the grays from 0 to 255. Labels
    and folds are written down with each picture, and no pre-training looks at them. All clips take part,
    those of test folds too, unless `held_out` leaves them out.

    Raises:
        TrainerError: clips that cannot be read, or no such fold.
        PatternGenError: the folder holds another dataset.
    """
    check_folder(config.out)
    task = load(config.task, config.root)
    for note in task.notes:
        print_notice(f"{task.name}: {note}")
    logmel = log_mel(config.sound, config.range_db)
    chosen = _chosen(task, config.held_out)
    if config.join:  # neighbours in a list are of one speaker, or of one class
        chosen = np.random.default_rng(0).permutation(chosen).tolist()
    parts = [
        partial(_pictures, task, logmel, config, chosen[start : start + config.clips_per_shard])
        for start in range(0, len(chosen), config.clips_per_shard)
    ]
    try:
        files = [digests.of_file(task.clips[i].path) for i in chosen]
    except OSError as error:
        raise TrainerError(f"{error.filename}: {error.strerror}; repair it or remove it") from None
    labels = [task.clips[i].labels for i in chosen]
    dataset = pack(
        config.out,
        parts,
        label=f"recordings:{task.name}",
        identity=digests.of_values(
            asdict(logmel),
            config.frames,
            config.join,
            config.clips_per_shard,
            task.clip_seconds,
            files,
            labels,
        ),
        num_classes=1 if task.multi_label else len(task.classes),
    )
    return PackedClips(len(chosen), dataset.count, logmel.n_mels, config.frames, config.out)


def _chosen(task: Task, held_out: Sequence[int]) -> list[int]:
    """Return which clips are not in the test part of some folds."""
    folds = task.pick_folds(held_out, "--held-out") if held_out else []
    left_out = {int(i) for fold in folds for i in fold.test}
    chosen = [i for i in range(len(task.clips)) if i not in left_out]
    if not chosen:
        raise TrainerError(f"{task.name}: every clip is in the test part of a fold that --held-out names")
    return chosen


def _pictures(
    task: Task, logmel: LogMel, config: SpectrogramsConfig, clips: Sequence[int]
) -> Iterator[Pictures]:
    """Make the pictures of some clips: a batch for each of them, or one for all of them joined."""
    paths = [task.clips[i].path for i in clips]
    sounds = [grays(sound, logmel) for sound in load_logmels(paths, logmel, clip_seconds=task.clip_seconds)]
    if config.join:
        begins = np.cumsum([0, *(sound.shape[1] for sound in sounds)])
        starts, pixels = windows(np.concatenate(sounds, axis=1), config.frames)
        owners = (np.searchsorted(begins, starts, side="right") - 1).tolist()
        firsts = [start - int(begins[n]) for start, n in zip(starts, owners, strict=True)]
        yield _batch(task, logmel, [clips[n] for n in owners], firsts, pixels)
    else:
        for i, sound in zip(clips, sounds, strict=True):
            starts, pixels = windows(sound, config.frames)
            yield _batch(task, logmel, [i] * len(starts), starts, pixels)


def _batch(
    task: Task, logmel: LogMel, clips: Sequence[int], starts: Sequence[int], pixels: NDArray[np.uint8]
) -> Pictures:
    """Describe pictures [N, M, F] by the clips that they begin in, and the frames where they do."""
    return Pictures(
        pixels=np.broadcast_to(pixels[..., None], (*pixels.shape, 3)),
        params=[
            {
                "clip": as_text(task.clips[i].path.name),
                "labels": json.dumps(task.clips[i].labels, ensure_ascii=False),
                "part": task.clips[i].part,
                "seconds": round(start * logmel.hop_ms / 1000, 3),
            }
            for i, start in zip(clips, starts, strict=True)
        ],
        class_id=np.array([0 if task.multi_label else task.targets[i] for i in clips], np.int64),
    )


def grays(sound: Tensor, logmel: LogMel) -> NDArray[np.uint8]:
    """Show a log-mel [M, F] of relative levels as bytes: silence 0, the loudest band 255."""
    return (255 * (1 - sound / logmel.silence)).round().clamp(0, 255).to(torch.uint8).numpy()


def windows(picture: NDArray[np.uint8], width: int) -> tuple[list[int], NDArray[np.uint8]]:
    """Cut a picture [M, F] into as few pieces as cover it, evenly spaced; a shorter one is filled with black.

    Returns:
        First columns of the N pieces, and the pieces [N, M, width].
    """
    length = picture.shape[1]
    if length < width:
        picture = np.pad(picture, ((0, 0), (0, width - length)))
        length = width
    count = -(-length // width)
    starts = np.linspace(0, length - width, count).round().astype(int).tolist()
    return starts, np.stack([picture[:, start : start + width] for start in starts])
