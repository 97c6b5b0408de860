"""What an encoder was pre-trained on, as the run folder around it tells."""

import json
from pathlib import Path

ENVIRONMENT = "environment.json"
_MOST_BYTES = 1 << 24


def dataset_of(encoder: Path) -> str:
    """Return the identity of the pictures that an encoder was pre-trained on; empty where nobody tells.

    Args:
        encoder: a run folder, or a checkpoint or exported folder inside one.
    """
    for folder in (encoder, *encoder.resolve().parents[:2]):
        try:
            with (folder / ENVIRONMENT).open("rb") as file:
                found = json.loads(file.read(_MOST_BYTES))["dataset"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return str(found)
    return ""
