from dataclasses import replace

import pytest

from patterngen.browse.tv_plot import plot_tv
from patterngen.errors import PatternGenError
from tests.patterngen.dataset.test_stats import stats


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_histogram_also_of_flat_pictures(tmp_path, ending):
    path = tmp_path / f"tv.{ending}"
    plot_tv(stats([0.0, 0.0], [0.01, 0.1]), str(path))
    plot_tv(stats([0.0]), str(path))
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("families", [1, 12])
@pytest.mark.parametrize("name", ["a$b_{", r"\frac$\frac$"])
def test_a_name_in_a_histogram_is_no_mathematics(tmp_path, families, name):
    found = stats(*[[0.01, 0.1]] * families)
    named = [replace(part, family=name) for part in found.families]
    plot_tv(replace(found, path=name, families=tuple(named)), str(tmp_path / "tv.svg"))


@pytest.mark.parametrize("name", ["tv.gif", "missing/tv.png"])
def test_histogram_into_an_impossible_file(tmp_path, name):
    with pytest.raises(PatternGenError, match=r"tv\."):
        plot_tv(stats([0.1]), str(tmp_path / name))
