from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.tasks import Clip, Task
from trainer.transfer.holdout import hold_out, note_on_shared_groups, with_validation


@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.floats(0.01, 0.6), st.integers(0, 9))
def test_held_out_clips_have_every_class(counts, share, seed):
    targets = np.repeat(np.arange(len(counts)), counts)
    indices = np.arange(0, len(targets))
    train, valid = hold_out(indices, targets, share, np.random.default_rng(seed))
    assert sorted([*train, *valid]) == indices.tolist()
    assert set(targets[train]) == set(range(len(counts)))
    assert set(targets[valid]) == {label for label, count in enumerate(counts) if count > 1}
    for label, count in enumerate(counts):
        held = (targets[valid] == label).sum()
        assert abs(held - share * count) <= 1


@given(st.integers(0, 999), st.integers(2, 5), st.integers(2, 8), st.floats(0.05, 0.5))
def test_speakers_are_heard_on_one_side_only(seed, classes, speakers, share):
    """Every speaker says every word several times."""
    targets = np.tile(np.repeat(np.arange(classes), 3), speakers)
    groups = [f"speaker {i // (3 * classes)}" for i in range(len(targets))]
    train, valid = hold_out(np.arange(len(targets)), targets, share, np.random.default_rng(seed), groups)
    assert sorted([*train, *valid]) == list(range(len(targets)))
    assert set(targets[train]) == set(targets[valid]) == set(range(classes))
    assert {groups[i] for i in train}.isdisjoint(groups[i] for i in valid)
    held = len({groups[i] for i in valid})
    assert held == 1 or abs(held - share * speakers) <= 1


def test_recordings_of_several_clips_are_not_torn_and_classes_keep_their_share():
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 4, 200)
    groups = [f"recording {i}" for i in np.repeat(np.arange(200), sizes)]
    targets = np.repeat(np.arange(200) % 10, sizes)
    train, valid = hold_out(np.arange(len(targets)), targets, 0.1, rng, groups)
    assert {groups[i] for i in train}.isdisjoint(groups[i] for i in valid)
    for label in range(10):
        assert abs((targets[valid] == label).sum() - 0.1 * (targets == label).sum()) <= 1.5


def test_a_class_of_one_group_is_not_validated():
    targets = np.array([0] * 10 + [1] * 10)
    groups = ["only one says a"] * 10 + ["x"] * 5 + ["y"] * 5
    train, valid = hold_out(np.arange(20), targets, 0.1, np.random.default_rng(0), groups)
    assert (set(targets[train]), set(targets[valid])) == ({0, 1}, {1})
    assert {groups[i] for i in valid}.isdisjoint(groups[i] for i in train)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=60), st.integers(0, 9))
def test_no_group_is_ever_on_both_sides(clips, seed):
    targets, groups = np.array([label for label, _ in clips]), [f"{group}" for _, group in clips]
    indices = np.arange(len(clips))
    train, valid = hold_out(indices, targets, 0.2, np.random.default_rng(seed), groups)
    assert sorted([*train, *valid]) == indices.tolist()
    assert set(targets[train]) == set(targets)
    counted = [groups.count(group) for group in groups]
    if max(counted) > 1:  # groups of one clip are clips
        assert {groups[i] for i in train}.isdisjoint(groups[i] for i in valid)


def test_validation_clips_of_the_task_that_share_a_group_are_told():
    def made(*groups):
        parts = ("train", "train", "valid", "test", "train", "valid")
        return Task(
            "made",
            tuple(
                Clip(Path(f"{i}"), "ab"[i % 2], split=part, group=group)
                for i, (part, group) in enumerate(zip(parts, groups, strict=True))
            ),
            1.0,
        )

    assert note_on_shared_groups(made("u", "v", "w", "x", "y", "z")) == ""
    assert note_on_shared_groups(made(*[None] * 6)) == ""
    assert note_on_shared_groups(made("u", "v", "u", "x", "y", "z")).startswith(
        "1 of its 2 validation clips share"
    )


def test_classes_of_one_speaker_each_cannot_be_validated():
    made = task(*((label, fold, label) for label in "ab" for fold in (1, 2) for _ in range(5)))
    with pytest.raises(TrainerError, match="no class of fold 1 has two groups of training clips"):
        with_validation(made, next(made.folds()), 0.1, 0, remedy="a valid split")


def test_clips_without_a_group_are_clips_of_their_own():
    targets = np.repeat([0, 1], 20)
    plain = hold_out(np.arange(40), targets, 0.1, np.random.default_rng(3))
    unknown = hold_out(np.arange(40), targets, 0.1, np.random.default_rng(3), [None] * 40)
    single = hold_out(np.arange(40), targets, 0.1, np.random.default_rng(3), [str(i) for i in range(40)])
    for other in (unknown, single):
        assert all(np.array_equal(one, two) for one, two in zip(plain, other, strict=True))


@given(st.integers(0, 999))
def test_the_one_who_says_nearly_all_is_learned_from(seed):
    targets = np.repeat([0, 1], 100)
    groups = ["talker"] * 95 + ["guest"] * 5 + ["other"] * 50 + ["third"] * 50
    train, _ = hold_out(np.arange(200), targets, 0.1, np.random.default_rng(seed), groups)
    assert "talker" in {groups[i] for i in train}


def task(*rows):
    clips = [
        Clip(Path(f"{i}.wav"), label, fold=fold, group=group) for i, (label, fold, group) in enumerate(rows)
    ]
    return Task("made", tuple(clips), 1.0)


@given(st.integers(0, 2**31), st.floats(0, 0.4))
def test_nothing_is_held_out_of_the_test_and_no_group_is_split(seed, share):
    made = task(
        *((label, fold, f"{fold}{group}") for label in "ab" for fold in (1, 2) for group in "uvwxy" * 3)
    )
    for fold in made.folds():
        split = with_validation(made, fold, share, seed, remedy="")
        assert np.array_equal(split.test, fold.test)
        assert np.array_equal(np.sort(np.concatenate([split.train, split.valid])), fold.train)
        groups = [{made.clips[i].group for i in part} for part in (split.train, split.valid)]
        assert not groups[0] & groups[1]
        assert (
            {made.clips[i].label for i in split.train}
            == {made.clips[i].label for i in split.valid}
            == {"a", "b"}
        )


def test_validation_clips_of_the_task_are_left_as_they_are():
    clips = [Clip(Path(f"{s}{n}"), n, split=s) for s in ("train", "valid", "test") for n in "ab"]
    fold = next(Task("made", tuple(clips), 1.0).folds())
    assert with_validation(Task("made", tuple(clips), 1.0), fold, 0.5, 0, remedy="") is fold


def test_one_clip_a_class_cannot_be_spared():
    made = task(("a", 1, None), ("b", 1, None), ("a", 2, None), ("b", 2, None))
    with pytest.raises(TrainerError, match="validate on; give more clips, or take --selection last"):
        with_validation(made, next(made.folds()), 0.1, 0, remedy="take --selection last")
