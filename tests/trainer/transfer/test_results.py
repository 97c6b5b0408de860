import csv
import io
import json
import math

import pytest
from rich.console import Console

from trainer.transfer.results import Result, results_table, summarise, write_results


def row(by_seed, encoder="smooth"):
    return summarise(
        by_seed, task="fsdd", protocol="linear", encoder=encoder, metric="accuracy", clips=9, seconds=1.26
    )


def test_seeds_are_averaged_over_folds_and_folds_over_seeds():
    result = row([{"fold 1": 0.5, "fold 2": 0.7}, {"fold 1": 0.6, "fold 2": 1.0}])
    assert result.score == pytest.approx(0.7)
    assert result.folds == pytest.approx({"fold 1": 0.55, "fold 2": 0.85})
    # Two seeds, 0.6 and 0.8: t = 12.706 with one degree of freedom.
    assert result.ci95 == pytest.approx(12.706 * 0.1, rel=1e-4)
    assert (result.seeds, result.clips, result.seconds) == (2, 9, 1.3)


@pytest.mark.parametrize(
    ("encoder", "companion"),
    [("random", True), ("scratch vit_tiny 8×8", True), ("log-mel floor", True), ("smooth", False)],
)
def test_companions_are_told_from_encoders(encoder, companion):
    assert row([{"split": 0.5}], encoder).companion == companion


def test_results_come_back_from_their_files(tmp_path):
    results = [row([{"split": 0.25}]), row([{"fold 1": 0.5}, {"fold 1": 0.75}])]
    write_results(tmp_path / "new", results)
    write_results(tmp_path / "new", results)  # what was there is replaced
    lines = (tmp_path / "new" / "results.jsonl").read_text().splitlines()
    values = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert values[0].pop("ci95") is None
    assert math.isnan(results[0].ci95)
    assert Result(ci95=math.nan, **values[0]).folds == results[0].folds
    assert Result(**values[1]) == results[1]
    with (tmp_path / "new" / "results.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [float(line["score"]) for line in table] == [0.25, 0.625]


def test_a_table_shows_percent():
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(
        results_table([row([{"fold 1": 0.5, "fold 2": 0.7}]), row([{"split": 1.0}, {"split": 1.0}])])
    )
    text = console.export_text()
    assert all(part in text for part in ("60.0", "50 … 70", "–", "100.0", "0.0", "fsdd"))
