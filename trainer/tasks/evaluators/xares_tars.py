"""A task as X-ARES reads it: WebDataset tars of sound with a label, and the file that describes the task.

The layout is xares 0.1.3's: ``wds-audio-fold-1-000000.tar`` of each fold or ``train-000000.tar`` of each
split; in them ``c000012.wav`` and ``c000012.json``; beside them the empty ``.audio_tar_ready``, without which
it downloads.
"""

import io
import json
import tarfile
from pathlib import Path

from patterngen.common.progress import Progress
from patterngen.storage.files import atomic_file, write_atomic
from trainer.errors import TrainerError
from trainer.tasks.contract import Task
from trainer.tasks.evaluators.excerpt import excerpt

ENDINGS = frozenset({".flac", ".mp3", ".ogg", ".wav"})
"""What X-ARES takes from a tar and libsndfile reads."""
READY = ".audio_tar_ready"
TASK_FILE = "xares_task.py"
CLIPS_PER_TAR = 1000

_TASK = '''"""{title}: {clips} clips of {classes} classes, for X-ARES. `trainer tasks export` wrote it."""

from pathlib import Path

from xares.task import TaskConfig


def task_config(encoder):
    here = Path(__file__).resolve().parent
    return TaskConfig(
        encoder=encoder,
        name=here.name,
        env_root=here.parent,
        private=True,  # the tars lie here; nothing is downloaded
        batch_size_encode=1,  # in a larger batch, shorter clips are followed by silence
        label_processor=lambda described: described["label"],
        output_dim={classes},
        eval_weight={tested},
        {settings},
    )
'''


def write_tars(task: Task, folder: Path) -> int:
    """Write a task as tars and the file that `python -m xares.run` takes.

    The label in a clip's JSON is its class id, or of clips with several labels the list of 0 and 1.

    Args:
        task: the clips.
        folder: new; X-ARES keeps what it computes in it, too.

    Returns:
        How many clips are not the files as they are but pieces of them, in WAV.

    Raises:
        TrainerError: a name that Python cannot import.
        ClipError: a clip that cannot be read.
    """
    if not folder.name.isidentifier():
        raise TrainerError(f"--out {folder}: X-ARES imports it; rename the folder to a-z, 0-9 and _")
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[int]] = {}
    for i, clip in enumerate(task.clips):
        parts.setdefault(str(clip.split) if clip.fold is None else f"wds-audio-fold-{clip.fold}", []).append(
            i
        )
    pieces = 0
    with Progress(len(task.clips), unit="clips", label="tars") as progress:
        for part, members in sorted(parts.items()):
            for shard, start in enumerate(range(0, len(members), CLIPS_PER_TAR)):
                inside = members[start : start + CLIPS_PER_TAR]
                with (
                    atomic_file(folder / f"{part}-{shard:06}.tar") as file,
                    tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
                ):
                    for i in inside:
                        pieces += _add(tar, task, i)
                        progress.advance()
    write_atomic(folder / TASK_FILE, _described(task, parts).encode())
    write_atomic(folder / READY, b"")
    return pieces


def _add(tar: tarfile.TarFile, task: Task, i: int) -> bool:
    """Add a clip and its label; return whether it is a piece of its file."""
    path = task.clips[i].path
    piece = excerpt(path, task.clip_seconds, ENDINGS)
    ending, sound = (path.suffix.lower(), path.read_bytes()) if piece is None else (".wav", piece)
    for name, data in (
        (f"c{i:06}{ending}", sound),
        (f"c{i:06}.json", json.dumps({"label": task.targets[i].tolist()}).encode()),
    ):
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return piece is not None


def _described(task: Task, parts: dict[str, list[int]]) -> str:
    """Return the Python that makes X-ARES's settings."""
    settings = [f"k_fold_splits={list(task.fold_names)}"]
    tested = round(len(task.clips) / max(1, len(task.fold_names)))
    if not task.has_folds:
        tested = len(parts["test"])
        # X-ARES chooses the epoch by a validation split: by training clips where there is no other.
        settings = [f'valid_split="{"valid" if "valid" in parts else "train"}"']
    if task.multi_label:
        settings += ['criterion="BCEWithLogitsLoss"', 'metric="mAP"', "do_knn=False"]
    return _TASK.format(
        title=task.name.replace("\\", "").replace('"', ""),
        clips=len(task.clips),
        classes=len(task.classes),
        tested=tested,
        settings=",\n        ".join(settings),
    )
