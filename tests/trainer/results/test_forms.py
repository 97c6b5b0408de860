import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from trainer.results.forms import CSV_COLUMNS, _tex, csv_text, html, latex, markdown, rich_table
from trainer.results.grid import grid
from trainer.results.published import published_scores
from trainer.results.rows import summarise
from trainer.results.shown import Results


@pytest.fixture
def results(evaluated):
    """Two encoders and a floor on ESC-50 with intervals; the second is the best."""
    rows = []
    for name, scores in (("floor", (0.3, 0.3)), ("low_TV & 50%", (0.4, 0.42)), ("real", (0.625, 0.625))):
        rows += evaluated([{"split": score} for score in scores], encoder=name, task="esc50")
    tuned = evaluated([{"split": 0.5}], encoder="real", task="esc50", protocol="finetune (last)")
    found = [replace(row, low=row.score - 0.031, high=row.score + 0.0202) for row in summarise(rows)]
    return [*found, *summarise(tuned)]


def cells_of(text):
    """Split a Markdown table into its cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_markdown_is_one_table_with_the_best_bold(results):
    rows = cells_of(markdown(grid(results)))
    assert rows[0] == ["encoder", "esc50, linear", "esc50, finetune (last)"]
    assert rows[1] == ["---", "--:", "--:"]
    assert rows[2] == ["floor", r"30.0 \[26.9, 32.0\]", "–"]
    assert rows[3] == [r"low\_TV & 50%", r"41.0 \[37.9, 43.0\]", "–"]
    assert rows[4] == ["real", r"**62.5 \[59.4, 64.5\]**", "50.0"]


def test_names_do_not_break_out_of_a_markdown_cell(evaluated):
    found = summarise(evaluated([{"split": 0.5}], encoder="a | b\n<script> `c` [d](e) *f*"))
    row = cells_of(markdown(grid(found)))[2]
    assert len(row) == 2
    assert not re.search(r"(?<!\\)[<>`*\[\]]", row[0])


def test_a_notebook_shows_the_same_table_with_the_best_bold(results):
    text = html(grid(results))
    assert Results(results)._repr_html_() == text
    assert text.count("<tr>") == 4
    assert [re.sub("<.*?>", "", cell) for cell in re.findall("<b>.*?</b>", text)] == ["62.5 [59.4, 64.5]"]
    assert "low_TV &amp; 50%" in text
    assert "95 % by the bootstrap" not in text


def test_names_do_not_break_out_of_a_table_of_html(evaluated):
    found = summarise(evaluated([{"split": 0.5}], encoder="</td><script>", task='"><b>'))
    assert {*re.findall("<([a-z]+)", html(grid(found)))} <= {"table", "tr", "th", "td", "p"}


def test_published_rows_are_marked_and_never_bold(results):
    text = markdown(grid(results, published_scores()))
    rows = {row[0]: row[1:] for row in cells_of(text)}
    assert rows["M2D †"][-1] == "96.0"
    assert rows["real"][0] == r"**62.5 \[59.4, 64.5\]**"
    assert "† published by others under protocols of their own, not measured here." in text
    assert "Masked Modeling Duo" in text


def test_latex_has_as_many_cells_as_columns_and_escapes_names(results):
    text = latex(grid(results, published_scores()))
    columns = len(re.search(r"\\begin\{tabular\}\{(\w+)\}", text)[1])
    assert re.search(
        r"\\multicolumn\{\d\}\{c\}\{linear\} & \\multicolumn\{1\}\{c\}\{finetune \(last\)\}", text
    )
    body = text[text.index(r"encoder &") : text.index(r"\bottomrule")]
    lines = [line for line in body.splitlines() if "&" in line]
    assert all(line.endswith(r"\\") for line in lines)
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {columns - 1}
    assert r"low\_TV \& 50\% & 41.0 [37.9, 43.0]" in text
    assert r"\textbf{62.5 [59.4, 64.5]}" in text
    assert r"M2D \textdagger{}" in text
    for name in ("toprule", "midrule", "bottomrule", "end{tabular}"):
        assert rf"\{name}" in text


@given(st.text("\\&%$#_{}~^<>|×±†–… ab\n", max_size=20))
def test_nothing_in_a_name_is_a_command_of_latex(text):
    found = _tex(text)
    words = r"text(backslash|asciitilde|asciicircum|less|greater|bar|dagger)|dots"
    rest = re.sub(rf"\\({words})\{{\}}|\$\\(times|pm)\$|\\[&%$#_{{}}]", "", found)
    assert not set(rest) & set("\\&%$#_{}~^<>|\n")


def test_csv_has_a_line_for_each_result(results):
    rows = list(csv.reader(io.StringIO(csv_text(results))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert ",".join(rows[0]) == "task,protocol,encoder,score,low,high,metric,seconds,command"
    assert rows[1][:6] == ["esc50", "linear", "floor", "0.300000", "0.269000", "0.320200"]
    assert rows[4][:5] == ["esc50", "finetune (last)", "real", "0.500000", ""]
    assert all(row[-1] == results[0].command for row in rows[1:])


def test_csv_says_what_is_published_and_what_is_a_part(evaluated):
    (part,) = summarise(evaluated([{"fold 1": 0.5}], folds=5, task="esc50"))
    rows = list(csv.DictReader(io.StringIO(csv_text([part], published_scores()))))
    assert rows[0]["protocol"] == "linear (fold 1 of 5)"
    assert all(row["encoder"].endswith("†") and not row["seconds"] for row in rows[1:])
    # Of the same protocol, and of the same task or of an average that it is part of.
    beside = [other for other in published_scores() if (other.task, other.protocol) == ("nine", "linear")]
    assert [float(row["score"]) for row in rows[1:]] == [round(other.score, 4) for other in beside]
    assert beside


def test_the_terminal_shows_the_same(results):
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(rich_table(grid([replace(row, task="[red]x") for row in results], published_scores())))
    text = console.export_text()
    assert all(part in text for part in ("floor", "41.0 [37.9, 43.0]", "62.5 [59.4, 64.5]", "[red]x"))


def test_differences_are_signed_and_never_bold(results):
    rows = [replace(row, score=row.score - 0.45, low=row.low - 0.45, high=row.high - 0.45) for row in results]
    found = grid(rows[:3], against="random")
    table = cells_of(markdown(found))
    assert [row[1] for row in table[2:]] == [
        r"-15.0 \[-18.1, -13.0\]",
        r"-4.0 \[-7.1, -2.0\]",
        r"+17.5 \[14.4, 19.5\]",
    ]
    assert "Differences to random on the same clips." in markdown(found)
    assert r"\textbf" not in latex(found)
    lines = list(csv.DictReader(io.StringIO(csv_text(rows[:3], against="random"))))
    assert lines[2]["encoder"] == "real − random"
    assert float(lines[2]["low"]) == pytest.approx(0.144)
