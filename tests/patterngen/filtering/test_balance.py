"""Stratified down-sampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patterngen.errors import PatternGenError
from patterngen.filtering.balance import equal_counts, equal_histograms, match_histogram, sample
from patterngen.filtering.histogram import Histogram


def population(seed, count=3000):
    """Three groups that differ in number and in Total Variation."""
    rng = np.random.default_rng(seed)
    group = rng.choice(3, count, p=[0.6, 0.3, 0.1])
    tv = rng.gamma(2 + group, 0.02)
    return rng, rng.random(count) < 0.8, group, tv


@given(st.integers(0, 1000))
def test_groups_are_equal_in_number_and_as_large_as_can_be(seed):
    rng, mask, group, _ = population(seed)
    kept = equal_counts(mask, group, rng)
    assert np.all(mask[kept])
    assert np.bincount(group[kept]).tolist() == [np.bincount(group[mask]).min()] * 3


@given(st.integers(0, 1000))
def test_equal_histograms_leave_no_difference_in_tv(seed):
    rng, mask, group, tv = population(seed)
    assert stats.ks_2samp(tv[mask & (group == 0)], tv[mask & (group == 2)]).pvalue < 1e-6
    kept = equal_histograms(mask, group, tv, rng)
    assert np.all(mask[kept])
    assert len(set(np.bincount(group[kept]))) == 1
    for other in (1, 2):
        assert stats.ks_2samp(tv[kept & (group == 0)], tv[kept & (group == other)]).pvalue > 1e-3


@given(st.integers(0, 1000))
def test_a_matched_sample_is_spread_as_its_target(seed):
    rng, mask, _, tv = population(seed)
    target = rng.gamma(3, 0.015, 800)
    target = target[(target > tv[mask].min()) & (target < np.quantile(tv[mask], 0.98))]
    kept = match_histogram(mask, tv, Histogram.of(target), rng)
    assert np.all(mask[kept])
    assert kept.sum() > 100
    assert stats.ks_2samp(tv[kept], target).statistic < 0.06


def test_a_range_that_cannot_be_matched_is_named():
    rng, mask, _, tv = population(0)
    with pytest.raises(PatternGenError, match=r"no picture has tv 1 … 1\.\d+, as 3\.\d %"):
        match_histogram(mask, tv, Histogram.of(rng.uniform(1, 2, 1000)), rng)


def test_groups_that_share_nothing_are_told_of():
    rng = np.random.default_rng(0)
    tv = np.concatenate([rng.uniform(0, 0.1, 100), rng.uniform(0.5, 0.6, 100)])
    with pytest.raises(PatternGenError, match="every family"):
        equal_histograms(np.ones(200, bool), np.repeat([0, 1], 100), tv, rng)


@pytest.mark.parametrize("count", [1, 10, 5000])
def test_a_sample_has_its_size_and_favours_nobody(count):
    rng, mask, *_ = population(1)
    kept = sample(mask, count, rng)
    assert kept.sum() == min(count, mask.sum())
    assert np.all(mask[kept])


def test_every_picture_is_equally_likely():
    rng = np.random.default_rng(5)
    hits = sum(sample(np.ones(20, bool), 5, rng).astype(int) for _ in range(2000))
    assert stats.chisquare(hits).pvalue > 1e-4
