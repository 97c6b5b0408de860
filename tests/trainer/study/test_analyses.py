import math
from dataclasses import replace

import pytest

from tests.trainer.study.tables import SETS, constructed
from trainer.study.analyses import findings
from trainer.study.plan import Analysis

SMOOTH = {"smooth": Analysis(x="tv", method=("pearson", "spearman"))}


def test_a_planted_effect_is_shown_and_a_planted_null_is_not():
    rows = constructed({"speech": -0.05, "noise": 0.0}, seeds=(0, 1, 2), noise=0.02)
    found = {(each.task, each.method): each for each in findings(rows, SMOOTH)}
    assert len(found) == 4
    for method in ("pearson", "spearman"):
        planted, null = found["speech", method], found["noise", method]
        assert planted.verdict == "shown, negative"
        assert planted.estimate.high < 0
        assert (planted.estimate.n, planted.units) == (17, 17)
        assert null.verdict == "not shown"
        assert null.estimate.low < 0 < null.estimate.high


def test_seeds_are_averaged_and_not_counted_as_datasets():
    rows = constructed({"speech": -0.05}, seeds=(0, 1, 2))
    assert findings(rows, SMOOTH)[0].estimate.n == 17


def test_one_seed_is_called_one():
    (found, _) = findings(constructed({"speech": -0.05}), SMOOTH)
    assert found.verdict == "shown, negative; of one seed of pre-training"


def test_what_another_seed_would_not_survive_is_called_so():
    rows = constructed({"speech": (-0.09, -0.09, 0.03)}, seeds=(0, 1, 2))
    found = findings(rows, SMOOTH)[0]
    assert found.corrected < 0.05
    assert found.verdict == "would not survive another seed: 2 says the opposite"
    assert {seed: value > 0 for seed, value in found.by_seed.items()} == {0: False, 1: False, 2: True}


def test_comparisons_are_counted_and_corrected_for():
    rows = constructed({f"task{number}": -0.05 for number in range(4)})
    found = findings(rows, {**SMOOTH, "more": Analysis(x="slope")}, added=("more",))
    assert [each.added for each in found] == [False] * 8 + [True] * 4
    smallest = min(each.estimate.p for each in found)
    assert min(each.corrected for each in found if not each.added) == pytest.approx(8 * smallest)
    for each in found:
        if each.added:  # also for those that were planned
            assert each.corrected >= min(1, each.estimate.p)


def test_a_missing_cell_leaves_the_others():
    rows = constructed({"speech": -0.05, "noise": -0.05})
    rows = [
        replace(row, state="not tested", score=math.nan, gain=math.nan)
        if (row.dataset, row.task) == (SETS[3], "speech")
        else row
        for row in rows
    ]
    asked = {"smooth": Analysis(x="tv", tasks=("speech", "noise", "average"))}
    found = findings(rows, asked)
    assert [(each.estimate.n, each.units) for each in found] == [(16, 17), (17, 17), (16, 17)]


def test_recipes_are_compared_in_pairs():
    rows = constructed({"speech": 0.05}, seeds=(0, 1), recipes=("a", "b"))
    rows = [replace(row, score=row.score + 0.03 * (row.recipe == "b")) for row in rows]
    (found,) = findings(rows, {"b": Analysis(better="b", than="a")})
    assert found.method == "difference"
    assert found.estimate.low < 0.03 < found.estimate.high
    assert found.estimate.n == 34  # pairs of one dataset and seed
    assert found.verdict == "shown, positive"


def test_a_number_that_recipes_vary_is_correlated_within_datasets():
    ratios = {"a": 0.3, "b": 0.5, "c": 0.7}
    rows = [
        replace(row, varied=f'{{"mask_ratio": {ratios[row.recipe]}}}', score=row.score - ratios[row.recipe])
        for row in constructed({"speech": 0.5}, recipes=tuple(ratios))
        if row.dataset
    ]
    plain = Analysis(x="mask_ratio", method=("pearson",))
    loose, within = findings(rows, {"loose": plain, "within": replace(plain, within_groups=True)})
    assert within.estimate.n == loose.estimate.n == 51
    assert within.estimate.value < loose.estimate.value < 0
    assert within.estimate.value < -0.95


def test_an_analysis_that_cannot_be_is_refused():
    for given, said in (
        ({}, "give x"),
        ({"x": "tv", "better": "a", "than": "b"}, "give x"),
        ({"better": "a"}, "belong together"),
        ({"better": "a", "than": "b", "given": ("tv",)}, "are of correlations"),
        ({"x": "tv", "method": ()}, "method is empty"),
    ):
        with pytest.raises(Exception, match=said):
            Analysis(**given)
