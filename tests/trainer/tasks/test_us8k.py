import pytest

from trainer import tasks
from trainer.errors import TrainerError

HEADER = "slice_file_name,fsID,start,end,salience,fold,classID,class"
CLASSES = ("air_conditioner", "car_horn", "children_playing")


@pytest.fixture
def published(tmp_path, sound):
    """Ten folds; each class has two slices of one recording in every fold."""
    rows = [HEADER]
    for fold in range(1, 11):
        for class_id, label in enumerate(CLASSES):
            recording = 100_000 + 10 * fold + class_id
            for i in range(2):
                name = f"{recording}-{class_id}-0-{i}.wav"
                sound(tmp_path / "audio" / f"fold{fold}" / name)
                rows.append(f"{name},{recording},0.0,0.1,1,{fold},{class_id},{label}")
        (tmp_path / "audio" / f"fold{fold}" / ".DS_Store").write_bytes(b"")
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "UrbanSound8K.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def recording(path):
    return path.name.split("-")[0]


def test_published_layout(published, apart):
    task = tasks.load("us8k", published)
    assert task.classes == CLASSES
    assert task.fold_names == tuple(range(1, 11))
    assert len(task.clips) == 60
    for fold in task.folds():
        assert {task.clips[i].path.parent.name for i in fold.test} == {fold.name.replace(" ", "")}
    apart(task, recording)


def test_the_check_of_folds_sees_a_recording_in_two(published, apart):
    """`apart` is what the other tests of layouts lean on."""
    table = published / "metadata" / "UrbanSound8K.csv"
    moved = "100010-0-0-1.wav"
    (published / "audio" / "fold1" / moved).rename(published / "audio" / "fold2" / moved)
    table.write_text(
        table.read_text().replace(f"{moved},100010,0.0,0.1,1,1,", f"{moved},100010,0.0,0.1,1,2,")
    )
    with pytest.raises(AssertionError):
        apart(tasks.load("us8k", published), recording)


def test_the_fold_of_the_table_must_be_that_of_the_folder(published):
    table = published / "metadata" / "UrbanSound8K.csv"
    table.write_text(table.read_text().replace("0.0,0.1,1,1,0,", "0.0,0.1,1,2,0,", 1))
    with pytest.raises(TrainerError, match=r"lists 1 of 60 files that do not exist, first .*fold2"):
        tasks.load("us8k", published)


def test_wrong_columns_are_named(published):
    (published / "metadata" / "UrbanSound8K.csv").write_text("slice_file_name,fold\na.wav,1\n")
    with pytest.raises(TrainerError, match="fsID, class missing among slice_file_name, fold"):
        tasks.load("us8k", published)
