import json
from dataclasses import replace

import pytest

from trainer.results.distinct import with_distinct_names
from trainer.results.grid import AVERAGE, NINE_TASKS, Column, grid
from trainer.results.published import NINE, PublishedScore, published_scores
from trainer.results.rows import summarise
from trainer.tasks import names


@pytest.fixture
def results(evaluated):
    """Makes results of (task, protocol, encoder, scores of two folds for each seed)."""

    def made(*rows):
        return summarise(
            each
            for task, protocol, encoder, *seeds in rows
            for each in evaluated(
                [dict(zip(("fold 1", "fold 2"), folds, strict=False)) for folds in seeds],
                task=task,
                protocol=protocol,
                encoder=encoder,
                folds=2,
            )
        )

    return made


OTHERS = (
    PublishedScore("Old", "esc50", "finetune", "accuracy", 0.99, "Old et al., 1999"),
    PublishedScore("Older", "nine", "linear", "accuracy", 0.8, "Older et al., 1998"),
    PublishedScore("Elsewhere", "us8k", "finetune", "accuracy", 0.7, "Elsewhere et al., 2000"),
)


def test_baselines_come_first_and_encoders_as_they_came(results):
    rows = results(
        *(("fsdd", "linear", name, [0.5, 0.5]) for name in ("b", "random", "a", "scratch", "floor"))
    )
    assert [row.name for row in grid(rows).rows] == ["floor", "random", "scratch", "b", "a"]


def test_averages_are_over_whole_rows_of_one_protocol(results):
    found = grid(
        results(
            ("fsdd", "linear", "a", [0.2, 0.4]),
            ("esc50", "linear", "a", [0.5, 0.7]),
            ("fsdd", "linear", "b", [0.2, 0.4]),
            ("fsdd", "finetune (last)", "a", [0.9, 0.9]),
        )
    )
    average = Column(AVERAGE, "linear")
    assert found.columns == (
        Column("fsdd", "linear"),
        Column("esc50", "linear"),
        average,
        Column("fsdd", "finetune (last)"),
    )
    a, b = found.rows
    assert a.cells[average].score == pytest.approx(0.45)
    assert average not in b.cells


def test_a_part_of_the_folds_is_marked_and_no_rival_of_the_whole(results):
    found = grid(
        results(
            ("fsdd", "linear", "a", [0.9]),
            ("fsdd", "linear", "b", [0.5, 0.5]),
            ("fsdd", "linear", "c", [0.4, 0.4]),
        )
    )
    a, b, c = found.rows
    column = found.columns[0]
    assert a.cells[column].part == "fold 1 of 2"
    assert [found.is_best(row, column) for row in (a, b, c)] == [False, True, False]
    assert found.notes == ("* not of all folds. fsdd, linear: fold 1 of 2.",)


def test_nothing_is_bold_that_is_not_of_all_folds(results):
    found = grid(results(("fsdd", "linear", "a", [0.9]), ("fsdd", "linear", "b", [0.5])))
    assert [found.is_best(row, found.columns[0]) for row in found.rows] == [False, False]


def test_the_best_is_what_is_printed_highest(results):
    found = grid(
        results(*(("fsdd", "linear", name, [s, s]) for name, s in (("a", 0.5001), ("b", 0.5002), ("c", 0.4))))
    )
    assert [found.is_best(row, found.columns[0]) for row in found.rows] == [True, True, False]
    alone = grid(results(("fsdd", "linear", "a", [0.5, 0.5])))
    assert not alone.is_best(alone.rows[0], alone.columns[0])  # best of one


def test_published_scores_stand_beside_and_never_win(results):
    rows = results(
        ("esc50", "finetune (last)", "a", [0.5, 0.5]),
        ("esc50", "finetune (last)", "scratch", [0.4, 0.4]),
        ("esc50", "linear", "a", [0.5, 0.5]),
    )
    found = grid(rows, OTHERS)
    tuned = Column("esc50", "finetune (last)")
    assert {row.name for row in found.rows[-2:]} == {row.name for row in found.rows if row.published}
    by_name = {row.name: row for row in found.rows}
    assert by_name["Old †"].cells[tuned].score == 0.99
    assert by_name["Older †"].cells[Column(NINE_TASKS, "linear")].score == 0.8
    assert found.is_best(by_name["a"], tuned)
    assert not found.is_best(by_name["Old †"], tuned)
    assert "Elsewhere †" not in by_name
    assert "Old et al., 1999" in found.notes[-1]
    assert "Elsewhere" not in found.notes[-1]
    assert not any(row.published for row in grid(rows).rows)


def test_our_average_of_nine_stands_beside_theirs(results):
    rows = results(*((task, "linear", "a", [n / 10, n / 10]) for n, task in enumerate(NINE)))
    found = grid(rows, OTHERS)
    assert found.rows[0].cells[Column(NINE_TASKS, "linear")].score == pytest.approx(0.4)


def test_equal_names_are_told_apart_by_what_differs(evaluated):
    (row,) = evaluated([{"split": 0.5}])
    settings = json.loads(row.settings)
    other = replace(row, settings=json.dumps(settings | {"lr": 0.01, "patch": [8, 8]}))
    names = [each.encoder for each in with_distinct_names(summarise([row, other]))]
    assert names == ["smooth (lr=0.001, patch=None)", "smooth (lr=0.01, patch=8×8)"]
    retrained = replace(row, encoder_sha256="ff" * 32)
    assert [each.encoder for each in with_distinct_names(summarise([row, retrained]))] == [
        "smooth (weights 0a0a0a0a)",
        "smooth (weights ffffffff)",
    ]
    assert [each.encoder for each in with_distinct_names(summarise([row]))] == ["smooth"]


def test_nothing_vanishes_where_settings_and_weights_differ(evaluated):
    made = [({"lr": 1}, "aa"), ({"lr": 2}, "aa"), ({"lr": 1}, "bb")]
    rows = [
        replace(row, settings=json.dumps(settings), encoder_sha256=sha256)
        for settings, sha256 in made
        for row in evaluated([{"fold 1": 0.5}], folds=1)
    ]
    names = {row.encoder for row in with_distinct_names(summarise(rows))}
    assert len(names) == 3


def test_rows_of_different_clips_are_noted(evaluated):
    (a,) = evaluated([{"split": 0.5}])
    b = replace(a, encoder="b", data_sha256="ee" * 32)
    assert any("not all rows are of the same clips" in note for note in grid(summarise([a, b])).notes)
    assert grid(summarise([a, replace(b, data_sha256=a.data_sha256)])).notes == ()


def test_what_is_published_is_of_tasks_that_we_have_and_has_a_source():
    rows = published_scores()
    assert {row.task for row in rows} <= {*names(), "nine"}
    assert set(NINE) <= set(names())
    assert all(0 < row.score < 1 and row.source and row.protocol in ("linear", "finetune") for row in rows)
    assert len({(row.method, row.task, row.protocol) for row in rows}) == len(rows)
    best = {row.task: row.score for row in sorted(rows, key=lambda row: row.score)}
    assert best == pytest.approx(
        {"nine": 0.802, "esc50": 0.96, "spcv2": 0.983, "us8k": 0.8817, "fsd50k": 0.546}
    )


def test_one_feature_of_each_encoder_stands_beside_the_floor(results):
    rows = results(
        ("fsdd", "linear", "floor", [0.3, 0.3]),
        ("fsdd", "linear (layers norm+logmel)", "random", [0.4, 0.4]),
        ("fsdd", "linear (layers norm+logmel)", "mine", [0.6, 0.6]),
        ("fsdd", "linear (layer 6, mean)", "other", [0.5, 0.5]),
        ("fsdd", "finetune (last)", "mine", [0.9, 0.9]),
    )
    found = grid(rows)
    column = Column("fsdd", "linear")
    assert found.columns == (column, Column("fsdd", "finetune (last)"))
    assert [row.cells[column].percent for row in found.rows] == ["30.0", "40.0", "60.0", "50.0"]
    assert "By layers norm+logmel: random, mine." in found.notes
    assert "By layer 6, mean: other." in found.notes


def test_several_features_of_an_encoder_keep_columns_of_their_own(results):
    names = ("linear", "linear (layer 6)")
    rows = results(
        ("fsdd", "linear", "floor", [0.3, 0.3]),
        *(("fsdd", name, "mine", [0.6, 0.6]) for name in names),
    )
    assert [column.protocol for column in grid(rows).columns] == [*names]
    by_task = results(
        ("fsdd", "linear (mean)", "mine", [0.6, 0.6]), ("esc50", "linear (layer 6)", "mine", [0.6, 0.6])
    )
    assert {column.protocol for column in grid(by_task).columns} == {"linear (mean)", "linear (layer 6)"}
