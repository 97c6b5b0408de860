import csv
import multiprocessing
from contextlib import suppress
from dataclasses import asdict, replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.results.file import FILE, SCHEMA, append_results, read_results
from trainer.results.rows import summarise


def test_rows_are_added_and_come_back(evaluated, tmp_path):
    first = evaluated([{"fold 1": 0.5, "fold 2": 0.7}])
    second = evaluated([{"split": 0.25}], task="esc50", settings="{}", encoder_sha256="")
    append_results(tmp_path / "new", first)
    append_results(tmp_path / "new", second)
    assert read_results(tmp_path / "new") == [*first, *second]
    with (tmp_path / "new" / "results.csv").open(newline="") as file:
        assert [float(line["score"]) for line in csv.DictReader(file)] == [0.6, 0.25]


def test_rows_that_are_there_can_be_left_out(evaluated, tmp_path):
    first, second = evaluated([{"fold 1": 0.5, "fold 2": 0.75}])
    append_results(tmp_path, [first])
    append_results(tmp_path, [first, second], missing=True)
    assert read_results(tmp_path) == [first, second]


def test_the_same_again_is_kept_and_only_the_newest_counts(evaluated, tmp_path):
    rows = evaluated([{"split": 0.25}])
    again = [replace(row, score=0.75, finished="2027-01-01T00:00:00+00:00") for row in rows]
    append_results(tmp_path, rows)
    append_results(tmp_path, again)
    assert len(read_results(tmp_path)) == 2
    assert [row.score for row in summarise(read_results(tmp_path))] == [0.75]


def _append(folder, rows):
    for row in rows:
        append_results(folder, [row])


def test_commands_that_write_at_once_lose_nothing(evaluated, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    rows = [evaluated([{"split": 0.5}] * 12, encoder=name) for name in ("a", "b")]
    writers = [spawn.Process(target=_append, args=(tmp_path, mine)) for mine in rows]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = read_results(tmp_path)
    assert len(found) == 24
    assert [row for row in found if row.encoder == "a"] == rows[0]


def write(path, table):
    pq.write_table(table, path)


def damaged(folder, kind, rows):
    """Put a file there that is no table of results."""
    table, path = pa.Table.from_pylist([asdict(row) for row in rows], SCHEMA), folder / FILE
    match kind:
        case "text":
            path.write_bytes(b"score,0.5\n")
        case "empty":
            path.write_bytes(b"")
        case "cut":
            write(path, table)
            path.write_bytes(path.read_bytes()[:-40])
        case "foreign":
            write(path, pa.table({"a": [1]}))
        case "other kinds":
            write(path, table.set_column(table.column_names.index("score"), "score", pa.array([["x"]])))
        case "no text":
            write(path, table.set_column(table.column_names.index("task"), "task", pa.array([5])))
        case "null":
            loose = pa.schema([field.with_nullable(True) for field in SCHEMA])
            write(path, pa.Table.from_pylist([asdict(rows[0]) | {"score": None}], loose))


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "foreign", "other kinds", "no text", "null"])
def test_what_is_no_table_of_results_is_refused_and_stays(evaluated, tmp_path, kind):
    rows = evaluated([{"split": 0.5}])
    damaged(tmp_path, kind, rows)
    before = (tmp_path / FILE).read_bytes()
    for use in (lambda: append_results(tmp_path, rows), lambda: read_results(tmp_path)):
        with pytest.raises(TrainerError, match="move it elsewhere") as error:
            use()
        assert "\n" not in str(error.value)
    assert (tmp_path / FILE).read_bytes() == before


@settings(max_examples=25)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_changes_no_score(evaluated, tmp_path_factory, place, bit):
    rows = evaluated([{"split": 0.5}, {"split": 0.25}])
    folder = tmp_path_factory.mktemp("results")
    append_results(folder, rows)
    data = bytearray((folder / FILE).read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    (folder / FILE).write_bytes(data)
    with suppress(TrainerError):
        assert read_results(folder) == rows


def test_texts_that_grow_when_read_are_refused(evaluated, tmp_path):
    table = pa.Table.from_pylist([asdict(row) for row in evaluated([{"split": 0.5}] * 2000)], SCHEMA)
    long = pa.array(["x" * 100_000] * 2000, pa.string())
    write(tmp_path / FILE, table.set_column(table.column_names.index("command"), "command", long))
    assert (tmp_path / FILE).stat().st_size < 1_000_000
    with pytest.raises(TrainerError, match=r"2000 rows of .* bytes are no results of ours"):
        read_results(tmp_path)


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(TrainerError, match=r"holds no results\.parquet"):
        read_results(tmp_path)
