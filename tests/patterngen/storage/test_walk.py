"""Files below a folder: which are found, and what is said of the others."""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.storage.walk import LeftOut, find_files, subfolders

ENDINGS = (".wav",)


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def names(root: Path, deep: bool = True) -> list[str]:
    return [path.relative_to(root).as_posix() for path in find_files(root, ENDINGS, deep=deep).files]


def test_files_are_found_by_their_endings_in_any_case_at_any_depth(tmp_path: Path) -> None:
    put(tmp_path, "b.wav", "a.WAV", "x/y/c.Wav", "x/d.txt", "wav", "e.wav.bak")
    assert names(tmp_path) == ["a.WAV", "b.wav", "x/y/c.Wav"]
    assert names(tmp_path, deep=False) == ["a.WAV", "b.wav"]
    assert subfolders(tmp_path) == (tmp_path / "x",)


@pytest.mark.parametrize(
    "name",
    [
        "._a.wav",
        ".a.wav",
        ".ipynb_checkpoints/a-checkpoint.wav",
        ".Trash-1000/files/a.wav",
        "__MACOSX/._a.wav",
        "@eaDir/a.wav/SYNOAUDIO.wav",
        "#recycle/a.wav",
        "$RECYCLE.BIN/a.wav",
        "System Volume Information/a.wav",
        "lost+found/a.wav",
        "Thumbs.db",
        "desktop.ini",
    ],
)
def test_what_a_system_or_a_program_put_there_is_passed_over_and_counted(tmp_path: Path, name: str) -> None:
    put(tmp_path, "a.wav", "deep/b.wav", name, f"deep/{name}")
    found = find_files(tmp_path, ENDINGS)
    assert [path.name for path in found.files] == ["a.wav", "b.wav"]
    assert found.left_out.hidden.total() == 2
    assert str(found.left_out).startswith("left out: 2 hidden (")
    assert subfolders(tmp_path) == (tmp_path / "deep",)


def test_a_folder_that_the_user_names_may_be_hidden(tmp_path: Path) -> None:
    put(tmp_path, ".cache/a.wav")
    assert names(tmp_path / ".cache") == ["a.wav"]


def test_a_folder_is_no_file_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, "take.wav/a.wav")
    (tmp_path / "empty.wav").mkdir()
    assert names(tmp_path) == ["take.wav/a.wav"]
    assert str(find_files(tmp_path, ENDINGS).left_out) == ""


def test_other_kinds_are_counted_by_their_endings(tmp_path: Path) -> None:
    put(tmp_path, *(f"{i}.TXT" for i in range(3)), "x/a.pdf", "LICENSE", "1.5 metres, outside")
    left_out = find_files(tmp_path, ENDINGS).left_out
    assert left_out.endings == {".txt": 3, ".pdf": 1, "": 2}
    assert left_out.notes == ("left out: 6 files of other kinds (.txt 3, no ending 2, .pdf 1)",)
    put(tmp_path, *(f"a.e{i}" for i in range(20)))
    assert str(find_files(tmp_path, ENDINGS).left_out).endswith("and 18 more)")


def test_links_are_followed(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/1.wav", "elsewhere/sub/2.wav", "root/0.wav")
    (tmp_path / "root/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root/c.wav").symlink_to("../elsewhere/1.wav")
    assert names(tmp_path / "root") == ["0.wav", "b/1.wav", "b/sub/2.wav", "c.wav"]
    assert subfolders(tmp_path / "root") == (tmp_path / "root/b",)


@pytest.mark.parametrize("to", [".", "..", "/", "x", "x/y", "../root"])
def test_a_circle_of_links_is_walked_once(tmp_path: Path, to: str) -> None:
    put(tmp_path, "root/a.wav", "root/x/b.wav", "root/x/y/c.wav")
    (tmp_path / "root/x/y/back").symlink_to(tmp_path / "root" / to)
    found = find_files(tmp_path / "root", ENDINGS)
    assert [path.name for path in found.files] == ["a.wav", "b.wav", "c.wav"]
    assert str(found.left_out) == "left out: 1 linked folder in a circle"


def test_links_that_lead_nowhere_and_what_is_no_file_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    (tmp_path / "b.wav").symlink_to("nowhere.wav")
    (tmp_path / "c.wav").symlink_to("c.wav")
    os.mkfifo(tmp_path / "d.wav")  # which nobody should wait at
    found = find_files(tmp_path, ENDINGS)
    assert [path.name for path in found.files] == ["a.wav"]
    assert str(found.left_out) == "left out: 3 broken links"
    assert subfolders(tmp_path) == ()


def test_names_that_are_no_text_are_found_and_said(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"caf\xe9.wav"), os.fsdecode(b"@eaDir"), os.fsdecode(b".\xff"))
    found = find_files(tmp_path, ENDINGS)
    assert [os.fsencode(path.name) for path in found.files] == [b"caf\xe9.wav"]
    assert str(found.left_out) == r"left out: 2 hidden (.\udcff 1, @eaDir 1)"


def test_what_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PatternGenError, match="nowhere: no such folder"):
        find_files(tmp_path / "nowhere", ENDINGS)
    put(tmp_path, "closed/a.wav")
    scandir = os.scandir

    def closed(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(PatternGenError, match=r"closed: cannot be listed \(Permission denied\); make it"):
        find_files(tmp_path, ENDINGS)


def test_the_order_is_that_of_the_names_in_whichever_form(tmp_path: Path) -> None:
    for folder, accented in (("c", "\u00e9.wav"), ("d", "e\u0301.wav")):
        put(tmp_path, *(f"{folder}/{name}" for name in ("f.wav", "z.wav", accented)))
    orders = [[path.stem[0] for path in find_files(tmp_path / folder, ENDINGS).files] for folder in "cd"]
    assert orders == [["f", "z", "\u00e9"], ["f", "z", "e"]]


COUNTS = st.dictionaries(st.sampled_from([".txt", ".pdf", ""]), st.integers(1, 9)).map(Counter)
LEFT_OUT = st.builds(
    LeftOut, endings=COUNTS, hidden=COUNTS, circles=st.integers(0, 9), broken=st.integers(0, 9)
)


@given(LEFT_OUT, LEFT_OUT)
def test_counts_of_two_folders_add_up(a: LeftOut, b: LeftOut) -> None:
    both = a + b
    assert both == b + a
    assert both.endings.total() == a.endings.total() + b.endings.total()
    assert (both.circles, both.broken) == (a.circles + b.circles, a.broken + b.broken)
    assert bool(both.notes) == bool(a.notes or b.notes)
