"""A dataset folder in Croissant: its shards, the columns of its manifests, and who drew it."""

import re

import pyarrow as pa

from patterngen.common.croissant import Node, croissant, file_set
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.marker import SHARD_GLOB
from patterngen.dataset.shard import MANIFEST, MEASURED, PACKED
from patterngen.escape import as_text
from patterngen.metrics import TV_DEFINITION

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"

_TYPES = {pa.string(): "sc:Text", pa.int64(): "sc:Integer", pa.float64(): "sc:Float"}
_MEANING = {
    "key": "Name of the picture in its shard.",
    "family": "Kind of picture, with its settings: with the seed, what draws it again.",
    "family_version": "Version of the family; 0 for pictures that no family drew.",
    "class_id": "Class, by classes.json.",
    "seed": "Seed of the picture.",
    "width": "Pixels.",
    "height": "Pixels.",
    "tv": TV_DEFINITION,
    "tv_iso": "Mean of the length of the gradient of luma.",
    "tv_rgb": "Total Variation, the mean over the three colours.",
    "sha256": "SHA-256 of the pixels.",
    "params": "Parameters that were drawn for the picture, as a JSON object.",
    "renderer": "What drew the pixels.",
    "shard": "Name of the tar that holds it.",
    "offset": "First byte of the encoded picture in the tar.",
    "size": "Bytes of the encoded picture.",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def dataset_croissant(dataset: DatasetFolder) -> str:
    """Describe a dataset folder as Croissant; of the manifests, one row is read.

    Raises:
        PatternGenError: a manifest is missing or damaged.
    """
    (first,) = dataset.shards[0].manifest(["family_version"]).slice(0, 1).to_pylist()
    drawn = first["family_version"] != PACKED
    versions = ", ".join(sorted({shard.stats.patterngen_version for shard in dataset.shards}))
    ended = max(shard.stats.ended for shard in dataset.shards)
    who = (
        f"Drawn by patterngen {versions} from seeds: job.yaml draws all of it again, a row's family and seed "
        "its picture. No photograph, no recording, no person and nobody else's work is in it."
        if drawn
        else f"Packed by patterngen {versions} from recordings or pictures of others."
    )
    kind = "synthetic patterns" if drawn else "packed pictures"
    return croissant(
        as_text(dataset.path.resolve().name),
        f"{dataset.count} {kind} in {len(dataset.shards)} WebDataset shards. {who}",
        licence=CC0 if drawn else None,
        published=ended[:10] if _DATE.match(ended) else None,
        about={
            "dataCollection": who,
            "dataCollectionType": "Software" if drawn else "Others",
            **({"personalSensitiveInformation": "None: no person is in it."} if drawn else {}),
            "dataUseCases": "Pre-training of encoders of pictures and sound.",
        },
        distribution=[
            file_set("shards", "The pictures, three files each in a tar.", "application/x-tar", SHARD_GLOB),
            file_set("manifests", "A row for each picture.", "application/x-parquet", "train-*.parquet"),
        ],
        records=[_pictures(dataset)],
    )


def _pictures(dataset: DatasetFolder) -> Node:
    columns = [*MANIFEST, *(field for field in MEASURED if field.name in dataset.measures)]
    return {
        "@type": "cr:RecordSet",
        "@id": "pictures",
        "name": "pictures",
        "description": "What is known of each picture.",
        "key": {"@id": "pictures/key"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"pictures/{column.name}",
                "name": column.name,
                "description": _MEANING.get(column.name, "A measure of the picture."),
                "dataType": _TYPES[column.type],
                "source": {"fileSet": {"@id": "manifests"}, "extract": {"column": column.name}},
            }
            for column in columns
        ],
    }
