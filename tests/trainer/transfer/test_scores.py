import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trainer.transfer.scores import confidence, score


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_the_interval_is_students(values):
    low, high = stats.t.interval(
        0.95, len(values) - 1, loc=np.mean(values), scale=max(stats.sem(values), 1e-300)
    )
    assert confidence(values) == pytest.approx((high - low) / 2, abs=1e-12)


def test_the_interval_of_three_values_by_hand():
    # Deviation 0.1, t = 4.3027 with two degrees of freedom.
    assert confidence([0.4, 0.5, 0.6]) == pytest.approx(4.3027 * 0.1 / math.sqrt(3), rel=1e-4)


def test_one_value_has_no_interval():
    assert math.isnan(confidence([0.5]))


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
