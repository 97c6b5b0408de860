import math
import re
from dataclasses import replace

import pytest
from PIL import Image

from tests.trainer.study.tables import SETS, constructed, plan_of
from trainer.study.begun import Begun
from trainer.study.plan import Analysis, Halving
from trainer.study.report import write_report
from trainer.study.table import read_table, write_table

ANALYSES = {"smooth": Analysis(x="tv"), "later": Analysis(x="slope")}
BEGUN = Begun("2026-01-02T03:04:05+00:00", {"analyses": ("later",)})


def reported(rows, out, begun=BEGUN, **more):
    """Write a table and its report; return its two forms."""
    plan = plan_of(rows, ANALYSES, out, **more)
    write_table(plan, out, rows)
    write_report(plan, out, begun)
    return (out / "report.md").read_text(), (out / "report.html").read_text()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("study")
    rows = constructed({"speech": -0.05, "noise": 0.0}, seeds=(0, 1), noise=0.02, groups=("a", "b"))
    lost = [
        replace(row, state="not tested", score=math.nan)
        if (row.dataset, row.task, row.seed) == (SETS[3], "speech", 1)
        else row
        for row in rows
    ]
    return out, lost, reported(lost, out, published=("r = −0.4 over 17 sets",), question="Is it so?")


def section(text, title):
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_a_missing_cell_is_said(report):
    _, rows, (text, html) = report
    said = section(text, "Missing")
    assert f"1 of {len(rows)} cells are missing" in said
    assert "set03, plain, seed 1, speech, linear: not tested" in said
    assert "cells are missing" in html


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A whole table of one task and one seed, and datasets whose names look like markup."""
    out = tmp_path_factory.mktemp("small")
    rows = constructed({"speech": -0.05})
    rows = [replace(row, dataset=f"<b>|{row.dataset}*") if row.dataset else row for row in rows]
    return out, rows, reported(rows, out, Begun("", {}))


def test_a_whole_table_misses_nothing(small):
    text, html = small[2]
    assert "issing" not in text + html
    assert "One seed of pre-training" in text


def test_scores_and_gains_stand_side_by_side(small):
    _, rows, (text, _) = small
    said = section(text, "Scores")
    own = next(row for row in rows if row.dataset.endswith("set00*"))
    assert f"set00\\* | plain | {100 * own.score:.1f} \\[" in said
    assert f"set00\\* | plain | {100 * own.gain:+.1f} |".replace("-", "−") in said
    assert "| random | plain | 40.0 | 40.0 |" in said


def test_names_are_shown_as_they_stand(small):
    text, html = small[2]
    assert "<b>" not in html
    assert r"\<b\>\|set00\*" in text


def test_numbers_come_from_the_table_alone(small, tmp_path):
    out, rows, (text, _) = small
    assert [str(vars(row)) for row in read_table(out)] == [str(vars(row)) for row in rows]
    (tmp_path / "curves.csv").write_text((out / "curves.csv").read_text())
    table = (out / "table.csv").read_text().replace(",60.0,", ",7200.0,")
    (tmp_path / "table.csv").write_text(table)
    write_report(plan_of(rows, ANALYSES, out), tmp_path, Begun("", {}))  # nothing else is there
    other = (tmp_path / "report.md").read_text()
    assert other.partition("## Costs")[0] == text.partition("## Costs")[0]
    assert "| all | 17 |  | 34.00 |" in other


def test_a_planted_effect_stands_there_with_what_was_added_after(report):
    _, _, (text, _) = report
    planned, later = section(text, "Planned analyses"), section(text, "Added after the study began")
    assert "2 comparisons were planned" in planned
    assert re.search(r"smooth .*speech, spearman \| shown, negative \| −0\.\d+ \\\[−", planned)
    assert re.search(r"smooth .*noise, spearman \| not shown", planned)
    assert "later" not in planned
    assert "2 comparisons were added after; their p-values are corrected for all 4" in later
    assert "| later |" in later


def test_published_figures_stand_beside_and_are_marked(report):
    assert "- † r = −0.4 over 17 sets" in report[2][0]


def test_caveats_name_protocol_budget_and_seeds(report):
    said = section(report[2][0], "What to keep in mind")
    for words in ("linear (abababab)", "400 pictures", "2 seeds of pre-training", "groups of test clips"):
        assert words in said


def test_every_figure_is_drawn_and_in_the_page(report):
    out, _, (text, html) = report
    named = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert "report/scatter.png" in named
    for name in named:
        with Image.open(out / name) as picture:
            assert picture.width > 300
    assert html.count("data:image/png;base64,") == len(named)


def test_the_page_needs_nothing_from_elsewhere(report):
    html = report[2][1]
    assert "default-src 'none'" in html
    assert not re.search(r"(?:src|href)=\"(?!data:)", html)
    assert "<script" not in html


def test_definitions_measures_and_partial_correlations_are_told(report):
    text = report[2][0]
    said = section(text, "What datasets are like, and what they score")
    assert "Rank agreement" in said
    assert "| tv\\_iso | +1.00 | +1.00 | +1.00 |" in said
    assert "held fixed" in said
    assert "How far datasets of one group are alike" in text


def test_what_a_halving_did_not_choose_is_not_missing(tmp_path):
    rows = constructed({"speech": 0.05}, recipes=("short", "long"), tv=math.nan)
    rows = [
        replace(row, state="not chosen", score=math.nan, valid_score=math.nan)
        if row.recipe == "long" and row.dataset > SETS[8]
        else row
        for row in rows
    ]
    halving = Halving(recipes=("short", "long"), task="speech")
    text, _ = reported(rows, tmp_path, halving=halving)
    assert "8 cells were not made" in text
    assert "## Missing" not in text
    assert section(text, "Successive halving").count("| long |") == 9
    assert "Best on validation clips" not in text  # means over other datasets
