"""Pictures that no family drew, packed into a dataset folder like those that were."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from patterngen.dataset.classes import ClassRange, write_classes
from patterngen.dataset.folder import DatasetFolder, find_shards
from patterngen.dataset.format_version import NEWEST
from patterngen.dataset.indexes import write_indexes
from patterngen.dataset.marker import shard_name
from patterngen.dataset.shard import PACKED, ShardWriter
from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError
from patterngen.families.model.pictures import Pictures
from patterngen.jobs.draw import manifest_rows
from patterngen.storage.files import remove_leftovers
from patterngen.storage.places import make_folder, place

ShardPictures = Callable[[], Iterable[Pictures]]
"""Makes the pictures of one shard, at least one of them."""


def pack(
    out: str,
    parts: Sequence[ShardPictures],
    *,
    label: str,
    identity: str,
    num_classes: int = 1,
    encoding: Encoding | None = None,
) -> DatasetFolder:
    """Write pictures from elsewhere as a dataset folder: one shard a part, in order.

    Such a dataset is read, measured, filtered and browsed as any other, but cannot be drawn again, and its
    card does not call it ours to give away.

    Args:
        out: a local folder. An interrupted run goes on where it stopped; another dataset's folder is refused.
        parts: make the pictures; those of shards that are whole already are not asked.
        label: stands for the family in the manifest.
        identity: tells datasets apart: equal for equal pictures in equal parts.
        num_classes: of the pictures' class ids.
        encoding: JPEG of quality 95 by default.

    Raises:
        PatternGenError: the folder holds something else, or a part has no pictures.
    """
    encoding = encoding or Encoding()
    said = [label, identity, len(parts), encoding.format, encoding.quality]
    job_hash = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    folder = place(out)
    if not isinstance(folder, Path):
        raise PatternGenError(f"{out}: pictures are packed into a local folder; copy it afterwards")
    present = find_shards(folder)
    if {shard.stats.job_hash for shard in present} - {job_hash}:
        raise PatternGenError(f"{out} holds another dataset: give a new folder")
    version = present[0].stats.format_version if present else NEWEST
    make_folder(folder)
    remove_leftovers(folder)
    counts = {shard.name: shard.count for shard in present if shard.is_whole}
    first = 0
    for number, part in enumerate(parts):
        name = shard_name(number)
        if name not in counts:
            with ShardWriter(
                folder, name, extension=encoding.format, job_hash=job_hash, format_version=version
            ) as writer:
                counts[name] = _fill(writer, part(), first, label, encoding, version)
                if not counts[name]:
                    raise PatternGenError(f"{out}: part {number} of {len(parts)} has no pictures")
                writer.commit()
        first += counts[name]
    write_classes(folder, [ClassRange(label, 0, num_classes)])
    dataset = DatasetFolder.open(out)
    write_indexes(dataset)
    return dataset


def _fill(
    writer: ShardWriter,
    batches: Iterable[Pictures],
    first: int,
    label: str,
    encoding: Encoding,
    format_version: int,
) -> int:
    """Add all pictures to a shard and return how many there are."""
    index = first
    for pictures in batches:
        members = [(index + n, 0) for n in range(len(pictures.pixels))]
        rows = manifest_rows(pictures, members, label=label, version=PACKED, format_version=format_version)
        for pixels, row in zip(pictures.pixels, rows, strict=True):
            writer.add(encode(pixels, encoding), row)
        index += len(members)
    return index - first
