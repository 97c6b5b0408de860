from dataclasses import replace

import pytest

from trainer.results.rows import summarise


def test_seeds_are_averaged_over_folds_and_folds_over_seeds(evaluated):
    (result,) = summarise(evaluated([{"fold 1": 0.5, "fold 2": 0.7}, {"fold 1": 0.6, "fold 2": 1.0}]))
    assert result.score == pytest.approx(0.7)
    assert result.folds == pytest.approx({"fold 1": 0.55, "fold 2": 0.85})
    assert (result.seeds, result.clips, result.seconds) == (2, 9, 2.5)
    assert result.part == ""


@pytest.mark.parametrize(
    ("encoder", "baseline"),
    [("random", True), ("scratch vit_tiny 8×8", True), ("floor", True), ("smooth", False)],
)
def test_baselines_are_told_from_encoders(evaluated, encoder, baseline):
    assert summarise(evaluated([{"split": 0.5}], encoder=encoder))[0].is_baseline == baseline


def test_folds_may_come_from_different_commands(evaluated):
    rows = evaluated([{"fold 1": 0.5, "fold 2": 0.7}, {"fold 1": 0.6, "fold 2": 1.0}])
    whole = summarise(rows)
    parts = [replace(row, command=f"trainer transfer probe --fold {row.fold[-1]}") for row in rows]
    (put_together,) = summarise(sorted(parts, key=lambda row: row.fold))
    assert put_together.command.count(" && ") == 1
    assert replace(put_together, command=whole[0].command) == whole[0]


def test_the_newest_of_two_counts_wherever_it_stands(evaluated):
    (old,) = evaluated([{"split": 0.1}])
    new = replace(old, score=0.9, finished="2026-02-01T00:00:00+00:00")
    assert summarise([old, new]) == summarise([new, old]) == summarise([new])


def test_a_seed_that_lacks_a_fold_is_left_out(evaluated):
    rows = evaluated([{"fold 1": 0.5, "fold 2": 0.7}, {"fold 1": 0.6, "fold 2": 1.0}])
    (result,) = summarise(rows[:3])
    assert (result.score, result.seeds) == (pytest.approx(0.6), 1)
    assert result.rows == tuple(rows[:2])


def test_where_no_seed_has_all_folds_they_are_averaged_as_they_are(evaluated):
    rows = evaluated([{"fold 1": 0.5, "fold 2": 0.7}, {"fold 1": 0.6, "fold 2": 1.0}])
    (result,) = summarise([rows[0], rows[3]])
    assert result.score == pytest.approx(0.75)
    assert result.rows == ()


def test_a_part_of_the_folds_is_not_the_task(evaluated):
    assert summarise(evaluated([{"fold 3": 0.5, "fold 1": 0.5}], folds=5))[0].part == "fold 1, fold 3 of 5"


@pytest.mark.parametrize(
    "changed", [{"settings": "{}"}, {"encoder_sha256": ""}, {"data_sha256": "1"}, {"protocol": "knn"}]
)
def test_what_was_made_otherwise_is_not_averaged(evaluated, changed):
    (row,) = evaluated([{"split": 0.5}])
    assert len(summarise([row, replace(row, seed=1), replace(row, seed=2, **changed)])) == 2
