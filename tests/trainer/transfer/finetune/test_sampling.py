import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.transfer.finetune.sampling import balanced, mixed_batches


@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 2**31))
def test_an_epoch_deals_every_training_clip_once(count, batch_size, seed):
    random = torch.Generator().manual_seed(seed)
    train = torch.arange(10, 10 + count)
    steps = torch.randint(1, 14, (400,), generator=random)
    batches = mixed_batches(train, steps, batch_size, random)
    assert torch.equal(torch.cat(batches).sort().values, train)
    assert len(batches) == -(-count // batch_size)


def test_clips_of_like_length_share_batches():
    random = torch.Generator().manual_seed(0)
    steps = torch.randint(1, 14, (512,), generator=random)
    filled = sum(
        int(steps[batch].max()) * len(batch) for batch in mixed_batches(torch.arange(512), steps, 64, random)
    )
    shuffled = torch.randperm(512, generator=random).split(64)
    unsorted = sum(int(steps[batch].max()) * len(batch) for batch in shuffled)
    assert filled < 0.75 * unsorted


# Balance ------------------------------------------------------------------------------------------------


def one_hot(*counts):
    """Return targets of classes with so many clips, after ten clips of no concern."""
    labels = torch.cat([torch.full((count,), i) for i, count in enumerate(counts)])
    return torch.cat([torch.ones(10, len(counts)), torch.nn.functional.one_hot(labels).float()])


@pytest.mark.parametrize(
    ("power", "shares"),
    [
        (0.0, [0.9, 0.09, 0.01]),
        (0.5, [0.705, 0.223, 0.074]),  # of √9000 : √900 : √100
        (1.0, [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_classes_come_by_the_asked_power_of_their_counts(power, shares):
    targets = one_hot(9000, 900, 100)
    train = torch.arange(10, 10_010)
    drawn = balanced(train, targets, power, torch.Generator().manual_seed(0))
    assert len(drawn) == len(train)
    assert set(drawn.tolist()) <= set(train.tolist())
    found = targets[drawn].mean(dim=0)
    torch.testing.assert_close(found, torch.tensor(shares), atol=0.015, rtol=0)


def test_a_clip_of_several_labels_comes_as_often_as_they_do_together():
    # Label 0 is on all four clips, label 1 on one of them: weights 1/4, 1/4, 1/4 and 1/4 + 1.
    targets = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]).repeat(1, 1)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.cat([balanced(torch.arange(4), targets, 1.0, generator) for _ in range(3000)])
    shares = torch.bincount(drawn, minlength=4) / len(drawn)
    torch.testing.assert_close(shares, torch.tensor([0.25, 0.25, 0.25, 1.25]) / 2, atol=0.015, rtol=0)
