import pytest

from trainer import tasks
from trainer.errors import TrainerError


@pytest.fixture
def published(tmp_path, sound):
    lines = []
    for speaker in ("id10001", "id10002"):
        for split, video in ((1, "na8-QEFmj44"), (1, "UA_OwLZvKCA"), (2, "WbB8m9-wlIQ"), (3, "zELwAz2W6hM")):
            for i in (1, 2):
                file = f"{speaker}/{video}/{i:05d}.wav"
                sound(tmp_path / "wav" / file, rate=16_000)
                lines.append(f"{split} {file}")
    (tmp_path / "iden_split.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_published_layout(published, apart):
    task = tasks.load("vc1", published)
    assert task.classes == ("id10001", "id10002")
    (fold,) = task.folds()
    assert (len(fold.train), len(fold.valid), len(fold.test)) == (8, 4, 4)
    assert {task.clips[i].path.parent.name for i in fold.test} == {"zELwAz2W6hM"}
    apart(task, lambda path: path.parent)
    assert {clip.group for clip in task.clips} >= {"id10001/na8-QEFmj44"}


def test_a_speaker_of_whom_nothing_is_learned(published, sound):
    sound(published / "wav" / "id10003" / "aaaaaaaaaaa" / "00001.wav")
    with (published / "iden_split.txt").open("a") as file:
        file.write("3 id10003/aaaaaaaaaaa/00001.wav\n")
    with pytest.raises(TrainerError, match="vc1: 1 held-out clip of split with the label 'id10003'"):
        tasks.load("vc1", published)


@pytest.mark.parametrize("line", ["4 id10001/na8-QEFmj44/00001.wav", "1 00001.wav", "id10001", "1"])
def test_a_line_that_cannot_be_read(published, line):
    (published / "iden_split.txt").write_text(f"\n{line}\n")
    with pytest.raises(TrainerError, match=r"iden_split\.txt line 2: .* must be a split 1, 2 or 3"):
        tasks.load("vc1", published)


def test_without_the_list_it_is_named(published):
    (published / "iden_split.txt").unlink()
    with pytest.raises(TrainerError, match=r"expected iden_split\.txt and wav/SPEAKER/VIDEO/N\.wav"):
        tasks.load("vc1", published)
