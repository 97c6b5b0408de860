"""What the folders of a task stand for. Files are empty: no reading of the tree looks into one."""

import unicodedata
from collections import Counter
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer import tasks
from trainer.errors import TrainerError
from trainer.sound.audio_files import audio_files
from trainer.tasks.folder_tree import read_tree, splits_by_name


def put(root: Path, *names: str) -> None:
    """Make files; ``{a,b}`` in a name stands for two names, and one of two clips where none is given."""
    for name in names:
        before, brace, rest = name.partition("{")
        if brace:
            inside, _, after = rest.partition("}")
            put(root, *(f"{before}{each}{after}" for each in inside.split(",")))
        else:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()


def read(root: Path, task: str = "folder:clip_seconds=1") -> tasks.Task:
    return tasks.load(task, root)


CLIPS = "{cat,dog}/{0,1,2,3,4}.wav"


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        ("train val test", "train valid test"),
        ("Train Valid TEST", "train valid test"),
        ("training validation testing", "train valid test"),
        ("train dev eval", "train valid test"),
        ("train eval test", "train valid test"),
        ("train val evaluation", "train valid test"),
        ("train development test", "train valid test"),
        ("train eval", "train test"),
        ("train_set test-set", "train test"),
        ("trainset devset testset", "train valid test"),
        ("Training Data|Test Data", "train test"),
    ],
)
def test_common_names_of_splits_are_splits(tmp_path, names, splits):
    called = names.split("|") if "|" in names else names.split()
    for name in called:
        put(tmp_path, f"{name}/{CLIPS}")
    task = read(tmp_path)
    assert task.classes == ("cat", "dog")
    for clip in task.clips:
        name = clip.path.relative_to(tmp_path).parts[0]
        assert clip.split == splits.split()[called.index(name)]
    assert [
        note.startswith("read as splits: ") for note in task.notes if not note.startswith("groups: ")
    ] == [True] * (called != splits.split())


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("docs/readme.txt", "no classes, as no sound lies in them: docs"),
        ("_background_noise_/{a,b}.wav", "left out, as they lie beside the splits: _background_noise_"),
        ("extra/cat/{a,b}.wav", "left out, as they lie beside the splits: extra"),
        ("__MACOSX/._a.wav", "left out: 1 hidden (__MACOSX 1)"),
        ("loose.wav", "left out, as they lie in no folder of a class: 1 clips"),
        ("train/loose.wav", "left out, as they lie in no folder of a class: 1 clips"),
        ("train/bird/a.m4a", "no classes, as no sound lies in them: train/bird"),
        ("notes.txt", "left out: 1 file of other kinds (.txt 1)"),
    ],
)
def test_what_lies_beside_splits_is_no_class_and_is_said(tmp_path, beside, said):
    put(tmp_path, f"{{train,test}}/{CLIPS}", beside)
    task = read(tmp_path)
    assert task.classes == ("cat", "dog")
    assert len(task.clips) == 20
    assert {clip.path.relative_to(tmp_path).parts[0] for clip in task.clips} == {"train", "test"}
    assert said in task.notes


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("docs/readme.txt", "no classes, as no sound lies in them: docs"),
        ("bird/{0,1}.m4a", "left out: 2 files of other kinds (.m4a 2)"),
        ("loose.wav", "left out, as they lie in no folder of a class: 1 clips"),
        ("cat/.ipynb_checkpoints/0-checkpoint.wav", "left out: 1 hidden (.ipynb_checkpoints 1)"),
    ],
)
def test_what_lies_beside_classes_is_said(tmp_path, beside, said):
    put(tmp_path, CLIPS, beside)
    task = read(tmp_path)
    assert task.classes == ("cat", "dog")
    assert len(task.clips) == 10
    assert said in task.notes


@pytest.mark.parametrize("name", ["train", "test", "val"])
def test_a_class_may_be_called_as_a_split_is(tmp_path, name):
    put(tmp_path, CLIPS, f"{name}/{{0,1,2,3,4}}.wav")  # a train is a vehicle
    task = read(tmp_path)
    assert task.classes == tuple(sorted(("cat", "dog", name)))
    assert task.has_folds


def test_folders_below_classes_are_groups_if_they_have_numbers(tmp_path):
    put(tmp_path, "{cat,dog}/{take1,take2,take3}/{a,b}.wav")
    task = read(tmp_path)
    assert task.classes == ("cat", "dog")
    assert {clip.group for clip in task.clips} == {f"{c}/take{i}" for c in ("cat", "dog") for i in (1, 2, 3)}


@pytest.mark.parametrize(
    ("tree", "reading"),
    [
        # Speakers who say words, or words by their speakers.
        ("{ann,bob}/{yes,no}/{0,1}.wav", "no, yes are the classes, in each of ann, bob (then list"),
        # A copy, or a class of its own.
        ("{cat,dog}/{0,1}.wav more/{cat,dog}/{0,1}.wav", "more holds more clips of cat, dog (then move"),
        # Splits that nobody sorted, or classes of strange names.
        ("{train,test}/{0,1}.wav", "test, train are splits, though no class folders lie in test, train"),
        ("{train,test,dog}/{0,1}.wav", "test, train are splits, though no class folders lie in test, train"),
        # A test set whose labels nobody knows.
        (
            "train/{cat,dog}/{0,1}.wav test/{0,1}.wav",
            "though no class folders lie in test (then put a folder",
        ),
        # A split without another, or the sounds of trains beside those of dogs.
        ("train/{r1,r2}/{0,1}.wav dog/{r3,r4}/{0,1}.wav", "train is a split, and no others (then move dog"),
        ("train/{r1,r2}/{0,1}.wav test/{r3,r4}/0.wav dog/{0,1}.wav", "test, train are splits, and no others"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_and_both_are_named(tmp_path, tree, reading):
    put(tmp_path, *tree.split())
    with pytest.raises(
        TrainerError, match=r"in two ways: either .* or the classes are .*below=groups\)$"
    ) as told:
        read(tmp_path)
    assert reading in str(told.value)
    task = read(tmp_path, "folder:clip_seconds=1:below=groups:folds=2")  # which says the other
    assert set(task.classes) == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ("train/{cat,dog}/{0,1}.wav", "train is a split, and there is none to test on; add test, or give"),
        ("test/{cat,dog}/{0,1}.wav", "test is a split, and there is none to learn from; add train, or"),
        ("{train,val}/{cat,dog}/{0,1}.wav", "there is none to test on; rename val to test"),
        ("{dev,eval}/{cat,dog}/{0,1}.wav", "there is none to learn from; rename dev to train"),
        (
            "{train,val,valid,test}/{cat,dog}/{0,1}.wav",
            "val, valid are all the valid split; keep one of them",
        ),
        ("{train,val,eval,test}/{cat,dog}/{0,1}.wav", "eval, val are all the valid split; keep one of them"),
        ("audio/{cat,dog}/{0,1}.wav", "all clips lie below audio; give --root"),
        (
            "{cat,dog}/{train,test}/{0,1}.wav",
            "the splits test, train lie in cat; put classes into splits, as in",
        ),
        ("a.wav", "is not laid out as the task 'folder': expected"),
        ("cat/{0,1}.wav", "the only label is 'cat'"),
    ],
)
def test_what_is_no_task_is_refused_with_a_remedy(tmp_path, tree, told):
    put(tmp_path, tree)
    with pytest.raises(TrainerError) as caught:
        read(tmp_path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_setting_that_says_nothing_is_refused(tmp_path):
    with pytest.raises(TrainerError, match="folder: below = 'classes' must be groups, or left out"):
        read(tmp_path, "folder:below=classes")


def test_one_class_in_two_forms_of_its_name_is_one(tmp_path):
    for split, form in (("train", "NFC"), ("test", "NFD")):
        put(
            tmp_path, f"{split}/{unicodedata.normalize(form, 'café')}/{{0,1}}.wav", f"{split}/dog/{{0,1}}.wav"
        )
    task = read(tmp_path)
    assert task.classes == ("café", "dog")


def test_linked_classes_and_linked_splits_are_read(tmp_path):
    put(tmp_path / "elsewhere", CLIPS)
    put(tmp_path / "root", f"train/{CLIPS}")
    (tmp_path / "root/test").symlink_to(tmp_path / "elsewhere")
    assert [clip.split for clip in read(tmp_path / "root").clips] == ["train"] * 10 + ["test"] * 10


NAMES = ("train", "Training", "VAL", "test", "eval", "cat", "dog", "r1", "docs", ".hidden", "@eaDir", "a.wav")
FILES = ("0.wav", "1.flac", "2.WAV", "._3.wav", "readme.txt")
PATHS = st.tuples(st.lists(st.sampled_from(NAMES), max_size=3), st.sampled_from(FILES)).map(
    lambda path: "/".join([*path[0], path[1]])
)


@given(st.lists(PATHS, min_size=1, max_size=12))
@settings(max_examples=25)
def test_every_clip_of_a_tree_that_is_read_has_a_class_or_is_said_to_be_left_out(paths):
    with TemporaryDirectory() as folder:
        put(Path(folder), *paths)
        sounds = {path for path in paths if not path.endswith("txt") and not {".", "@"} & set(_begins(path))}
        inside = [PurePath(path) for path in sounds]
        try:
            reading = read_tree(Path(folder), inside)
        except TrainerError as refused:
            told = str(refused)
        else:
            told = ""
            levels = 2 if reading.splits else 1
            classified = {
                path
                for path in inside
                if len(path.parts) > levels and (levels == 1 or path.parts[0] in reading.splits.values())
            }
            assert any(note.startswith("left out, as") for note in reading.notes) == (
                len(classified) < len(inside)
            )
            assert splits_by_name(reading.splits.values()) == {name: s for s, name in reading.splits.items()}
        assert "\n" not in told
        assert {path.name for path in audio_files(Path(folder)).files} == {path.name for path in inside}


def _begins(path: str) -> list[str]:
    return [part[0] for part in path.split("/")]


@given(
    st.sampled_from(("train", "Train", "training", "TRAINING_SET")),
    st.sampled_from(("", "val", "Validation", "dev", "devset")),
    st.sampled_from(("test", "Testing", "test-data", "EVAL")),
    st.lists(st.sampled_from(("cat", "Dog, barking", "café", "test", "r1")), min_size=2, unique=True),
)
@settings(max_examples=12)
def test_splits_of_classes_are_read_whatever_both_are_called(train, valid, test, classes):
    splits = [*filter(None, (train, valid, test))]
    clips = [PurePath(split, label, "0.wav") for split in splits for label in classes]
    with TemporaryDirectory() as folder:
        put(Path(folder), *map(str, clips))
        found = read(Path(folder))
    assert found.classes == tuple(sorted(classes))
    assert Counter(clip.split for clip in found.clips) == dict.fromkeys(
        ("train", "valid", "test") if valid else ("train", "test"), len(classes)
    )
