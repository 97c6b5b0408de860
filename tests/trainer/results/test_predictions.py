from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer.errors import TrainerError
from trainer.results.file import FILE, SCHEMA, append_results, predictions_file, read_results
from trainer.results.predictions import Predictions, load_predictions

HOSTILE = ("../up.wav", "a,b\n.wav", "a\x00b", "\\udce9", "=cmd()", "é" * 500, "")


def predictions(n=7, classes=("a", "b", "c|\n"), names=HOSTILE, multi=False):
    rng = np.random.default_rng(0)
    shape = (n, len(classes)) if multi else n
    return Predictions(
        clips=names,
        groups=tuple(f"g{i % 3}\n" if i else "" for i in range(n)),
        classes=classes,
        targets=rng.integers(0, 2, shape) if multi else rng.integers(0, len(classes), n),
        outputs=rng.random(shape, np.float32) if multi else rng.integers(0, len(classes), n),
    )


@pytest.mark.parametrize("multi", [False, True])
def test_what_was_predicted_comes_back(evaluated, tmp_path, multi):
    (row,) = evaluated([{"split": 0.5}], encoder="../a/b\n", predictions=predictions(multi=multi))
    append_results(tmp_path, [row])
    assert predictions_file(tmp_path, row).parent == tmp_path / "predictions"
    (bare,) = read_results(tmp_path)
    found = load_predictions(bare.predictions)
    expected = row.predictions
    assert (found.clips, found.groups, found.classes) == (expected.clips, expected.groups, expected.classes)
    np.testing.assert_array_equal(found.targets, expected.targets)
    np.testing.assert_array_equal(found.outputs, expected.outputs)
    assert found.outputs.dtype == expected.outputs.dtype


def test_each_row_has_a_file_of_its_own_and_what_is_made_again_replaces_it(evaluated, tmp_path):
    rows = evaluated([{"fold 1": 0.5, "fold 2": 0.5}] * 2)
    rows += [replace(rows[0], **changed) for changed in ({"encoder": "b"}, {"settings": "{}"})]
    assert len({predictions_file(tmp_path, row) for row in rows}) == len(rows)
    again = replace(rows[0], finished="2027", score=0.75, command="other")
    assert predictions_file(tmp_path, again) == predictions_file(tmp_path, rows[0])


def test_a_row_without_predictions_is_read_as_it_is(evaluated, tmp_path):
    rows = evaluated([{"split": 0.5}])
    append_results(tmp_path, rows)
    assert load_predictions(predictions_file(tmp_path, rows[0])) is None


@pytest.mark.parametrize("kind", ["text", "cut", "foreign", "unknown label", "not a number", "grows"])
def test_what_is_no_file_of_predictions_is_refused_in_one_line(evaluated, tmp_path, kind):
    multi = kind == "not a number"
    (row,) = evaluated([{"split": 0.5}], predictions=predictions(multi=multi))
    append_results(tmp_path, [row])
    path = predictions_file(tmp_path, row)
    table = pq.read_table(path)
    match kind:
        case "text":
            path.write_bytes(b"clip,label\n")
        case "cut":
            path.write_bytes(path.read_bytes()[:-30])
        case "foreign":
            pq.write_table(pa.table({"a": [1]}), path)
        case "unknown label":
            pq.write_table(table.set_column(3, "predicted", pa.array(["d"] * 7)), path)
        case "grows":  # small on the disk, by a dictionary, and large once every clip has its own
            long = pa.array(["x" * 1_000_000] * 7)
            pq.write_table(table.set_column(0, "clip", long), path)
        case "not a number":
            worse = pa.array([[np.nan] * 3] * 7, table.schema.field("outputs").type)
            pq.write_table(table.set_column(3, "outputs", worse), path)
    with pytest.raises(TrainerError, match="cannot be read as predictions") as error:
        load_predictions(path)
    assert "\n" not in str(error.value)


def test_files_of_earlier_versions_are_read_and_appended_to(evaluated, tmp_path):
    old, new = evaluated([{"fold 1": 0.5, "fold 2": 0.75}])
    names = [name for name in SCHEMA.names if name not in ("valid_score", "chosen", "protocol_sha256")]
    columns = {name: [value] for name, value in old.columns().items() if name in names}
    pq.write_table(pa.table(columns, pa.schema([SCHEMA.field(name) for name in names])), tmp_path / FILE)
    assert read_results(tmp_path) == [old]
    assert np.isnan(read_results(tmp_path)[0].valid_score)
    new = replace(new, valid_score=0.25, protocol_sha256="0d" * 32)
    append_results(tmp_path, [old, new], missing=True)
    assert read_results(tmp_path) == [old, new]
    assert read_results(tmp_path)[1].valid_score == 0.25
