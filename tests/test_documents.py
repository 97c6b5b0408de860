"""What the documents and the examples promise: links, code and figures.

tests/end_to_end/pages runs their commands.
"""

import csv
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import patterngen
from patterngen.common.config import load_config
from scripts import structure
from scripts.site.markdown import broken_links
from tests.command_lines import COMMANDS, understood

ROOT = Path(__file__).parents[1]
GUIDE = "docs/adding-a-family.md"  # its commands run in tests/patterngen/common/test_plugins.py
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    *(
        path
        for file in sorted((ROOT / "docs").rglob("*.md"))
        if (path := file.relative_to(ROOT).as_posix()) != GUIDE
    ),
)
WIDTH = 120
"""Columns of prose, at most; tables, pictures and their commands are lines of any length."""
UNWRAPPED = {file.relative_to(ROOT).as_posix() for file in (ROOT / "docs/results").glob("*.md")}
"""What `trainer results` writes."""
SHELL = ("", "bash", "console", "sh")
"""Languages of fenced blocks that hold commands."""
OTHERS = ("CHANGELOG.md", "SECURITY.md", "shaders/README.md")
"""What has links, too."""


def fenced_blocks(text, *languages):
    """Return the fenced blocks of a text in some languages; without any, those for the shell."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for named, block in found if named in (languages or SHELL)]


def blocks(document, *languages):
    """Return the fenced blocks of a document, as `fenced_blocks` does."""
    return fenced_blocks((ROOT / document).read_text(), *languages)


def typed():
    """Return every command of ours that the cards of the shipped encoders say was typed."""
    cards = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("encoders/*/README.md")]
    lines = [line for card in cards for block in blocks(card) for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True)) and words[0] in COMMANDS]


@pytest.mark.parametrize("words", typed(), ids=" ".join)
def test_commands_on_cards_exist(words):
    understood(words)


def test_documented_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {t for d in DOCUMENTS for t in re.findall(r"`?make ([a-z-]+)", "\n".join(blocks(d)))}
    assert {"demo", "test", "test-cpus", "lint", "bench"} <= named <= targets
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {target}" in listed for target in targets)


@pytest.mark.parametrize("document", [*DOCUMENTS, GUIDE, *OTHERS])
def test_links_lead_to_files_and_headings(document):
    assert not broken_links(ROOT / document)


@pytest.mark.parametrize("document", [*DOCUMENTS, "SECURITY.md", "shaders/README.md"])
def test_prose_is_wrapped_alike(document):
    prose = re.sub(
        r"^(`{3,}).*?^\1$|^(?:\||!\[|\*`)[^\n]*$",
        "",
        (ROOT / document).read_text(),
        flags=re.MULTILINE | re.DOTALL,
    )
    long = [line for line in prose.splitlines() if len(line) > WIDTH]
    assert document in UNWRAPPED or not long


def test_the_family_of_the_guide_keeps_the_contract(tmp_path):
    (block,) = blocks("CONTRIBUTING.md", "python")
    (tmp_path / "stripes.py").write_text(block)
    check = """
import numpy as np, stripes
from patterngen import family
stripes = family("stripes?most=5")
one, many = stripes.draw([7], 32), stripes.draw([3, 7], 32)
assert many.pixels.shape == (2, 32, 32, 3) and many.pixels[0].std() > 0
assert np.array_equal(one.pixels[0], many.pixels[1]) and 1 <= many.params[0]["stripes"] <= 5
family("stripes?most=0")
"""
    path = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    done = subprocess.run(
        [sys.executable, "-c", check], env=path, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip().endswith("stripes?most=0.0: most must lie in [1, 1000]")


def test_example_jobs_are_understood():
    spec = load_config(ROOT / "examples/job.yaml", patterngen.DatasetSpec)
    assert len(spec.mixture.portions) == len(spec.family)
    understood(["patterngen", "render", "--config", str(ROOT / "examples/job.yaml")])
    understood(["trainer", "pretrain", "--config", str(ROOT / "examples/pretrain.yaml")])


def test_the_findings_show_the_measured_table():
    kept = list(csv.DictReader((ROOT / "docs/results/transfer.csv").open(newline="")))
    columns = ["task", "protocol", "encoder", "score", "low", "high", "metric", "seconds", "command"]
    assert [*kept[0]] == columns
    table = (ROOT / "docs/results/transfer.md").read_text().split("\n\n")[0]
    assert table in (ROOT / "docs/findings.md").read_text()
    plain = table.replace("\\", "")  # that keep Markdown from reading _ and * as its own
    titles, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in plain.splitlines())
    shown = {
        (line[0], title): cell for line in lines for title, cell in zip(titles[1:], line[1:], strict=True)
    }
    for row in kept:
        if row["protocol"] == "linear":
            values = [f"{100 * float(row[name]):.1f}" for name in ("score", "low", "high")]
            cell = shown[row["encoder"], f"{row['task']}, linear"].replace("**", "")
            assert cell == "{} [{}, {}]".format(*values)
        for command in row["command"].split(" && "):
            assert command.startswith("trainer transfer ")
            understood(shlex.split(command))


def test_the_structure_in_the_guide_is_that_of_the_imports():
    shown = structure.PICTURE.search(structure.GUIDE.read_text(encoding="utf-8"))
    assert shown is not None
    assert shown[0] == structure.picture(), "run `make structure`"


def test_the_walks_of_the_guide_lead_through_what_is_there():
    walks = (ROOT / "CONTRIBUTING.md").read_text().partition("## Two walks")[2].partition("\n## ")[0]
    steps = re.findall(r"`((?:patterngen|trainer)\.[\w.]+)`", walks)
    assert len(steps) > 15
    for step in steps:
        assert pkgutil.resolve_name(step), step
