"""Croissant: what a folder holds, as JSON-LD that search engines and loaders of data sets read.

Source: MLCommons, "Croissant Format Specification", version 1.0 (2024), and its vocabulary for responsible
use, "Croissant RAI Specification", version 1.0. <https://docs.mlcommons.org/croissant/docs/croissant-spec.html>
"""

import json
from collections.abc import Mapping, Sequence

from patterngen._version import __version__

CROISSANT = "croissant.json"

Node = Mapping[str, object]

_OWN = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet"),
    *("format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
    *("references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField"),
    "transform",
)
_CONTEXT: Node = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{name: f"cr:{name}" for name in _OWN},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
"""Short names of the vocabulary, as the specification asks every file to begin."""
_CITE = f"patterngen {__version__}: synthetic patterns for pre-training encoders of pictures and sound"


def croissant(
    name: str,
    description: str,
    *,
    licence: str | None,
    published: str | None,
    about: Mapping[str, str],
    distribution: Sequence[Node],
    records: Sequence[Node] = (),
) -> str:
    """Write the description of a folder, to lie in it as `CROISSANT`.

    Args:
        name: what the folder is called.
        description: what it holds, in a sentence or two.
        licence: URL of the licence, or its name; None where none is known.
        published: date, as 2026-01-31; None where none is known.
        about: terms of Croissant RAI, as ``dataCollection``, and what is said of each.
        distribution: the files: nodes of `file_object` and `file_set`.
        records: what tables among them hold: nodes of type ``cr:RecordSet``.
    """
    node: dict[str, object] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": description,
        "version": "1.0.0",
        "citeAs": _CITE,
        **({} if licence is None else {"license": licence}),
        **({} if published is None else {"datePublished": published}),
        **{f"rai:{term}": text for term, text in about.items()},
        "distribution": list(distribution),
        **({"recordSet": list(records)} if records else {}),
    }
    return json.dumps(node, indent=1, ensure_ascii=False) + "\n"


def file_object(name: str, kind: str, size: int, sha256: str) -> Node:
    """Describe one file: its name in the folder, MIME type, bytes and SHA-256."""
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": kind,
        "sha256": sha256,
    }


def file_set(name: str, description: str, kind: str, pattern: str) -> Node:
    """Describe the files of a folder whose names match a pattern of the shell."""
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": description,
        "encodingFormat": kind,
        "includes": pattern,
    }
