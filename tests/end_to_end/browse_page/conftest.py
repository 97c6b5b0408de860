"""A dataset of four families, its page, and its reader."""

import json

import pandas as pd
import pytest

from patterngen.browse import BrowseConfig, browse
from patterngen.cli import main
from patterngen.dataset.folder import DatasetFolder
from tests.drawn import draw
from tests.end_to_end.browse_page.reader import COUNT, Reader

FAMILIES = ("perlin", "fbm?octaves=2", "fbm?octaves=6", "dead-leaves-mixed")


def manifest_of(folder):
    """Return the manifest with a column for each parameter of a picture."""
    rows = DatasetFolder.open(str(folder)).manifest().to_pandas()
    return pd.concat([rows, pd.json_normalize(rows.params.map(json.loads)).add_prefix("params.")], axis=1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browse") / "set"
    return draw(folder, *FAMILIES, count=COUNT, size=32, samples_per_shard=20)


@pytest.fixture(scope="session")
def manifest(folder):
    return manifest_of(folder)


@pytest.fixture(scope="session")
def page(folder):
    keep = folder / "keep.parquet"
    assert main(["filter", str(folder), "--quantile", "0:0.5", "--out", str(keep)]) == 0
    return browse(BrowseConfig(dir=str(folder), out=str(folder / "page.html"), keep=str(keep))).path


@pytest.fixture
def reader(chromium, page):
    return Reader(chromium, page)
