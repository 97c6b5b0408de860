import pytest

from trainer import tasks
from trainer.errors import TrainerError

EMOTIONS = ("ANG", "DIS", "FEA", "HAP", "NEU", "SAD")


@pytest.fixture
def published(tmp_path, sound):
    sample = sound(tmp_path / "AudioWAV" / "1001_DFA_ANG_XX.wav", rate=16_000).read_bytes()
    for actor in range(1001, 1092):
        for emotion in EMOTIONS:
            (tmp_path / "AudioWAV" / f"{actor}_DFA_{emotion}_XX.wav").write_bytes(sample)
    (tmp_path / "VideoDemographics.csv").write_text("")
    return tmp_path


def actor(path):
    return path.name[:4]


def test_published_layout(published, apart):
    task = tasks.load("cremad", published)
    assert task.classes == EMOTIONS
    (fold,) = task.folds()
    # The protocol's numbers of actors.
    parts = (fold.train, fold.valid, fold.test)
    assert [len({actor(task.clips[i].path) for i in part}) for part in parts] == [63, 9, 19]
    apart(task, actor)
    assert "our own" in task.notes[0]


def test_the_split_does_not_hang_on_what_else_is_there(published):
    whole = {clip.path.name: clip.split for clip in tasks.load("cremad", published).clips}
    for emotion in EMOTIONS[1:]:
        (published / "AudioWAV" / f"1050_DFA_{emotion}_XX.wav").unlink()
    fewer = {clip.path.name: clip.split for clip in tasks.load("cremad", published).clips}
    assert fewer == {name: split for name, split in whole.items() if name in fewer}


def test_evars_list_is_followed(published, apart):
    rows = ["file_name,label,speaker_id,split"]
    for path in sorted((published / "AudioWAV").iterdir()):
        split = ("train", "valid", "test")[int(actor(path)) % 3]
        rows.append(f"{path.name},{path.name[9:12]},{actor(path)},{split}")
    (published / "cremad.csv").write_text("\n".join(rows[:-4]))
    task = tasks.load("cremad", published)
    assert all(clip.split == ("train", "valid", "test")[int(actor(clip.path)) % 3] for clip in task.clips)
    apart(task, actor)
    assert task.notes == ("4 clips are not in cremad.csv",)


def test_a_list_that_contradicts_itself(published):
    (published / "cremad.csv").write_text(
        "file_name,split\n1001_DFA_ANG_XX.wav,train\n1001_DFA_ANG_XX.wav,test\n"
    )
    with pytest.raises(TrainerError, match=r"line 3: 1001_DFA_ANG_XX\.wav is in test and in train"):
        tasks.load("cremad", published)
