import pytest

from trainer import tasks
from trainer.errors import TrainerError


def test_classes_are_dealt_into_folds(tmp_path, sound, apart):
    for label, count in (("Dog, barking", 10), ("cat", 7)):
        for i in range(count):
            sound(tmp_path / label / f"{i:02d}.{'flac' if i % 2 else 'mp3'}", 0.2)
        (tmp_path / label / "notes.txt").write_text("")
    task = tasks.load("folder", tmp_path)
    assert task.classes == ("Dog, barking", "cat")
    assert task.fold_names == (1, 2, 3, 4, 5)
    assert [clip.fold for clip in task.clips if clip.label != "cat"] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert task.clip_seconds == pytest.approx(0.2, abs=0.1)  # MP3 comes in whole frames
    apart(task, lambda path: path)


def test_folders_below_a_class_stay_whole(tmp_path, sound, apart):
    for label in ("cat", "dog"):
        for recording in range(7):
            for i in range(3):
                sound(tmp_path / label / f"r{recording}" / f"{i}.wav")
    task = tasks.load("folder:folds=3", tmp_path)
    assert task.fold_names == (1, 2, 3)
    apart(task, lambda path: path.parent)


def test_folders_named_after_splits_are_splits(tmp_path, sound):
    for split in ("train", "valid", "test"):
        for label in ("cat", "dog"):
            sound(tmp_path / split / label / "a.wav")
    task = tasks.load("folder", tmp_path)
    assert task.classes == ("cat", "dog")
    assert [clip.split for clip in task.clips] == ["train", "train", "valid", "valid", "test", "test"]


def test_folders_that_differ_in_what_nobody_sees_are_one_class(tmp_path, sound):
    for name in ("Möwe", "Mo\u0308we\u200b", "cat", "cat\u00a0", "Cat"):
        for i in range(5):
            sound(tmp_path / name / f"{i}.wav")
    task = tasks.load("folder", tmp_path)
    assert task.classes == ("Cat", "Möwe", "cat")
    assert "classes whose names look alike: 'Cat' and 'cat'" in task.notes


def test_a_class_of_one_clip_cannot_be_learned_and_tested(tmp_path, sound):
    for i in range(5):
        sound(tmp_path / "cat" / f"{i}.wav")
    sound(tmp_path / "dog" / "0.wav")
    with pytest.raises(TrainerError, match="1 held-out clip of fold 1 with the label 'dog'"):
        tasks.load("folder", tmp_path)


@pytest.mark.parametrize(
    ("names", "what"), [(["0"], "one clip"), (["r/0", "r/1"], "nearly all clips in one folder below it")]
)
def test_classes_of_one_clip_or_one_folder_leave_nothing_to_test_on(tmp_path, sound, names, what):
    for label in ("cat", "dog"):
        for name in names:
            sound(tmp_path / label / f"{name}.wav")
    with pytest.raises(TrainerError, match=f"every class has {what}.* nothing is left to test on; give"):
        tasks.load("folder", tmp_path)


def test_one_fold_is_none(tmp_path):
    with pytest.raises(TrainerError, match="folder: folds = 1 must be at least 2"):
        tasks.load("folder:folds=1", tmp_path)
