import pytest

from trainer import tasks
from trainer.errors import TrainerError

DEV = {
    "64760": ("Electric_guitar,Guitar,Music", "train"),
    "16399": ("Bark,Dog", "train"),
    "16401": ("Dog", "val"),
}
EVAL = {"37199": "Guitar,Music", "175151": "Bark,Dog"}


@pytest.fixture
def published(tmp_path, sound):
    truth = tmp_path / "FSD50K.ground_truth"
    truth.mkdir()
    rows = [f'{name},"{labels}","/m/1",{split}\n' for name, (labels, split) in DEV.items()]
    (truth / "dev.csv").write_text("fname,labels,mids,split\n" + "".join(rows))
    rows = [f'{name},"{labels}","/m/1"\n' for name, labels in EVAL.items()]
    (truth / "eval.csv").write_text("fname,labels,mids\n" + "".join(rows))
    for part, names in (("dev", DEV), ("eval", EVAL)):
        for name in names:
            sound(tmp_path / f"FSD50K.{part}_audio" / f"{name}.wav", rate=44_100)
    return tmp_path


def test_published_layout(published, apart):
    task = tasks.load("fsd50k", published)
    assert task.metric == "mAP"
    assert task.classes == ("Bark", "Dog", "Electric_guitar", "Guitar", "Music")
    (fold,) = task.folds()
    assert (list(fold.train), list(fold.valid), list(fold.test)) == ([0, 1], [2], [3, 4])
    assert task.targets.tolist()[1:3] == [[1, 1, 0, 0, 0], [0, 1, 0, 0, 0]]
    apart(task, lambda path: path.stem)


def test_a_label_that_is_tested_and_never_learned(published):
    table = published / "FSD50K.ground_truth" / "eval.csv"
    table.write_text(table.read_text().replace("Guitar,Music", "Sitar,Music"))
    with pytest.raises(TrainerError, match="fsd50k: 1 held-out clip of split with the label 'Sitar'"):
        tasks.load("fsd50k", published)


def test_another_split(published):
    table = published / "FSD50K.ground_truth" / "dev.csv"
    table.write_text(table.read_text().replace(",val", ",dev"))
    with pytest.raises(TrainerError, match=r"dev\.csv line 4: split = 'dev' must be train or val"):
        tasks.load("fsd50k", published)


def test_clips_that_are_not_unpacked(published):
    (published / "FSD50K.eval_audio" / "37199.wav").unlink()
    with pytest.raises(TrainerError, match=r"eval\.csv lists 1 of 2 files that do not exist"):
        tasks.load("fsd50k", published)
