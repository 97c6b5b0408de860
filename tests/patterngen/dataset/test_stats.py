import numpy as np
import pytest

from patterngen.dataset.stats import DatasetStats, FamilyStats


def stats(*values):
    parts = [FamilyStats(f"family-{i}", len(tv), 1, 1000, np.array(tv), {}) for i, tv in enumerate(values)]
    tv = np.concatenate([part.tv for part in parts])
    total = FamilyStats("all", len(tv), 1, 1000, tv, {})
    return DatasetStats("dir", "hash", 2, 1, 2048, tuple(parts), total)


def test_quantiles_of_a_known_set():
    quantiles = stats(np.linspace(0, 1, 101)).total.tv_quantiles
    assert quantiles == pytest.approx(
        {"0": 0, "0.05": 0.05, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "0.95": 0.95, "1": 1}
    )
