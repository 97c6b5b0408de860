from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.tasks import Clip, Task


def task(*clips: tuple[str, int | str]) -> Task:
    """Make a task from (label, fold) or (label, split) pairs."""
    return Task(
        "t",
        tuple(
            Clip(Path(f"{i}.wav"), label, **{"fold" if isinstance(part, int) else "split": part})
            for i, (label, part) in enumerate(clips)
        ),
        clip_seconds=1.0,
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-2, 3)), min_size=2, max_size=40))
def test_each_clip_is_tested_once_and_never_learned_in_the_same_fold(clips):
    try:
        made = task(*clips)
    except TrainerError:
        assume(False)
    folds = list(made.folds())
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(len(clips)))
    for fold in folds:
        assert fold.valid is None
        assert not set(fold.train) & set(fold.test)
        assert sorted([*fold.train, *fold.test]) == list(range(len(clips)))
        held_out = {made.clips[i].fold for i in fold.test}
        assert len(held_out) == 1
        assert held_out.isdisjoint(made.clips[i].fold for i in fold.train)


def test_splits_are_kept():
    made = task(("b", "train"), ("a", "test"), ("a", "train"), ("b", "valid"))
    (fold,) = made.folds()
    assert (list(fold.train), list(fold.valid), list(fold.test)) == ([0, 2], [3], [1])
    assert made.classes == ("a", "b")
    assert list(made.targets) == [1, 0, 0, 1]


def test_without_a_validation_split_there_is_none():
    (fold,) = task(("a", "train"), ("b", "train"), ("b", "test")).folds()
    assert fold.valid is None


def test_one_label_is_one_class_however_it_is_written():
    made = task(("Möwe", 1), ("Mo\u0308we ", 2), ("dog", 1), ("\u200bdog", 2))
    assert made.classes == ("Möwe", "dog")
    several = task((("dog", "dog\u200b"), 1), ((" rain", "dog"), 2), (("rain",), 1))
    assert [clip.labels for clip in several.clips] == [("dog",), ("rain", "dog"), ("rain",)]


def test_what_clips_share_is_one_however_it_is_written():
    groups = ("Zoë", "Zoe\u0308 ", "\u200b", "", None)
    clips = [Clip(Path("a.wav"), "dog", 1, group=group) for group in groups]
    assert [clip.group for clip in clips] == ["Zoë", "Zoë", None, None, None]


def test_classes_that_look_alike_are_noted_once():
    made = task(("Dog", 1), ("dog", 1), ("cat", 1), ("Dog", 2), ("dog", 2), ("cat", 2))
    (note,) = made.notes
    assert note == "classes whose names look alike: 'Dog' and 'dog'"
    assert replace(made, name="again", notes=("first", *made.notes)).notes == ("first", note)
    many = [(label, fold) for i in range(7) for label in (f"a{i}", f"A{i}") for fold in (1, 2)]
    assert task(*many).notes[0].endswith("'A4' and 'a4'; and 2 more")
    assert task(("dog", 1), ("cat", 1), ("dog", 2), ("cat", 2)).notes == ()


def test_tuples_make_several_labels():
    made = task((("dog", "rain"), 1), (("rain",), 2), (("dog",), 2), (("rain",), 1))
    assert made.multi_label
    assert made.metric == "mAP"
    assert made.classes == ("dog", "rain")
    assert made.targets.tolist() == [[1, 1], [0, 1], [1, 0], [0, 1]]


def test_a_tuple_of_one_is_scored_as_several():
    assert task((("a",), 1), (("b",), 1), (("a",), 2), (("b",), 2)).metric == "mAP"


def test_class_names_may_hold_commas_and_semicolons():
    made = task(("Bell; large", 1), ("Dog, barking", 1), ("Dog, barking", 2), ("Bell; large", 2))
    assert made.metric == "accuracy"
    assert made.classes == ("Bell; large", "Dog, barking")
    assert list(made.targets) == [0, 1, 1, 0]


def test_a_file_listed_twice_is_refused_wherever_it_is():
    clips = [
        Clip(Path(name), label, fold) for name, label, fold in (("a", "x", 1), ("b", "y", 2), ("a", "x", 2))
    ]
    with pytest.raises(TrainerError, match="t: a is listed twice, in fold 1 and in fold 2"):
        Task("t", tuple(clips), 1.0)


def test_one_clip_of_every_class_is_no_task():
    with pytest.raises(
        TrainerError, match=r"1 held-out clip of fold 1 with the label 'a'.* no training clip has"
    ):
        task(("a", 1), ("b", 2))


@pytest.mark.parametrize(
    ("clips", "says"),
    [
        ([], "no clips"),
        ([("a", 1), ("b", 1)], "all clips are in fold 1"),
        ([("a", 1), ("a", 2)], "the only label is 'a'"),
        ([("a", 1), ("b", "train")], "every clip needs a fold, or every clip a split"),
        ([("a", "test"), ("b", "test")], "no clip is train"),
        ([("a", "train"), ("b", "train")], "no clip is test"),
        (
            [("a", "train"), ("b", "train"), ("z", "test")],
            "1 held-out clip of split with the label 'z', which no training clip has",
        ),
        ([("a", "train"), ("b", "train"), ("a", "test"), ("z", "valid")], "label 'z'"),
        ([("a", 1), ("b", 1), ("a", 2), ("b", 2), ("z", 2)], "fold 2 with the label 'z'"),
        ([("", 1), ("b", 2)], r"0\.wav has no label"),
        ([((), 1), (("b",), 2)], r"0\.wav has no label"),
        ([(("a",), 1), ("b", 2)], "one label, or every clip a tuple"),
    ],
)
def test_what_is_no_task_is_refused(clips, says):
    with pytest.raises(TrainerError, match=says) as caught:
        task(*clips)
    assert str(caught.value).startswith("t: ")


def test_a_clip_without_fold_and_split_is_refused():
    with pytest.raises(TrainerError, match="every clip needs a fold"):
        Task("t", (Clip(Path("a.wav"), "a"),), 1.0)


def test_a_length_of_zero_is_refused():
    with pytest.raises(TrainerError, match="clip_seconds = 0 must be more than 0"):
        Task("t", (Clip(Path("a.wav"), "a", 1), Clip(Path("b.wav"), "b", 2)), 0.0)


@pytest.mark.parametrize("way", ["around", "symbolic", "hard"])
def test_a_file_of_two_names_is_one_file(way, tmp_path):
    (tmp_path / "inner").mkdir()
    first, second = tmp_path / "a.wav", tmp_path / "inner" / "b.wav"
    first.touch()
    if way == "around":
        second = tmp_path / "inner" / ".." / "a.wav"
    elif way == "symbolic":
        second.symlink_to(first)
    else:
        second.hardlink_to(first)
    clips = (Clip(first, "a", 1), Clip(second, "a", 2))
    with pytest.raises(
        TrainerError, match=r"the same file as .*a\.wav\) is listed twice, in fold 1 and in fold 2"
    ):
        Task("t", clips, 1.0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_length_that_cannot_be_is_refused(seconds):
    with pytest.raises(TrainerError, match="clip_seconds"):
        Task("t", (Clip(Path("a"), "a", 1), Clip(Path("b"), "b", 2)), seconds)
