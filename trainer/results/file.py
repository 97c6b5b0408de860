"""``results.parquet``: a row for each evaluation, appended by every command that makes one."""

import csv
import io
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patterngen.errors import first_line
from patterngen.storage.files import atomic_file, write_atomic
from patterngen.storage.locks import alone_in
from patterngen.storage.names import path_in_text
from trainer.errors import TrainerError
from trainer.results.predictions import Predictions, save_predictions
from trainer.results.rows import COLUMNS, Evaluation, Result, summarise

FILE = "results.parquet"
PREDICTIONS = "predictions"
"""The folder beside it, of a file for each row: what it said of each test clip."""
_ARROW: dict[object, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64()}
SCHEMA = pa.schema(
    [
        pa.field(field.name, _ARROW[field.type], nullable=False)
        for field in fields(Evaluation)
        if field.name in COLUMNS
    ]
)
"""Columns of the file: an `Evaluation`."""
_LATER = ("valid_score", "chosen", "protocol_sha256")
"""Columns that files of earlier versions have not; each has a default."""
_TEXTS = [field.name for field in SCHEMA if field.type == pa.string()]

_MOST_ROWS = 1_000_000
_MOST_ROW_BYTES = 1 << 14


def append_results(
    folder: Path, evaluations: Sequence[Evaluation], *, missing: bool = False
) -> list[Evaluation]:
    """Add rows to a folder's ``results.parquet``, and sum up all of its rows in ``results.csv``.

    What they predicted is written first, so that no row stands there without.

    The file is replaced whole, by one command at a time: commands that end together lose nothing.

    Args:
        folder: made if it is not there.
        evaluations: the rows.
        missing: add only those that the file does not hold already.

    Returns:
        The rows, whose predictions are no longer in memory: they name the files.

    Raises:
        TrainerError: what is there is not ours, or damaged; it stays as it is.
    """
    with alone_in(folder, ".results.lock"):
        rows = _read(folder / FILE)
        known = set(rows) if missing else set()
        for row in evaluations:
            if isinstance(row.predictions, Predictions):
                save_predictions(predictions_file(folder, row), row.predictions)
        rows += [row for row in evaluations if row not in known]
        with atomic_file(folder / FILE) as file:
            table = pa.Table.from_pylist([row.columns() for row in rows], SCHEMA)
            pq.write_table(table, file, write_page_checksum=True)
        write_summary(folder / "results.csv", summarise(rows))
    return [_pointed(folder, row) for row in evaluations]


def read_results(folder: Path) -> list[Evaluation]:
    """Read the rows of a folder's ``results.parquet``, oldest first; each names the file of its predictions.

    Raises:
        TrainerError: no such file, or not one of ours.
    """
    if not (folder / FILE).is_file():
        raise TrainerError(
            f"{folder}: holds no {FILE}; give a folder that `trainer transfer … --out` wrote to"
        )
    return [_pointed(folder, row) for row in _read(folder / FILE)]


def predictions_file(folder: Path, row: Evaluation) -> Path:
    """Return where the predictions of a row lie."""
    return folder / PREDICTIONS / f"{row.sha256}.parquet"


def _pointed(folder: Path, row: Evaluation) -> Evaluation:
    return replace(row, predictions=predictions_file(folder, row))


def write_summary(path: Path, results: Sequence[Result]) -> None:
    """Write results as CSV, without the scores of single folds and without intervals."""
    left_out = {"folds", "low", "high", "groups", "rows", "resampled"}
    columns = [field.name for field in fields(Result) if field.name not in left_out]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(row.columns() for row in results)
    write_atomic(path, text.getvalue().encode())


def _read(path: Path) -> list[Evaluation]:
    """Read the rows of a file that may not be there yet."""
    try:
        with path_in_text(path) as named:
            texts = [name for name in _TEXTS if name in pq.read_schema(named).names]
            with pq.ParquetFile(named, read_dictionary=texts, page_checksum_verification=True) as file:
                _check(path, file)
                table = file.read()
            _check_texts(path, table, texts)
            held = pa.schema([SCHEMA.field(name) for name in table.column_names])
            return [Evaluation(**row) for row in table.cast(held).to_pylist()]
    except FileNotFoundError:
        return []
    except KeyError:  # which the reader says of a text that is missing
        raise _foreign(path) from None
    except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError) as error:
        raise TrainerError(
            f"{path}: cannot be read as results ({first_line(error)}); move it elsewhere"
        ) from None


def _check(path: Path, file: pq.ParquetFile) -> None:
    """Refuse other people's files, and ours before memory is taken for what they claim to hold."""
    found = file.schema_arrow.names
    if found != [name for name in SCHEMA.names if name in found or name not in _LATER]:
        raise _foreign(path)
    rows, metadata = file.metadata.num_rows, file.metadata
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    _check_size(path, rows, size)


def _foreign(path: Path) -> TrainerError:
    return TrainerError(f"{path}: has other columns than results of ours; move it elsewhere")


def _check_texts(path: Path, table: pa.Table, texts: Sequence[str]) -> None:
    """Refuse texts that are small in their dictionaries, and large once every row has its own."""
    chunks = [chunk for name in texts for chunk in table[name].chunks]
    lengths = (pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() for chunk in chunks)
    _check_size(path, len(table), sum(length or 0 for length in lengths))


def _check_size(path: Path, rows: int, size: int) -> None:
    if rows > _MOST_ROWS or not 0 <= size <= (1 + rows) * _MOST_ROW_BYTES:
        raise TrainerError(f"{path}: {rows} rows of {size} bytes are no results of ours; move it elsewhere")
