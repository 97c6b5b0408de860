from collections import Counter

import pytest

from trainer import tasks
from trainer.errors import TrainerError

TONES = [f"factory_Tone {i:02d}, bright" for i in range(20)]


@pytest.fixture
def published(tmp_path, sound):
    sample = sound(tmp_path / TONES[0] / "60.ogg", rate=16_000).read_bytes()
    for tone in TONES:
        (tmp_path / tone).mkdir(exist_ok=True)
        for note in (21, 60, 108):
            (tmp_path / tone / f"{note}.ogg").write_bytes(sample)
    return tmp_path


def test_published_layout(published, apart):
    task = tasks.load("surge", published)
    assert task.classes == ("108", "21", "60")
    assert Counter(clip.split for clip in task.clips) == {"train": 48, "valid": 6, "test": 6}
    apart(task, lambda path: path.parent)


def test_evars_list_is_followed(published, apart):
    splits = {tone: ("train", "test", "valid")[i % 3] for i, tone in enumerate(TONES)}
    rows = [f'"{tone}",{split}' for tone, split in splits.items()]
    (published / "dataset_surge_tone_splits.csv").write_text("\n".join(["tone,split", *rows]))
    task = tasks.load("surge", published)
    assert all(clip.split == splits[clip.path.parent.name] for clip in task.clips)
    apart(task, lambda path: path.parent)
    assert task.notes == ()


def test_a_tone_that_the_list_lacks(published):
    (published / "dataset_surge_tone_splits.csv").write_text("tone,split\nelsewhere,train\n")
    with pytest.raises(TrainerError, match=r"tone_splits\.csv does not list factory_Tone 00, bright"):
        tasks.load("surge", published)
