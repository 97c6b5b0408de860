"""Intervals against what is known of them: the binomial, design effects, coverage, weighted precision."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score

from trainer.results.bootstrap import _draws, with_intervals
from trainer.results.differences import differences
from trainer.results.file import append_results, predictions_file, read_results
from trainer.results.intervals import Resampled, mean_of
from trainer.results.precision import mean_average_precision
from trainer.results.predictions import Predictions
from trainer.results.rows import summarise


def predictions(correct, groups=None, fold=""):
    """Predictions of two classes that are right where `correct` says."""
    right = np.asarray(correct, bool)
    return Predictions(
        clips=tuple(f"{fold}{i}.wav" for i in range(len(right))),
        groups=("",) * len(right) if groups is None else tuple(map(str, groups)),
        classes=("a", "b"),
        targets=np.zeros(len(right), np.int64),
        outputs=np.where(right, 0, 1),
    )


@pytest.fixture
def result(evaluated):
    """Makes results of who was right: by seed and fold, with the groups of each fold."""

    def made(by_seed, groups=None, **changed):
        rows = evaluated(
            [{fold: float(np.mean(c)) for fold, c in folds.items()} for folds in by_seed], **changed
        )
        rows = [
            replace(
                row,
                predictions=predictions(by_seed[row.seed][row.fold], (groups or {}).get(row.fold), row.fold),
            )
            for row in rows
        ]
        (found,) = with_intervals(summarise(rows))
        return found

    return made


def test_alone_clips_give_the_interval_of_the_binomial(result):
    for hits, n in ((700, 1000), (60, 400), (1500, 3000)):
        found = result([{"split": np.arange(n) < hits}])
        deviation = np.sqrt(hits / n * (1 - hits / n) / n)
        assert found.score == hits / n
        low, high = stats.binom.ppf([0.025, 0.975], n, hits / n) / n
        assert found.low == pytest.approx(low, abs=1 / n + 0.1 * deviation)
        assert found.high == pytest.approx(high, abs=1 / n + 0.1 * deviation)
        assert found.groups == n


def test_it_covers_chance_in_95_of_100_draws(result):
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        found = result([{"fold 1": rng.random(120) < 0.25, "fold 2": rng.random(120) < 0.25}])
        covered += found.low <= 0.25 <= found.high
    # Between the 0.1 % and the 99.9 % quantile of how many of 100 an exact interval covers.
    assert stats.binom.ppf(0.001, 100, 0.95) <= covered <= 100


def test_it_covers_the_truth_where_speakers_are_few_and_differ(result):
    rng, covered, draws, speakers = np.random.default_rng(1), 0, 200, 6
    for _ in range(draws):
        skill = 0.5 + 0.15 * rng.standard_normal(speakers)
        folds = {f"fold {s}": rng.random(50) < skill[s] for s in range(speakers)}
        found = result([folds], {fold: [fold] * 50 for fold in folds})
        covered += found.low <= 0.5 <= found.high
    assert covered / draws > 0.88  # the percentiles of six draws without their correction: 0.83


def test_groups_widen_it_by_the_design_effect(result):
    # 100 groups of 16 clips that stand or fall together: as many truths as groups, and √16 the width.
    rng = np.random.default_rng(2)
    truth = np.repeat(rng.random(100) < 0.6, 16)
    alone = result([{"split": truth}])
    grouped = result([{"split": truth}], {"split": np.repeat(np.arange(100), 16)})
    ratio = (grouped.high - grouped.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(4, rel=0.08)


def test_a_score_is_the_mean_over_folds_whatever_their_sizes(result):
    found = result([{"fold 1": [1] * 30 + [0] * 10, "fold 2": [1] * 40 + [0] * 360}])
    assert found.score == pytest.approx((0.75 + 0.1) / 2)
    assert found.resampled.values.mean() == pytest.approx(found.score, abs=0.005)
    expected = np.sqrt(0.75 * 0.25 / 40 + 0.1 * 0.9 / 400) / 2
    # Folds are drawn together, so that their shares vary, too.
    assert expected < found.resampled.values.std() < 1.6 * expected


def test_seeds_are_drawn_too(result):
    # Seeds that differ by much on many clips: the interval is that of their mean.
    rng = np.random.default_rng(3)
    levels = (0.4, 0.5, 0.6, 0.5)
    found = result([{"split": rng.random(20_000) < level} for level in levels])
    deviation = np.std(levels, ddof=1) / 2
    assert found.resampled.values.std() == pytest.approx(deviation, rel=0.1)
    one = result([{"split": rng.random(20_000) < 0.5}])
    assert found.high - found.low > 5 * (one.high - one.low)


def test_nothing_of_another_result_moves_it(evaluated, tmp_path):
    rng = np.random.default_rng(4)
    rows = [
        replace(row, predictions=predictions(rng.random(50) < 0.5, rng.integers(0, 9, 50)), score=0.0)
        for name in "abc"
        for row in evaluated([{"split": 0.5}] * 2, encoder=name)
    ]
    groups = rows[0].predictions.groups
    rows = [replace(row, predictions=replace(row.predictions, groups=groups)) for row in rows]
    rows = [replace(r, score=float((r.predictions.outputs == 0).mean())) for r in rows]
    alone = with_intervals(summarise(rows[:2]))
    together = with_intervals(summarise(rows))
    assert together[0] == alone[0]
    assert np.array_equal(together[0].resampled.values, alone[0].resampled.values)
    append_results(tmp_path, rows)
    assert with_intervals(summarise(read_results(tmp_path))) == together


def test_precision_is_scikit_learns_whatever_the_ties():
    rng = np.random.default_rng(5)
    for levels in (3, 1000):
        targets = rng.integers(0, 2, (60, 4))
        targets[:, 3] = 0
        outputs = rng.integers(0, levels, (60, 4)) / levels
        weights = rng.integers(0, 3, (60, 7)).astype(float)
        found = mean_average_precision(targets, outputs, weights)
        for own, score in zip(weights.T, found, strict=True):
            expected = average_precision_score(targets[:, :3], outputs[:, :3], sample_weight=own)
            assert score == pytest.approx(expected, abs=1e-12)
    assert np.isnan(mean_average_precision(targets[:, 3:], outputs[:, 3:], weights)).all()


def test_several_labels_a_clip_have_an_interval_too(evaluated):
    rng = np.random.default_rng(6)
    targets = rng.integers(0, 2, (300, 5))
    outputs = (targets + 1.5 * rng.standard_normal((300, 5))).astype(np.float32)
    score = average_precision_score(targets, outputs)
    found = Predictions(
        clips=tuple(map(str, range(300))),
        groups=("",) * 300,
        classes=tuple("abcde"),
        targets=targets,
        outputs=outputs,
    )
    (row,) = evaluated([{"split": score}], predictions=found, metric="mAP")
    (result,) = with_intervals(summarise([row]))
    again = rng.integers(0, 300, (300, 300))
    expected = [average_precision_score(targets[draw], outputs[draw]) for draw in again]
    assert result.resampled.values.std() == pytest.approx(np.std(expected), rel=0.15)
    assert result.low < score < result.high
    better = replace(
        row, encoder="b", predictions=replace(found, outputs=targets.astype(np.float32)), score=1.0
    )
    (difference,) = differences(with_intervals(summarise([row, better])), "b").results
    assert difference.high < 0


def test_the_draws_of_a_group_add_up():
    weights = np.concatenate(list(_draws("0a" * 32, 7, 5000)))
    assert (weights.sum(axis=1) == 7).all()
    assert weights.mean(axis=0) == pytest.approx(1, abs=0.06)
    assert np.array_equal(weights, np.concatenate(list(_draws("0a" * 32, 7, 5000))))


# --- differences --------------------------------------------------------------------------------


def compared(result, one, other, groups=None, against="random"):
    folds = {} if groups is None else {"split": groups}
    rows = [
        result([{"split": who}], folds, encoder=name) for name, who in (("random", one), ("smooth", other))
    ]
    return differences(rows, against)


def test_an_encoder_against_itself_is_nothing(result):
    truth = np.random.default_rng(7).random(200) < 0.6
    (found,) = compared(result, truth, truth).results
    assert (found.score, found.low, found.high) == (0, 0, 0)


def test_better_on_every_clip_excludes_nothing(result):
    # Both are wrong at the same clips, but for three groups: as intervals alone they overlap.
    base = np.arange(300) < 150
    better = np.arange(300) < 170
    found = compared(result, base, better).results[0]
    assert found.score == pytest.approx(20 / 300)
    assert 0 < found.low < found.score < found.high
    deviation = np.sqrt(20 / 300 * (1 - 20 / 300) / 300)
    assert found.resampled.values.std() == pytest.approx(deviation, rel=0.06)
    assert result([{"split": base}]).high > result([{"split": better}]).low


def test_differences_are_of_the_same_clips_alone(result):
    truth = np.arange(40) < 20
    base = result([{"split": truth}], encoder="random")
    elsewhere = result([{"split": truth}], encoder="smooth", data_sha256="1")
    part = result([{"fold 1": truth}], encoder="rough", folds=2)
    found = differences([base, elsewhere, part], "random")
    assert found.results == []
    assert "without a counterpart of random" in found.notes[0]
    assert "smooth (fsdd, linear), rough (fsdd, linear)" in found.notes[0]


def test_of_several_random_encoders_the_one_of_ones_own_architecture_counts(result):
    truth = np.arange(40) < 20
    rows = [
        result([{"split": truth}], encoder=f"random {name}", settings=f'{{"model": "{name}"}}')
        for name in ("a", "b")
    ]
    mine = result([{"split": np.arange(40) < 30}], encoder="smooth", settings='{"model": "b"}')
    other = result([{"split": np.arange(40) < 30}], encoder="rough", settings='{"model": "c"}')
    found = differences([*rows, mine, other], "random")
    assert [(row.encoder, row.score) for row in found.results] == [("smooth", 0.25)]
    assert "rough" in found.notes[0]


# --- averages -----------------------------------------------------------------------------------


def test_an_average_of_tasks_has_the_interval_of_independent_means():
    rng = np.random.default_rng(8)
    several = [Resampled(0.5 + s * rng.standard_normal(20_000), 99, str(s)) for s in (0.01, 0.02)]
    found = mean_of(several)
    low, high = found.interval()
    assert high - low == pytest.approx(2 * 1.98 * np.hypot(0.01, 0.02) / 2, rel=0.03)
    # Welch and Satterthwaite: the noisier task has most of the say.
    assert found.freedom == pytest.approx(99 * (1 + 4) ** 2 / (1 + 16), rel=0.01)


# --- what is not there, or not whole --------------------------------------------------------------


def test_rows_without_predictions_and_single_groups_have_no_interval(evaluated, result, tmp_path):
    append_results(tmp_path, evaluated([{"split": 0.5}]))
    (found,) = with_intervals(summarise(read_results(tmp_path)))
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(result([{"split": [1, 0, 1]}], {"split": ["a"] * 3}).low)


@pytest.mark.parametrize("kind", ["damaged", "of another score"])
def test_damaged_predictions_are_one_line_and_the_table_stands(evaluated, tmp_path, capsys, kind):
    rows = [
        replace(row, predictions=predictions([1, 0, 1, 0]))
        for name in ("a", "b")
        for row in evaluated([{"split": 0.5}], encoder=name)
    ]
    append_results(tmp_path, rows)
    path = predictions_file(tmp_path, rows[0])
    if kind == "damaged":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        append_results(tmp_path / "other", [replace(rows[0], predictions=predictions([1, 1, 1, 0]))])
        path.write_bytes(predictions_file(tmp_path / "other", rows[0]).read_bytes())
    first, second = with_intervals(summarise(read_results(tmp_path)))
    assert np.isnan(first.low)
    assert first.score == 0.5
    assert second.low < 0.5 < second.high
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("no interval: ")
    assert path.name in line
