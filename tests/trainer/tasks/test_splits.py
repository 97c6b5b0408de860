import random

from hypothesis import given
from hypothesis import strategies as st

from trainer.tasks.splits import own_splits

NAMES = st.lists(st.text(max_size=8), max_size=60)


@given(NAMES, st.floats(0, 1), st.randoms(use_true_random=False))
def test_equal_whatever_the_order(names, train, rng):
    again = list(names)
    rng.shuffle(again)
    valid = (1 - train) / 2
    assert own_splits(names, train=train, valid=valid) == own_splits(again, train=train, valid=valid)


@given(NAMES)
def test_every_group_has_a_split_and_the_shares_hold(names):
    splits = own_splits(names, train=0.7, valid=0.15)
    assert splits.keys() == set(names)
    counts = [list(splits.values()).count(split) for split in ("train", "valid", "test")]
    assert counts[:2] == [int(0.7 * len(splits)), int(0.15 * len(splits))]


def test_the_split_of_a_name_is_no_function_of_the_alphabet():
    names = [f"speaker{i:03d}" for i in range(100)]
    splits = own_splits(names, train=0.5, valid=0.0)
    assert [splits[name] for name in names] != ["train"] * 50 + ["test"] * 50
    assert splits == own_splits(random.Random(1).sample(names, 100), train=0.5, valid=0.0)
