import pytest

from trainer import tasks
from trainer.errors import TrainerError

SPLITS = {"0a7c2a8d": "train", "1b4c9b89": "train", "2aa787cf": "validation", "3b4f8f24": "testing"}
"""Speakers and the lists they are in."""


@pytest.fixture
def published(tmp_path, sound):
    for word in ("yes", "no", "bed"):
        for speaker in SPLITS:
            for take in range(2):
                sound(tmp_path / word / f"{speaker}_nohash_{take}.wav", rate=16_000)
    sound(tmp_path / "_background_noise_" / "running_tap.wav")
    for part in ("validation", "testing"):
        names = [
            f"{path.parent.name}/{path.name}"
            for path in sorted(tmp_path.glob("[a-z]*/*.wav"))
            if SPLITS[path.name[:8]] == part
        ]
        (tmp_path / f"{part}_list.txt").write_text("\n".join(names) + "\n")
    (tmp_path / "LICENSE").write_text("")
    (tmp_path / "README.md").write_text("")
    return tmp_path


@pytest.mark.parametrize("name", ["spcv1", "spcv2"])
def test_published_layout(published, apart, name):
    task = tasks.load(name, published)
    assert task.classes == ("bed", "no", "yes")  # the noise is no word
    (fold,) = task.folds()
    assert (len(fold.train), len(fold.valid), len(fold.test)) == (12, 6, 6)
    parts = {"train": fold.train, "validation": fold.valid, "testing": fold.test}
    for part, indices in parts.items():
        assert {SPLITS[task.clips[i].path.name[:8]] for i in indices} == {part}
    apart(task, lambda path: path.name.split("_")[0])


def test_version_2_is_not_version_1(published, sound):
    for speaker in SPLITS:
        sound(published / "visual" / f"{speaker}_nohash_0.wav")
    assert "visual" in tasks.load("spcv2", published).classes
    with pytest.raises(TrainerError, match="the words visual are of version 2; name the task spcv2"):
        tasks.load("spcv1", published)


def test_a_listed_file_that_is_missing(published):
    (published / "yes" / "3b4f8f24_nohash_0.wav").unlink()
    with pytest.raises(TrainerError, match=r"testing_list\.txt lists 1 of 6 files that do not exist"):
        tasks.load("spcv2", published)


def test_a_file_in_both_lists(published):
    with (published / "validation_list.txt").open("a") as file:
        file.write("yes/3b4f8f24_nohash_0.wav\n")
    with pytest.raises(TrainerError, match=r"yes/3b4f8f24_nohash_0\.wav, which is in the valid list too"):
        tasks.load("spcv2", published)


def test_a_list_with_a_byte_order_mark(published):
    clips = tasks.load("spcv2", published).clips
    for name, encoding in (("validation_list.txt", "utf-8-sig"), ("testing_list.txt", "utf-16")):
        (published / name).write_text((published / name).read_text(), encoding)
    assert tasks.load("spcv2", published).clips == clips


def test_a_list_that_is_no_text(published):
    (published / "testing_list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TrainerError, match=r"testing_list\.txt: cannot be read as a list in UTF-8"):
        tasks.load("spcv1", published)


def test_one_list_alone_is_not_the_layout(published):
    (published / "testing_list.txt").unlink()
    with pytest.raises(TrainerError, match=r"expected validation_list\.txt, testing_list\.txt and WORD/"):
        tasks.load("spcv2", published)
