"""The figures of `docs/scale.md` are those that the measurements give."""

import json
import re
from pathlib import Path

import pytest
import scale

from patterngen.dataset.marker import shard_name
from patterngen.dataset.shard import image_key
from patterngen.publishing.push import MOST_FILES

PAGE = (Path(__file__).parent.parent / "docs" / "scale.md").read_text(encoding="utf-8")
MEASURED = json.loads(scale.MEASURED.read_text())


@pytest.mark.parametrize("table", ["families", "folders", "filters"])
def test_its_tables_are_computed(table):
    assert scale.tables(MEASURED)[table] in PAGE


def test_a_row_is_its_rate_and_its_bytes():
    rate, size = scale.rates()["perlin"], MEASURED["tar_bytes"]["perlin"] + MEASURED["manifest_bytes"]
    (row,) = re.findall(r"^\| `perlin` \|(.*)\|$", PAGE, re.M)
    cells = [float(cell.replace(",", "")) for cell in row.split("|")]
    hours = rate * 3600
    expected = [rate, 1e9 / hours, 1e10 / hours, size, size / 1e3, size / 1e2, size * 8e9 / 1e10 / 3600]
    assert cells == pytest.approx(expected, rel=0.06)


def test_the_limits_are_the_digits_of_names():
    from patterngen.limits import MAX_COUNT, MAX_SHARDS

    assert len(image_key(MAX_COUNT - 1)) == len(image_key(0))
    assert len(shard_name(MAX_SHARDS - 1)) == len(shard_name(0))
    assert f"{(MOST_FILES - 6) // 3} shards" in PAGE
