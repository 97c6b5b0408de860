import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.transfer.scores import score


def test_accuracy():
    outputs = np.array([[3.0, 1, 2], [0, 1, 2], [9, 8, 7], [1, 5, 2]])
    assert score(outputs, np.array([0, 2, 1, 1])) == 0.75


def average_precision(outputs, positive):
    """The mean, over the positives, of the precision among what ranks as high or higher."""
    ranked = positive[np.argsort(-outputs)]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return precision[ranked == 1].mean()


@given(st.integers(0, 2**31))
def test_mean_average_precision_by_hand(seed):
    rng = np.random.default_rng(seed)
    outputs, targets = rng.permuted(np.arange(60.0)).reshape(12, 5), rng.integers(0, 2, (12, 5))
    targets[:, 2] = 0  # a class that no clip has is left out
    targets[0, 0] = 1
    heard = [c for c in range(5) if targets[:, c].any()]
    by_hand = np.mean([average_precision(outputs[:, c], targets[:, c]) for c in heard])
    assert score(outputs, targets) == pytest.approx(by_hand)
