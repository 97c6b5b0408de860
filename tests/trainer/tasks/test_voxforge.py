from collections import Counter

import pytest

from trainer import tasks
from trainer.tasks.check import shared_groups
from trainer.tasks.voxforge import uploader

FOLDERS = {"de": "de", "SpeechCorpus": "en", "ru": "ru"}


@pytest.fixture
def published(tmp_path, sound):
    """The server's tree: ten uploaders a language, each with two folders of prompts."""
    for folder in FOLDERS:
        for who in range(10):
            for date in ("20080101", "20090202"):
                prompts = f"{folder}user{who}-{date}-abc"
                wav = tmp_path / folder / "Trunk" / "Audio" / "Main" / "16kHz_16bit" / prompts / "wav"
                sound(wav / "de1-001.wav", rate=16_000)
                sound(wav.with_name("flac") / "de1-002.flac", rate=16_000)
                (wav.with_name("etc")).mkdir()
                (wav.with_name("etc") / "PROMPTS").write_text("")
    return tmp_path


def test_published_layout(published, apart):
    task = tasks.load("voxforge", published)
    assert task.classes == ("de", "en", "ru")
    assert len(task.clips) == 3 * 10 * 2 * 2
    apart(task, lambda path: path.parent.parent.name.split("-")[0])
    for language in task.classes:
        of_language = [clip for clip in task.clips if clip.label == language]
        assert Counter(clip.split for clip in of_language) == {"train": 28, "valid": 4, "test": 8}
    assert any("voxforge.csv of EVAR" in note for note in task.notes)


def test_who_speaks_two_languages_is_in_one_split(published, sound, apart):
    for folder in FOLDERS:
        for who in range(8):
            main = published / folder / "Trunk" / "Audio" / "Main" / "16kHz_16bit"
            sound(main / f"polyglot{who}-20100101-xyz" / "wav" / "a.wav")
    apart(tasks.load("voxforge", published), lambda path: path.parent.parent.name.split("-")[0])


def test_evars_list_is_followed(tmp_path, sound):
    rows = ["file_name,label,split"]
    for i, split in enumerate(("train", "valid", "test")):
        for language in ("de", "en"):
            name = f"{language}{i}-20080101-abc/wav/a.wav"
            sound(tmp_path / name)
            rows.append(f"{name},{language},{split}")
    (tmp_path / "voxforge.csv").write_text("\n".join(rows))
    task = tasks.load("voxforge", tmp_path)
    assert [clip.split for clip in task.clips] == ["train", "train", "valid", "valid", "test", "test"]
    assert task.notes == ()
    assert shared_groups(task) == ()


def test_uploaders_that_evars_list_splits_are_seen(tmp_path, sound):
    rows = ["file_name,label,split"]
    for who, date, split in (
        ("ann", 1, "train"),
        ("ann", 2, "test"),
        ("bob", 1, "train"),
        ("eve", 1, "test"),
    ):
        for language in ("de", "en"):
            name = f"{who}-2008010{date}-{language}/wav/a.wav"
            sound(tmp_path / name)
            rows.append(f"{name},{language},{split}")
    (tmp_path / "voxforge.csv").write_text("\n".join(rows))
    assert shared_groups(tasks.load("voxforge", tmp_path)) == ("ann",)


@pytest.mark.parametrize(
    ("prompts", "who"),
    [
        ("ralfherzog-20070812-de1", "ralfherzog"),
        ("anonymous-20080425-anc", "anonymous-20080425"),
        ("anonymous-20080425-bcd", "anonymous-20080425"),
        ("1337ad", "1337ad"),
    ],
)
def test_uploaders(prompts, who):
    assert uploader(prompts) == who
