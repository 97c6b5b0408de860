import json
import shutil

import numpy as np
import pytest
import soundfile

from patterngen import PatternGenError
from trainer.cli import main
from trainer.errors import TrainerError
from trainer.tasks.check import TaskCheckConfig, check_task

CLIPS = (
    ("a.wav", "x", 1, "ann"),
    ("b.flac", "y", 1, "ann"),
    ("c.mp3", "x", 2, "bob"),
    ("d.ogg", "y", 2, "bob"),
)


@pytest.fixture
def folder(tmp_path, sound):
    """Four clips of four formats in two folds of one speaker each."""

    def write(clips=CLIPS):
        for i, (name, *_) in enumerate(clips):
            if not (tmp_path / name).exists():
                sound(tmp_path / name, seconds=0.5 + 0.25 * i, rate=16_000)
        rows = [",".join(map(str, clip)) for clip in clips]
        (tmp_path / "metadata.csv").write_text("\n".join(["file_name,label,fold,group", *rows]))
        return tmp_path

    return write


def check(root, name="csv", **more):
    return check_task(TaskCheckConfig(name=name, root=str(root), **more))


def test_what_is_sound_is_counted(folder):
    found = check(folder())
    assert found.usable
    assert (found.clips, found.classes, found.metric) == (4, 2, "accuracy")
    assert found.parts == {"fold 1": 2, "fold 2": 2}
    assert found.smallest_class[1] == found.largest_class[1] == 2
    assert found.durations.shortest == pytest.approx(0.5)
    assert found.durations.longest == pytest.approx(1.25)
    assert found.durations.hours == pytest.approx((0.5 + 0.75 + 1.0 + 1.25) / 3600, rel=0.05)
    assert found.sample_rates == {16_000: 4}
    assert found.shared_groups == found.unreadable == found.problems == ()


def test_unreadable_and_empty_files_are_named_and_counted(folder):
    root = folder()
    (root / "b.flac").write_bytes(b"no sound")
    soundfile.write(root / "a.wav", np.zeros(0), 16_000)
    found = check(root)
    assert not found.usable
    assert len(found.unreadable) == 2
    assert "clips that cannot be used: 2 (" in found.problems[0]
    assert str(root / "b.flac") in found.problems[0]
    assert "a.wav: holds no samples" in found.problems[0]
    assert sum(found.sample_rates.values()) == 2


def test_nothing_readable_at_all(folder):
    root = folder()
    for name, *_ in CLIPS:
        (root / name).write_bytes(b"")
    found = check(root, name="csv:clip_seconds=1")
    assert found.durations is None
    assert "clips that cannot be used: 4 (" in str(found)
    assert "none of the first 4 clips holds sound" in str(check(root))


def test_a_speaker_in_two_folds_is_told(folder):
    found = check(folder([*CLIPS[:3], ("d.ogg", "y", 2, "ann")]))
    assert found.shared_groups == ("ann",)
    assert "sources with clips both to learn from and to test: 1 (ann)" in found.notes


@pytest.mark.parametrize("contents", [False, True])
def test_copies_under_another_name_are_found(folder, contents):
    root = folder()
    shutil.copy(root / "a.wav", root / "e.wav")
    root = folder([*CLIPS, ("e.wav", "x", 2, "bob")])
    found = check(root, contents=contents)
    assert not found.usable
    assert found.copies == (f"{root / 'a.wav'} (fold 1) = {root / 'e.wav'} (fold 2)",)


def test_only_files_of_equal_size_in_two_parts_are_compared(folder, sound):
    root = folder()
    content = bytearray((root / "a.wav").read_bytes())
    for name, place in (("middle.wav", len(content) // 2 + 9), ("begin.wav", 60), ("end.wav", -1)):
        other = content.copy()
        other[place] ^= 1
        (root / name).write_bytes(other)
    rows = [("middle.wav", "x", 2, "bob"), ("begin.wav", "x", 2, "bob"), ("end.wav", "y", 1, "ann")]
    found = check(folder([*CLIPS, *rows]))
    assert found.usable
    assert found.compared == 4
    assert "4 of them compared by content (those of equal size in two parts)" in str(found)
    found = check(folder(), contents=True)
    assert found.compared == 4
    assert "4 of them compared by content\n" in str(found)


def test_what_no_header_shows_is_found_where_sounds_are_compared(folder):
    root = folder()
    soundfile.write(root / "a.wav", np.array([0.1, 3e38] * 4000), 16_000, subtype="FLOAT")
    assert check(root).usable
    found = check(root, contents=True)
    assert not found.usable
    assert found.unreadable[0].startswith(f"{root / 'a.wav'}: holds a sample of 3e+38, beyond")


def test_a_file_that_is_cut_short_is_a_problem(folder):
    root = folder()
    (root / "b.flac").write_bytes((root / "b.flac").read_bytes()[:-100])
    found = check(root)
    assert not found.usable
    assert "b.flac: breaks off after" in found.problems[0]


def test_a_copy_in_another_format_is_found_where_sounds_are_compared(folder):
    root = folder()
    samples, rate = soundfile.read(root / "a.wav", dtype="int16")
    soundfile.write(root / "e.flac", samples, rate)
    root = folder([*CLIPS, ("e.flac", "x", 2, "bob")])
    assert check(root).usable
    (line,) = check(root, contents=True).problems
    assert line.startswith(f"equal sounds in two parts: 1 ({root / 'a.wav'} (fold 1) = ")
    (root / "a.wav").write_bytes(b"no sound")
    assert check(root, contents=True).copies == ()


def test_of_many_copies_a_few_are_named(folder):
    root = folder()
    more = [(f"copy{i}.wav", "x", 1 + i % 2, "ann") for i in range(9)]
    for name, *_ in more:
        shutil.copy(root / "a.wav", root / name)
    (line,) = check(folder([*CLIPS, *more])).problems
    assert line.startswith("equal files in two parts: 1 (")
    assert line.endswith("and 5 more)")


def test_copies_within_a_fold_are_no_leak(folder):
    root = folder()
    shutil.copy(root / "a.wav", root / "e.wav")
    assert check(folder([*CLIPS, ("e.wav", "x", 1, "ann")])).usable


def test_what_makes_no_task_is_a_problem(folder):
    found = check(folder([*CLIPS, ("e.wav", "z", 2, "bob")]))
    assert not found.usable
    assert "label 'z'" in found.problems[0]
    assert found.clips == 0


def test_an_incomplete_copy_is_noted(folder):
    found = check(folder(), name="esc50")
    assert found.usable
    assert "4 clips; the published task has 2000" in found.notes


def test_wrong_names_are_the_users_mistake(folder):
    with pytest.raises(PatternGenError, match="unknown task 'cvs': did you mean csv"):
        check(folder(), name="cvs")
    with pytest.raises(TrainerError, match="no such folder"):
        check(folder() / "nowhere")


def test_splits_are_shown_in_order_of_use(tmp_path, sound):
    for split in ("train", "valid", "test"):
        for label in "ab":
            sound(tmp_path / split / label / "0.wav")
    assert list(check(tmp_path, name="folder").parts) == ["train", "valid", "test"]


def test_commands(folder, capsys):
    root = folder()
    assert main(["tasks", "check", "csv", "--root", str(root)]) == 0
    assert "4 clips, 2 classes" in capsys.readouterr().out
    assert main(["tasks", "check", "csv", "--root", str(root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parts"] == {"fold 1": 2, "fold 2": 2}
    assert main(["tasks", "check", "us8k:x=1", "--root", str(root)]) == 2
    (root / "a.wav").write_bytes(b"")
    assert main(["tasks", "check", "csv", "--root", str(root)]) == 1
    (root / "metadata.csv").unlink()
    assert main(["tasks", "check", "gtzan", "--root", str(root)]) == 1
    assert "expected genres/GENRE/GENRE.00000.wav" in capsys.readouterr().out


def test_the_list_says_how_large_whose_and_where(capsys):
    assert main(["tasks", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert entries["esc50"]["hours"] == pytest.approx(2000 * 5 / 3600, abs=0.05)
    assert {name for name, entry in entries.items() if entry["metric"] == "mAP"} == {"as20k", "fsd50k"}
    assert main(["tasks"]) == 0
    table = capsys.readouterr().out
    for name, entry in entries.items():
        assert name in table
        assert f"  {entry['source']}\n" in table


def test_real_esc50_has_the_four_shared_sources_of_the_official_folds(real):
    found = check(real("esc50"), name="csv:group=src")
    assert (found.clips, found.classes, len(found.shared_groups)) == (2000, 50, 4)
    assert found.durations.hours == pytest.approx(2000 * 5 / 3600)
