import numpy as np
import pytest
import soundfile

from patterngen import PatternGenError
from trainer import tasks
from trainer.errors import TrainerError

ROWS = ("a.wav,dog,1", "sub/b.wav,cat,1", "c.wav,dog,2", "d.wav,cat,2")


@pytest.fixture
def folder(tmp_path, sound):
    """Four clips in two folds, and a function that writes their table."""
    for name, seconds in (("a.wav", 0.1), ("sub/b.wav", 0.4), ("c.wav", 0.2), ("d.wav", 0.1)):
        sound(tmp_path / name, seconds)

    def write(*rows, header="file_name,label,fold"):
        (tmp_path / "metadata.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return tmp_path

    return write


def test_folds(folder):
    task = tasks.load("csv", folder(*ROWS))
    assert task.classes == ("cat", "dog")
    assert [fold.name for fold in task.folds()] == ["fold 1", "fold 2"]
    assert all(clip.path.is_file() for clip in task.clips)


def test_splits(folder):
    rows = ("a.wav,dog,train", "sub/b.wav,cat,train", "c.wav,dog,valid", "d.wav,cat,test")
    (fold,) = tasks.load("csv", folder(*rows, header="file_name,label,split")).folds()
    assert (list(fold.train), list(fold.valid), list(fold.test)) == ([0, 1], [2], [3])


def test_a_table_without_folds_is_dealt_into_some_whatever_the_order_of_its_rows(folder, sound):
    root = folder()
    names = [f"{i:02}.wav" for i in range(20)]
    for name in names:
        sound(root / name, 0.01)
    rows = [f"{name},{'ab'[i % 2]}" for i, name in enumerate(names)]
    task = tasks.load("csv", folder(*reversed(rows), header="file_name,label"))
    assert [clip.path.name for clip in task.clips] == names
    assert [clip.fold for clip in task.clips] == [1 + i // 4 for i in range(20)]  # 2 of each class in each
    assert any("folds: 5, dealt by the names" in note for note in task.notes)
    assert len(list(tasks.load("csv:folds=2", root).folds())) == 2
    with pytest.raises(TrainerError, match=r"expected a column fold .*`--task csv` does without"):
        tasks.load("esc50", root)
    with pytest.raises(TrainerError, match="folds = 1 must be at least 2"):
        tasks.load("csv:folds=1", root)


def test_dealt_folds_keep_groups_whole_and_take_labels_of_several_as_one_class(folder, sound):
    root = folder()
    names = [f"{i:02}.wav" for i in range(12)]
    for name in names:
        sound(root / name, 0.01)
    rows = [f"{name},{'a;b' if i % 2 else 'a;c'},{'xyz'[i % 3]}" for i, name in enumerate(names)]
    task = tasks.load("csv:folds=3", folder(*rows, header="file_name,label,speaker"))
    assert {(clip.group, clip.fold) for clip in task.clips} == {("x", 1), ("y", 2), ("z", 3)}


def test_length_is_the_longest_clips_unless_given(folder):
    assert tasks.load("csv", folder(*ROWS)).clip_seconds == pytest.approx(0.4)
    assert tasks.load("csv", folder(*ROWS), clip_seconds=2.5).clip_seconds == 2.5


def test_another_column_may_hold_the_label(folder):
    rows = [f"{row},{species}" for row, species in zip(ROWS, "xyxy", strict=True)]
    task = tasks.load("csv", folder(*rows, header="file_name,label,fold,species"), label="species")
    assert task.classes == ("x", "y")


def test_a_byte_order_mark_and_quotes_are_understood(folder):
    rows = ('a.wav,"dog; rain",1', "sub/b.wav,dog,1", "c.wav,rain;dog,2", "d.wav,rain,2")
    task = tasks.load("csv", folder(*rows, header="\ufefffile_name,label,fold"))
    table = task.clips[0].path.parent / "metadata.csv"
    table.write_text(table.read_text("utf-8-sig"), "utf-16")
    assert tasks.load("csv", table.parent).classes == task.classes
    assert task.multi_label
    assert task.classes == ("dog", "rain")
    assert task.targets.tolist() == [[1, 1], [1, 0], [1, 1], [0, 1]]


def test_commas_belong_to_the_names_of_classes(folder):
    rows = ('a.wav,"Dog, barking",1', "sub/b.wav,cat,1", 'c.wav,"Dog, barking",2', "d.wav,cat,2")
    task = tasks.load("csv", folder(*rows))
    assert not task.multi_label
    assert task.classes == ("Dog, barking", "cat")


def test_another_separator(folder):
    rows = ('a.wav,"dog,rain",1', "sub/b.wav,dog,1", 'c.wav,"rain,dog",2', "d.wav,rain,2")
    assert tasks.load("csv:separator=,", folder(*rows)).classes == ("dog", "rain")
    with pytest.raises(TrainerError, match="separator = ''"):
        tasks.load("csv", folder(*rows), separator="")


@pytest.mark.parametrize(("column", "setting"), [("group", None), ("speaker", "speaker")])
def test_a_column_says_what_clips_share(folder, column, setting):
    rows = [f"{row},{who}" for row, who in zip(ROWS, ("ann", "ann", "bob", ""), strict=True)]
    task = tasks.load("csv", folder(*rows, header=f"file_name,label,fold,{column}"), group=setting)
    assert [clip.group for clip in task.clips] == ["ann", "ann", "bob", None]


def test_a_group_column_that_is_not_there(folder):
    with pytest.raises(TrainerError, match="speaker missing among file_name, label, fold"):
        tasks.load("csv:group=speaker", folder(*ROWS))


def test_a_file_may_not_be_tested_and_learned_from(folder):
    with pytest.raises(TrainerError, match=r"a\.wav is listed twice, in fold 1 and in fold 2"):
        tasks.load("csv", folder(*ROWS, "a.wav,dog,2"))


@pytest.mark.parametrize(
    ("header", "row", "says"),
    [
        ("file_name,class,fold", "a.wav,dog,1", "label missing among file_name, class, fold"),
        ("file_name,label,fold", "a.wav,dog,one", "line 2: fold = 'one' must be an integer"),
        ("file_name,label,split", "a.wav,dog,dev", "line 2: split = 'dev' must be one of train, valid, test"),
        ("file_name,label,fold", "a.wav,,1", "line 2: label is empty"),
        ("file_name,label,fold", ",dog,1", "line 2: file_name is empty"),
        ("file_name,label,fold", "a.wav,dog,rain,1", "line 2: expected 3 cells"),
        ("file_name,label,fold", "a.wav,dog", "line 2: expected 3 cells"),
        ("file_name,label,fold", "a.wav,\u200b\u00a0,1", "line 2: label is empty"),
        ("file_name,label,fold,split", "a.wav,dog,1,train", "a column fold and a column split.* rename or"),
        ("file_name,label,fold", "no.wav,dog,1", r"lists 1 of 1 files that do not exist, first .*no\.wav"),
    ],
)
def test_a_wrong_table_says_where(folder, header, row, says):
    with pytest.raises(TrainerError, match=rf"metadata\.csv.*{says}"):
        tasks.load("csv", folder(row, header=header))


@pytest.mark.parametrize(("more", "twice"), [("label", "label"), (" fold", "fold"), ("x,x\u200b", "x")])
def test_two_columns_of_one_name_are_refused(folder, more, twice):
    root = folder("a.wav,dog,1" + ",2" * len(more.split(",")), header=f"file_name,label,fold,{more}")
    with pytest.raises(PatternGenError, match=rf"metadata\.csv: two columns are called '{twice}'; rename or"):
        tasks.load("csv", root)


@pytest.mark.parametrize("unused", ["split", "fold"])
def test_of_fold_and_split_one_may_be_empty(folder, unused):
    parts = {"split": ("1,", "2,"), "fold": (",train", ",test")}[unused]
    rows = ("a.wav,dog", "sub/b.wav,cat", "c.wav,dog", "d.wav,cat")
    rows = [f"{row},{parts[i // 2]}" for i, row in enumerate(rows)]
    assert tasks.load("csv", folder(*rows, header="file_name,label,fold,split")).has_folds == (
        unused == "split"
    )


def test_cells_and_columns_are_read_without_what_surrounds_them(folder):
    """As spreadsheets and hands write them: blanks, a no-break space, a byte order mark, accents apart."""
    rows = (
        "a.wav, Mo\u0308we,1 , ann",
        " sub/b.wav,cat\u00a0,\u00a01,bob",
        "c.wav\ufeff,M\u00f6\u00adwe\u200b,2, ann\u200b",
        "d.wav ,ca\u200bt, 2,",
    )
    task = tasks.load("csv:label=la\u200bbel", folder(*rows, header="file_name, label,fold ,group\u200b"))
    assert task.classes == ("Möwe", "cat")
    assert [clip.fold for clip in task.clips] == [1, 1, 2, 2]
    assert [clip.group for clip in task.clips] == ["ann", "bob", "ann", None]
    assert all(clip.path.is_file() for clip in task.clips)


def test_a_file_that_is_called_so_is_taken_as_it_is_called(folder, sound):
    root = folder(" a.wav,dog,1", *ROWS[1:])
    assert tasks.load("csv", root).clips[0].path.name == "a.wav"
    sound(root / " a.wav")
    assert tasks.load("csv", root).clips[0].path.name == " a.wav"


@pytest.mark.parametrize("name", ["x" * 5000, "sub/" * 2000, "\0"])
def test_a_name_that_no_file_can_have_is_a_missing_file(folder, name):
    with pytest.raises(TrainerError, match="lists 1 of 5 files that do not exist") as error:
        tasks.load("csv", folder(*ROWS, f"{name}.wav,dog,2"))
    assert len(str(error.value)) < 1000


def test_a_table_without_rows(folder):
    with pytest.raises(TrainerError, match="no rows"):
        tasks.load("csv", folder())


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b"\x00" * 100])
def test_what_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "metadata.csv").write_bytes(content)
    with pytest.raises(TrainerError, match=r"metadata\.csv: "):
        tasks.load("csv", tmp_path)


def test_length_is_that_of_the_files_that_can_be_read(folder):
    root = folder(*ROWS)
    (root / "sub" / "b.wav").write_text("no audio")
    assert tasks.load("csv", root).clip_seconds == pytest.approx(0.2)


def test_clips_that_are_all_empty_are_refused(folder):
    root = folder(*ROWS)
    for row in ROWS:
        soundfile.write(root / row.split(",")[0], np.zeros(0), 8000)
    with pytest.raises(
        TrainerError, match=r"none of the first 4 clips holds sound; .*a\.wav: holds no samples"
    ):
        tasks.load("csv", root)


def test_real_notes(real):
    task = tasks.load("csv", real("notes"), label="pitch_class")
    assert len(task.classes) == 12
    assert task.clip_seconds == pytest.approx(2.0, abs=0.01)
