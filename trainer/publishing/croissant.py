"""An exported encoder in Croissant: its files with their hashes, its licence, and what it learned from."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from patterngen.common.croissant import croissant, file_object
from patterngen.escape import as_text
from trainer.publishing.card import About, drawn_pictures

_KINDS = {".json": "application/json", ".safetensors": "application/octet-stream"}


def encoder_croissant(folder: Path, files: Sequence[str], about: About) -> str:
    """Describe the files of an exported encoder.

    Args:
        folder: where they lie.
        files: their names; the card, which may be edited by hand, is not among them.
        about: what the card is written from.
    """
    contents = {name: (folder / name).read_bytes() for name in files}
    kind = "pictures" if about.config.logmel is None else "sound"
    learned = drawn_pictures(about.provenance) or "README.md says what is known of its pre-training."
    return croissant(
        as_text(about.name),
        f"An encoder of {kind}: {about.config.model}, {about.parameters} parameters. {learned}",
        licence=None if about.license is None else f"https://spdx.org/licenses/{about.license}.html",
        published=None,
        about={"dataCollection": learned},
        distribution=[
            file_object(name, _KINDS[Path(name).suffix], len(data), hashlib.sha256(data).hexdigest())
            for name, data in contents.items()
        ],
    )
