import math

import numpy as np
import pytest
from scipy import stats

from trainer.study.correlation import correlation, holm, mean_difference


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_pearson_and_spearman_are_those_of_the_field(rng):
    x = rng.normal(size=17)
    y = x**3 + rng.normal(size=17)
    assert correlation(x, y, method="pearson").value == pytest.approx(stats.pearsonr(x, y).statistic)
    assert correlation(x, y, method="spearman").value == pytest.approx(stats.spearmanr(x, y).statistic)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_planted_effect_is_found_with_its_sign(rng, method, sign):
    x = rng.normal(size=17)
    found = correlation(x, sign * x + 0.5 * rng.normal(size=17), method=method)
    assert found.excludes_zero
    assert found.low <= found.value <= found.high
    assert np.sign(found.low) == np.sign(found.high) == sign
    assert found.p < 0.01


def test_where_there_is_nothing_little_is_found(rng):
    found = [correlation(*rng.normal(size=(2, 17)), method="spearman") for _ in range(40)]
    assert sum(each.p < 0.05 for each in found) <= 6  # 2 are to be expected; 7 or more once in 300
    assert sum(each.excludes_zero for each in found) <= 6


def test_p_values_of_permutations_are_near_those_of_student(rng):
    for _ in range(5):
        x, y = rng.normal(size=(2, 20))
        expected = stats.pearsonr(x, y).pvalue
        assert correlation(x, y, method="pearson").p == pytest.approx(expected, abs=0.04)


def test_what_is_held_fixed_explains_nothing_any_more(rng):
    cause = rng.normal(size=40)
    x, y = cause + 0.3 * rng.normal(size=(2, 40))
    assert correlation(x, y, method="pearson").value > 0.7
    found = correlation(x, y, method="pearson", given=[cause])
    left = [stats.linregress(cause, each) for each in (x, y)]
    residuals = [v - fit.intercept - fit.slope * cause for v, fit in zip((x, y), left, strict=True)]
    assert found.value == pytest.approx(stats.pearsonr(*residuals).statistic)
    assert not found.excludes_zero


def test_within_groups_what_groups_differ_in_is_taken_off(rng):
    groups = ["a"] * 5 + ["b"] * 5 + ["c"] * 5
    dial = np.tile(np.linspace(-1, 1, 5), 3)
    shift = np.repeat([0.0, 5.0, 10.0], 5)
    y = -dial + shift + 0.1 * rng.normal(size=15)  # falls within each group, rises from group to group
    x = dial + shift
    assert correlation(x, y, method="pearson").value > 0.5
    assert correlation(x, y, method="pearson", groups=groups).high < -0.8
    order = rng.permutation(15)
    mixed = correlation(x[order], y[order], method="pearson", groups=[groups[i] for i in order])
    assert mixed.value == pytest.approx(correlation(x, y, method="pearson", groups=groups).value)


def test_too_few_or_too_equal_numbers_say_nothing():
    few = correlation([1, 2, 3], [1, 2, 4], method="pearson")
    assert (few.value, few.n) == (pytest.approx(0.98198), 3)
    assert math.isnan(few.p)
    assert math.isnan(few.low)
    assert math.isnan(correlation([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], method="spearman").value)
    assert math.isnan(correlation([], [], method="pearson").value)


def test_each_measure_held_fixed_takes_a_unit(rng):
    x, y, *others = rng.normal(size=(4, 5))  # three numbers are left to the correlation: it is always ±1
    found = correlation(x, y, method="pearson", given=others)
    assert math.isnan(found.p)
    assert math.isnan(found.low)


def test_few_units_and_several_held_fixed_are_seldom_called_related_by_chance(rng, monkeypatch):
    """Six units less two measures leave two degrees of freedom, whatever the six can be ordered to."""
    monkeypatch.setattr("trainer.study.correlation.RESAMPLES", 300)
    p = np.array(
        [correlation(x, y, method="pearson", given=held).p for x, y, *held in rng.normal(size=(300, 4, 6))]
    )
    assert (p < 0.05).mean() < 0.05 + 3 * (0.05 * 0.95 / 300) ** 0.5


def test_the_p_value_of_a_partial_correlation_is_near_that_of_t(rng):
    for strength in (0.0, 0.3, 0.6):
        held = rng.normal(size=(2, 30))
        x = held[0] + rng.normal(size=30)
        y = strength * x + held.sum(axis=0) + rng.normal(size=30)
        found = correlation(x, y, method="pearson", given=held)
        t = found.value * (26 / (1 - found.value**2)) ** 0.5
        assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 26), abs=0.03)


def test_paired_differences_have_the_p_value_of_their_signs():
    found = mean_difference([1.0, 2.0, 1.5, 0.5, 2.0])
    assert (found.value, found.p) == (pytest.approx(1.4), 2 / 2**5)
    assert 0 < found.low < 1.4 < found.high
    assert mean_difference([1.0, -1.0, 1.0, -1.0, 0.5, -0.5]).p == 1


def test_holm_is_as_published():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    corrected = holm([0.01, math.nan, 0.02])
    assert corrected[0] == pytest.approx(0.03)
    assert math.isnan(corrected[1])
    assert corrected[2] == pytest.approx(0.04)
    assert holm([]) == []
