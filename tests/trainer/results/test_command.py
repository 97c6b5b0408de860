import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from patterngen import PatternGenError
from trainer.errors import TrainerError
from trainer.results.command import ResultsConfig, results
from trainer.results.file import append_results
from trainer.results.predictions import Predictions


@pytest.fixture
def folders(evaluated, tmp_path):
    """Two folders: fold 1 of FSDD in one, fold 2 and ESC-50 in the other."""
    rows = evaluated([{"fold 1": 0.4, "fold 2": 0.6}])
    append_results(tmp_path / "a", rows[:1])
    append_results(tmp_path / "b", [*rows[1:], *evaluated([{"split": 0.25}], task="esc50", protocol="knn")])
    return str(tmp_path / "a"), str(tmp_path / "b")


def table(*folders, **settings):
    return results(ResultsConfig(folders=folders, **settings))


def test_folders_are_summed_up_together(folders):
    assert "| smooth | 50.0 | 25.0 |" in table(*folders, format="markdown")
    assert "fsdd, linear: fold 1 of 2" in table(folders[0], format="markdown")


def test_tasks_and_protocols_are_chosen(folders):
    assert "| encoder | fsdd, linear |\n" in table(*folders, format="markdown", task=("fsdd",))
    assert "| encoder | esc50, knn |\n" in table(*folders, format="markdown", protocol=("knn",))


def test_a_file_is_written_instead(folders, tmp_path):
    out = str(tmp_path / "transfer.csv")
    assert table(*folders, format="csv", out=out) == out
    with open(out, newline="") as file:  # noqa: PTH123
        assert [row["score"] for row in csv.DictReader(file)] == ["0.500000", "0.250000"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"task": ("fsd",)}, "did you mean fsdd"),
        ({"protocol": ("lin",)}, "did you mean linear"),
        ({"task": ("fsdd",), "protocol": ("knn",)}, "no result is of the asked tasks"),
        ({"format": "csv", "out": "/nowhere/a.csv"}, "there is no folder /nowhere"),
        ({"json": True, "format": "csv"}, "leave out --format"),
        ({"out": "a.csv"}, "--format markdown, latex or csv"),
    ],
)
def test_mistakes_are_named(folders, settings, said):
    with pytest.raises(PatternGenError, match=said):
        table(*folders, **settings)


def test_differences_are_of_scores_on_the_same_clips(evaluated, tmp_path):
    for name, right in (("random", 60), ("smooth", 80)):
        for task in ("fsdd", "esc50"):
            found = Predictions(
                clips=tuple(f"{task}{i}.wav" for i in range(100)),
                groups=("",) * 100,
                classes=("a", "b"),
                targets=np.zeros(100, np.int64),
                outputs=(np.arange(100) >= right).astype(np.int64),
            )
            rows = evaluated([{"split": right / 100}], encoder=name, task=task, predictions=found)
            append_results(tmp_path, rows)
    text = table(str(tmp_path), against="random", format="markdown")
    lines = [line for line in text.splitlines() if line.startswith("| smooth")]
    assert re.fullmatch(r"\| smooth( \| \+20\.0 \\\[1\d\.\d, 2\d\.\d\\\]){3} \|", lines[0])
    assert "| random" not in text
    assert "over groups of test clips (fsdd: 100; esc50: 100)" in text
    told = table(str(tmp_path), against="random", json=True)
    assert [(row["encoder"], row["against"], round(row["score"], 9)) for row in told] == [
        ("smooth", "random", 0.2)
    ] * 2
    json.dumps(told)
    with pytest.raises(PatternGenError, match="did you mean smooth"):
        table(str(tmp_path), against="smoth")
    with pytest.raises(TrainerError, match="leave out --against"):
        table(str(tmp_path), against="random", published=True)


def test_no_folder_is_a_mistake():
    with pytest.raises(TrainerError, match="no folder"):
        table()


def test_a_table_does_not_wait_for_torch():
    code = "import trainer.results.command, sys; assert not {'torch', 'sklearn'} & sys.modules.keys()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
