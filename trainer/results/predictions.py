"""What an evaluation said of each test clip: one small file for each row, beside ``results.parquet``."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from patterngen.errors import first_line
from patterngen.storage.files import atomic_file
from patterngen.storage.names import path_in_text
from patterngen.storage.texts import parse_json
from trainer.errors import TrainerError

_MOST_CLIPS = 1_000_000
_MOST_BYTES = 1 << 30  # of a file's columns once they are read
_PLAIN = {"PLAIN", "RLE", "BIT_PACKED"}  # values as they are, and how nested they are


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """What one evaluation said of its test clips, in the order in which they were tested.

    Attributes:
        clips: files of the clips, as they lie in the folder of the task.
        groups: what each shares with others, its speaker or recording; empty where nothing is known of it.
        classes: labels, in the order of class ids.
        targets: class ids int64 [n], or 0/1 [n, C] where a clip may have several labels.
        outputs: the class id int64 [n] that each was given; float32 [n, C], larger for likelier classes,
            where a clip may have several labels.
    """

    clips: tuple[str, ...]
    groups: tuple[str, ...]
    classes: tuple[str, ...]
    targets: NDArray[np.int64]
    outputs: NDArray[np.int64] | NDArray[np.float32]

    @property
    def multi_label(self) -> bool:
        """Whether a clip may have several labels."""
        return self.targets.ndim == 2


def save_predictions(path: Path, found: Predictions) -> None:
    """Write predictions to a file of their own, in place of what was there."""
    path.parent.mkdir(exist_ok=True)
    with atomic_file(path) as file:
        pq.write_table(
            _table(found), file, write_page_checksum=True, use_dictionary=False, compression="zstd"
        )


def load_predictions(path: Path) -> Predictions | None:
    """Read predictions; None where there is no such file.

    Raises:
        TrainerError: the file is damaged or no file of ours.
    """
    try:
        with path_in_text(path) as named, pq.ParquetFile(named, page_checksum_verification=True) as file:
            _check_size(file.metadata)
            return _predictions(file.read())
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TrainerError(
            f"{path}: cannot be read as predictions ({first_line(error)}); remove it, and evaluate again for "
            "an interval"
        ) from None


def _check_size(metadata: pq.FileMetaData) -> None:
    """Refuse a file before memory is taken for it; without dictionaries its size is that of its contents."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    encodings = {name for g in groups for i in range(g.num_columns) for name in g.column(i).encodings}
    if metadata.num_rows > _MOST_CLIPS or not 0 <= size <= _MOST_BYTES or encodings - _PLAIN:
        raise ValueError(f"{metadata.num_rows} clips in {size} bytes, {', '.join(sorted(encodings))}")


def _table(found: Predictions) -> pa.Table:
    names = np.array(found.classes, object)
    if found.multi_label:
        labels = pa.array([list(names[own.astype(bool)]) for own in found.targets], pa.list_(pa.string()))
        flat = pa.array(np.ascontiguousarray(found.outputs, np.float32).reshape(-1))
        told = {"label": labels, "outputs": pa.FixedSizeListArray.from_arrays(flat, len(names))}
    else:
        told = {
            "label": pa.array(names[found.targets], pa.string()),
            "predicted": pa.array(names[found.outputs], pa.string()),
        }
    columns = {
        "clip": pa.array(found.clips, pa.string()),
        "group": pa.array(found.groups, pa.string()),
        **told,
    }
    return pa.table(columns, metadata={"classes": json.dumps(found.classes, ensure_ascii=False)})


def _predictions(table: pa.Table) -> Predictions:
    """Read what `_table` wrote; raises KeyError, TypeError or ValueError if it was something else."""
    classes = parse_json((table.schema.metadata or {})[b"classes"])
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise TypeError("classes are no names")
    number = {name: i for i, name in enumerate(classes)}
    clips, groups, labels = (table[name].to_pylist() for name in ("clip", "group", "label"))
    if not all(isinstance(name, str) for name in (*clips, *groups)):
        raise TypeError("clips or groups are no names")
    outputs: NDArray[np.int64] | NDArray[np.float32]
    if "outputs" in table.column_names:
        targets = np.zeros((len(clips), len(classes)), np.int64)
        for row, own in zip(targets, labels, strict=True):
            row[[number[name] for name in own]] = 1
        flat = table["outputs"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        outputs = flat.astype(np.float32).reshape(targets.shape)
        if not np.isfinite(outputs).all():
            raise ValueError("outputs that are no finite numbers")
    else:
        targets = np.array([number[name] for name in labels], np.int64)
        outputs = np.array([number[name] for name in table["predicted"].to_pylist()], np.int64)
    return Predictions(
        clips=tuple(clips), groups=tuple(groups), classes=tuple(classes), targets=targets, outputs=outputs
    )
