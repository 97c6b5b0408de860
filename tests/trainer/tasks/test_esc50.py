import pytest

from trainer import tasks
from trainer.errors import TrainerError

HEADER = "filename,fold,target,category,esc10,src_file,take"
CATEGORIES = ("dog", "chirping_birds", "vacuum_cleaner")


@pytest.fixture
def published(tmp_path, sound):
    rows = [HEADER]
    for fold in range(1, 6):
        for target, category in enumerate(CATEGORIES):
            name = f"{fold}-10003{target}-A-{target}.wav"
            sound(tmp_path / "audio" / name)
            rows.append(f"{name},{fold},{target},{category},True,10003{target},A")
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_published_layout(published):
    task = tasks.load("esc50", published)
    assert task.classes == tuple(sorted(CATEGORIES))
    assert task.clip_seconds == 5.0
    for fold, number in zip(task.folds(), "12345", strict=True):
        assert fold.name == f"fold {number}"
        assert {task.clips[i].path.name[0] for i in fold.test} == {number}


def test_missing_clips_are_counted(published):
    for path in sorted((published / "audio").glob("1-*")):
        path.unlink()
    with pytest.raises(
        TrainerError, match=r"lists 3 of 15 files that do not exist, first .*1-100030-A-0\.wav"
    ):
        tasks.load("esc50", published)


def test_a_wrong_fold_names_its_line(published):
    table = published / "meta" / "esc50.csv"
    table.write_text(table.read_text().replace("0.wav,1,", "0.wav,first,", 1))
    with pytest.raises(TrainerError, match=r"esc50\.csv line 2: fold = 'first' must be an integer"):
        tasks.load("esc50", published)


def test_wrong_columns_are_named(published):
    (published / "meta" / "esc50.csv").write_text("filename,category\na.wav,dog\n")
    with pytest.raises(TrainerError, match="expected the columns filename, fold, category; fold missing"):
        tasks.load("esc50", published)


def test_real_esc50(real):
    task = tasks.load("esc50", real("esc50"))
    assert (len(task.clips), len(task.classes), len(task.fold_names)) == (2000, 50, 5)
    assert all(len(fold.test) == 400 for fold in task.folds())
