"""Sound to try an encoder on: a folder of the user's, or the best that this machine can get."""

from dataclasses import dataclass
from pathlib import Path

from patterngen.home import expanded
from patterngen.storage.walk import is_hidden
from trainer.errors import TrainerError
from trainer.tasks import debian, drums, tones
from trainer.tasks.metadata import METADATA

_SIGNS: tuple[tuple[str, str], ...] = (
    ("esc50", "meta/esc50.csv"),
    ("us8k", "metadata/UrbanSound8K.csv"),
    ("fsdd", "recordings"),
    ("spcv2", "visual/*_nohash_*"),
    ("spcv1", "testing_list.txt"),
    ("vc1", "iden_split.txt"),
    ("voxforge", "voxforge.csv"),
    ("cremad", "AudioWAV"),
    ("gtzan", "genres"),
    ("nsynth", "nsynth-train"),
    ("as20k", "balanced_train_segments.csv"),
    ("fsd50k", "FSD50K.ground_truth"),
    ("drums", "*/drumkit.xml"),
    ("drums", "usr/share/hydrogen/data/drumkits"),
    ("csv", METADATA),
)
"""What a published folder is known by: the task, and a pattern of what lies in it."""


@dataclass(frozen=True, kw_only=True)
class FindSoundConfig:
    """Where to look for sound."""

    audio: str | None = None
    """A dataset's published folder, or any with metadata.csv; without it, what this machine can get."""
    json: bool = False
    """Print JSON instead of text."""


@dataclass(frozen=True)
class FoundSound:
    """A task and the folder to load it from.

    Attributes:
        task: name of the task, as `trainer.tasks.load` takes it.
        root: folder of the clips.
        notice: what the user should know about the choice; None if it is what was asked for.
    """

    task: str
    root: Path
    notice: str | None = None


def find_sound(audio: str | None = None, cache: Path | None = None) -> FoundSound:
    """Choose real sound: a folder that is named, else drum kits from Debian, else tones made here.

    Args:
        audio: a dataset's published folder or any with metadata.csv; None or empty if there is none.
        cache: where fetched and made sound is kept; by default ``$XDG_CACHE_HOME/patterngen``.

    Raises:
        TrainerError: the named folder is missing or in no known layout, or the tones cannot be written.
    """
    if audio:
        root = expanded(audio)
        return FoundSound(guess_task(root), root)
    cache = cache or debian.cache_folder()
    try:
        return FoundSound("drums", drums.fetch(cache), "no sound was named: Debian's drum kits are used")
    except TrainerError as error:
        notice = f"{error}. Tones made by the project stand in: no recordings, so the scores say little"
        return FoundSound("tones", tones.synthesise(cache / "tones"), notice)


def guess_task(root: Path) -> str:
    """Tell from the files of a folder which task it holds.

    Raises:
        TrainerError: no such folder, or no layout that is known.
    """
    if not root.is_dir():
        raise TrainerError(f"{root}: no such folder; name one that holds recordings")
    for task, sign in _SIGNS:
        # What an archiver or an editor put beside the user's file under the same name tells nothing.
        if any(not any(map(is_hidden, path.relative_to(root).parts)) for path in root.glob(sign)):
            return task
    signs = ", ".join(f"{sign} ({task})" for task, sign in _SIGNS)
    raise TrainerError(f"{root} is in no known layout: expected one of {signs}")
