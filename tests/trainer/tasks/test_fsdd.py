from itertools import product

import pytest

from trainer import tasks
from trainer.errors import TrainerError

SPEAKERS = ("yweweler", "george", "jackson")


@pytest.fixture
def published(tmp_path, sound):
    for digit, speaker, take in product(range(10), SPEAKERS, range(2)):
        sound(tmp_path / "recordings" / f"{digit}_{speaker}_{take}.wav")
    (tmp_path / "recordings" / ".DS_Store").write_bytes(b"")
    return tmp_path


def test_published_layout(published):
    task = tasks.load("fsdd", published)
    assert task.classes == tuple("0123456789")
    assert len(task.clips) == 60
    for fold, speaker in zip(task.folds(), sorted(SPEAKERS), strict=True):
        assert {task.clips[i].path.name.split("_")[1] for i in fold.test} == {speaker}
        assert len(fold.test) == 20
    for clip in task.clips:
        assert clip.label == clip.path.name[0]


def test_one_speaker_is_not_enough(tmp_path, sound):
    for digit in range(10):
        sound(tmp_path / "recordings" / f"{digit}_george_0.wav")
    with pytest.raises(TrainerError, match="all clips are in fold 1"):
        tasks.load("fsdd", tmp_path)


def test_recordings_without_recordings(tmp_path):
    (tmp_path / "recordings").mkdir()
    with pytest.raises(TrainerError, match="fsdd: no clips"):
        tasks.load("fsdd", tmp_path)


def test_real_digits(real):
    task = tasks.load("fsdd", real("fsdd"))
    assert (len(task.clips), len(task.classes), len(task.fold_names)) == (3000, 10, 6)
    for fold in task.folds():
        assert len({task.clips[i].path.name.split("_")[1] for i in fold.test}) == 1
