import csv
import io
from dataclasses import replace

from trainer.results.distinct import with_distinct_names
from trainer.results.forms import csv_text
from trainer.results.grid import AVERAGE, Column, grid
from trainer.results.rows import summarise


def rows(evaluated, *protocols, **changed):
    """A result on each of two tasks for each (encoder, digest, settings)."""
    return summarise(
        row
        for encoder, sha256, settings in protocols
        for task in ("esc50", "fsdd")
        for row in evaluated(
            [{"split": 0.5}], task=task, encoder=encoder, protocol_sha256=sha256, settings=settings, **changed
        )
    )


def test_rows_of_other_protocols_are_shown_apart_and_share_no_average(evaluated):
    found = rows(
        evaluated,
        ("a", "01", '{"valid_share": 0.1, "model": "x"}'),
        ("b", "02", '{"valid_share": 0.2, "model": "y"}'),
    )
    laid_out = grid(found)
    names = ("linear (valid_share=0.1)", "linear (valid_share=0.2)")
    assert {column.protocol for column in laid_out.columns} == set(names)
    a, b = laid_out.rows
    assert set(a.cells) == {Column(task, names[0]) for task in ("esc50", "fsdd", AVERAGE)}
    assert set(b.cells) == {Column(task, names[1]) for task in ("esc50", "fsdd", AVERAGE)}
    assert any(
        "shown apart and not averaged with each other: linear (valid" in note for note in laid_out.notes
    )
    lines = list(csv.DictReader(io.StringIO(csv_text(found))))
    assert {line["protocol"] for line in lines} == set(names)


def test_no_encoder_has_an_average_over_tasks_of_two_protocols(evaluated):
    first, second = rows(evaluated, ("a", "01", "{}"))
    laid_out = grid([first, replace(second, protocol_sha256="02")])
    assert AVERAGE not in {column.task for column in laid_out.columns}
    assert {column.protocol for column in laid_out.columns} == {
        "linear (protocol 01)",
        "linear (protocol 02)",
    }
    assert AVERAGE in {column.task for column in grid([first, second]).columns}


def test_seeds_and_folds_of_two_protocols_are_not_averaged(evaluated):
    one, two = evaluated([{"split": 0.25}, {"split": 0.75}])
    assert [row.score for row in summarise([one, two])] == [0.5]
    assert len(summarise([one, replace(two, protocol_sha256="02")])) == 2


def test_the_floor_has_fewer_settings_and_the_same_protocol(evaluated):
    found = rows(
        evaluated, ("floor", "01", '{"lr": 1}'), ("a", "01", '{"lr": 1, "model": "x", "precision": "f"}')
    )
    assert {row.protocol for row in with_distinct_names(found)} == {"linear"}


def test_rows_of_earlier_versions_are_told(evaluated):
    found = rows(evaluated, ("a", "", "{}"), ("b", "01", "{}"))
    assert {row.protocol for row in with_distinct_names(found)} == {
        "linear (of an earlier version)",
        "linear (protocol 01)",
    }
