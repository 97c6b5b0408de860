"""Small datasets, for tests of what is made of them."""

from pathlib import Path

from patterngen import DatasetSpec, RunOptions, render


def draw(folder: Path, *families: str, **spec) -> Path:
    """Draw a dataset, of ``perlin`` unless families are named, into a folder, and return that."""
    render(DatasetSpec(family=families or ("perlin",), **spec), RunOptions(out=str(folder)))
    return folder
