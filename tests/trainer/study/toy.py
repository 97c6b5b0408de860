"""A study of a few seconds, as a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patterngen.common.yaml_text import dump_yaml
from tests.shallow import SHALLOW

TINY = {
    "model": SHALLOW, "image_size": 16, "patch_size": 8, "steps": 2, "batch_size": 4, "workers": 0,
    "log_every": 1, "decoder_dim": 16, "decoder_depth": 1,
}  # fmt: skip
"""Settings of two steps on pictures that are drawn as they are needed."""
PROBE = {"protocol": ["linear"], "frames": 32, "seeds": 1}


def toy(**changes: Any) -> dict[str, Any]:
    """Return what stands in the file."""
    plain = {
        "datasets": {"perlin": {"draw": ["perlin"]}, "fbm": {"draw": ["fbm"]}},
        "pretrain": TINY,
        "tasks": {"hums": {"task": "csv"}},
        "probe": PROBE,
        "pictures": 2,
        "analyses": {"smooth": {"x": "tv"}},
    }
    return plain | changes


def write(path: Path, values: Mapping[str, Any]) -> Path:
    """Write a study's file and return it."""
    path.write_text(dump_yaml(dict(values)))
    return path
