"""What the documents, the examples, the scripts and the built package promise."""

import ast
import csv
import functools
import itertools
import json
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import patterngen
import patterngen.cli
import trainer.cli
from patterngen.common.config import load_config
from patterngen.common.console import run as run_commands
from patterngen.jobs.config import RenderConfig
from scripts import structure

ROOT = Path(__file__).parents[1]
GUIDE = "docs/adding-a-family.md"  # its commands run in tests/patterngen/common/test_plugins.py
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    *(path for file in sorted((ROOT / "docs").glob("*.md")) if (path := f"docs/{file.name}") != GUIDE),
)
COMMANDS = {"patterngen": patterngen.cli.COMMANDS, "trainer": trainer.cli.COMMANDS}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def blocks(document, language=""):
    """Return the fenced blocks of a document in one language."""
    text = (ROOT / document).read_text()
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for named, block in found if named == language]


def understood(words):
    """Parse a command line as the programs do, without running it; return its config."""
    configs = []

    def recording(command):
        @functools.wraps(command)
        def record(config):
            configs.append(config)

        return record

    program, *arguments = words
    commands = {name: recording(command) for name, command in COMMANDS[program].items()}
    assert run_commands(program, "", commands, arguments) == 0, " ".join(words)
    if isinstance(configs[0], RenderConfig):
        assert configs[0].mixture  # which makes the families
    return configs[0]


def documented():
    """Return every command line of ours in the documents."""
    whole = [block.replace("\\\n", " ") for document in DOCUMENTS for block in blocks(document)]
    lines = [line for block in whole for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True)) and words[0] in COMMANDS]


@pytest.mark.parametrize("words", documented(), ids=" ".join)
def test_documented_commands_exist(words):
    understood(words)


def test_documented_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {t for d in DOCUMENTS for t in re.findall(r"`?make ([a-z-]+)", "\n".join(blocks(d)))}
    assert {"demo", "test", "test-cpus", "lint", "bench"} <= named <= targets
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {target}" in listed for target in targets)


@pytest.mark.parametrize("document", [*DOCUMENTS, GUIDE])
def test_links_lead_to_files(document):
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", (ROOT / document).read_text())

    assert all(((ROOT / document).parent / link).exists() for link in links)


@pytest.mark.parametrize("document", ["README.md", "docs/families.md"])
def test_the_examples_of_a_document_run(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(document, "python"):
        exec(block, names)  # the blocks follow on one another


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


# Scripts ------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A tree with the scripts, in which our programs only write down how they were called."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for program in COMMANDS:
        (tools / program).write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"print(json.dumps(['{program}', *sys.argv[1:]]), file=open({str(tmp_path / 'calls')!r}, 'a'))\n"
            "if sys.argv[1] == 'sound': print('drums /where/the kits are')\n"
            "if sys.argv[1] == 'encoders': print(os.environ.get('SHIPPED', ''))\n"
            "sys.exit('no EGL' if sys.argv[1] == os.environ.get('BROKEN') else 0)\n"
        )
        (tools / program).chmod(0o755)
    return tmp_path


def demo(checkout, **environment):
    done = subprocess.run(
        [checkout / "scripts/demo.sh"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, [json.loads(line) for line in (checkout / "calls").read_text().splitlines()]


@pytest.mark.parametrize("audio", ["", "/my/recordings of birds"])
def test_the_demo_walks_the_whole_road(checkout, audio):
    done, calls = demo(checkout, AUDIO=audio)
    assert done.returncode == 0, done.stderr
    configs = {(call[0], call[1]): understood(call) for call in calls}
    assert [call[1] for call in calls if call[0] == "trainer"] == [
        *("sound", "encoders", "pretrain", "pretrain", "study")
    ]
    assert (configs["trainer", "sound"].audio or "") == audio
    study = configs["trainer", "study"]
    assert (study.task, study.root) == ("drums", "/where/the kits are")
    runs = [understood(call) for call in calls if call[1] == "pretrain"]
    runs.sort(key=lambda run: [entry.partition("=")[2] for entry in study.run].index(run.out))  # side by side
    assert [f"{Path(run.out).name}={run.out}" for run in runs] == list(study.run)
    lists = [understood(call) for call in calls if call[1] == "filter"]
    assert [run.keep for run in runs] == [config.out for config in lists]
    shares = {round(high - low, 3) for low, high in (config.quantiles for config in lists)}
    assert len(shares) == 1, "equal budgets"
    assert all(run.data == (configs["patterngen", "render"].out,) for run in runs)


def test_the_demo_begins_with_an_encoder_that_comes_with_the_package(checkout):
    done, calls = demo(checkout, SHIPPED="patterns-tiny  vit_tiny, patches of 8×16 …")
    assert done.returncode == 0, done.stderr
    assert [call[1] for call in calls[:5]] == ["show", "sound", "encoders", "transfer", "map"]
    first, drawn = (understood(call) for call in calls[3:5])
    for config in (first, drawn):
        assert (config.task, config.root, config.run) == ("drums", "/where/the kits are", ("patterns-tiny",))
    assert {"linear", "knn"} <= set(first.protocol)
    assert first.out == "demo/first/the kits are"
    assert "patterns-tiny" in done.stdout.partition("== Done")[2]


def test_the_demo_does_without_opengl(checkout):
    done, calls = demo(checkout, BROKEN="show")
    assert done.returncode == 0
    assert "without shaders: no EGL" in done.stderr
    assert all("shaders" not in word.split("=")[-1] for call in calls[1:] for word in call if "/" not in word)


def test_the_demo_says_how_to_go_on(checkout):
    done, calls = demo(checkout, BROKEN="pretrain")
    assert done.returncode == 1
    assert calls[-1][1] == "pretrain"
    assert "make demo goes on" in done.stderr


def transfer(checkout, **environment):
    done = subprocess.run(
        [checkout / "scripts/transfer.sh"],
        env={**os.environ, "DATA": "/my sounds", "OUT": "all of it", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, [json.loads(line) for line in (checkout / "calls").read_text().splitlines()]


def test_the_recipe_of_our_table_spends_equal_budgets(checkout):
    done, calls = transfer(checkout)
    assert done.returncode == 0, done.stderr
    runs = [understood(call) for call in calls if call[1] == "pretrain"]
    real = [f"real-{fold}" for fold in range(1, 7)]
    assert [Path(run.out).name for run in runs] == ["spectro", "shaders", "dead-leaves", "mixture", *real]
    assert len({replace(run, data=(), out="") for run in runs}) == 1
    packed = [understood(call) for call in calls if call[1] == "spectrograms"]
    assert [path for run in runs[4:] for path in run.data] == [config.out for config in packed]
    left_out = {Path(config.out).name: config.held_out for config in packed}
    assert left_out["real-fsdd-6"] == (6,)
    assert left_out["real-esc50-2"] == (2,)
    assert left_out["real-notes-6"] == ()  # of five folds
    drawn = [understood(call) for call in calls if call[1] == "render"]
    assert len({(config.count, config.size) for config in drawn}) == 1
    assert [part.partition("=")[0] for part in runs[3].data] == [config.out for config in drawn]
    scored = [understood(call) for call in calls if call[1] == "transfer"]
    assert {(config.command, config.task) for config in scored} == {
        (f"transfer {protocol}", task)
        for protocol in ("probe", "finetune")
        for task in ("fsdd", "esc50", "csv", "csv:label=pitch_class")
    }
    assert all(config.run in (scored[0].run, scored[0].run[:1]) for config in scored)
    assert len(scored[0].run) == 5
    networks = [config for config in scored if config.command == "transfer probe" and config.task == "esc50"]
    assert [seed for one in networks for seed in range(one.seed, one.seed + one.seeds)] == [0, 1, 2, 3, 4]
    table = understood(calls[-2])
    assert (table.format, table.out) == ("csv", "docs/results/transfer.csv")
    assert {config.out for config in scored} == set(table.folders)


def test_the_recipe_goes_on_where_it_stopped(checkout):
    done, calls = transfer(checkout, BROKEN="transfer")
    assert done.returncode == 1
    assert "run it again to go on" in done.stderr
    begun = len(calls)
    done, calls = transfer(checkout, FOLDS="1 3")
    assert done.returncode == 0, done.stderr
    assert {call[1] for call in calls[begun:]} == {"transfer", "results"}
    assert calls[begun] == calls[begun - 1]
    tuned = [understood(call) for call in calls if call[1:3] == ["transfer", "finetune"]]
    assert {config.fold for config in tuned} == {(1, 3)}


def test_the_recipe_of_the_shipped_encoder_needs_no_recording_to_make_it(checkout):
    done = subprocess.run(
        [checkout / "scripts/patterns-tiny.sh"],
        env={**os.environ, "DATA": "/my sounds"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = [understood(json.loads(line)) for line in (checkout / "calls").read_text().splitlines()]
    run, exported, *rest = calls
    probes, carded = rest[:4], rest[-2]
    assert ([text.partition("?")[0] for text in run.draw], run.data) == (["spectro"], ())
    assert (exported.run, exported.statistics, exported.clips) == (run.out, "pictures", None)
    assert {config.task for config in probes} == {"fsdd", "esc50", "csv", "csv:label=pitch_class"}
    assert {config.run for config in probes} == {(exported.out,)}
    assert carded == replace(exported, scores=tuple(config.out for config in probes))


def test_the_recipe_of_the_judges_shows_each_encoder_every_part_of_every_task(checkout):
    record = 'echo "${0##*/} $*" >>judged.log'
    for program, says in (("yavih", ""), ("python", '[ "$1" != -c ] || echo 1 2')):
        (checkout / ".venv/bin" / program).write_text(f"#!/usr/bin/env bash\n{record}\n{says}\n")
        (checkout / ".venv/bin" / program).chmod(0o755)
    words = [checkout / "scripts/judges.sh", "smooth=encoders/smooth", "rough=encoders/rough"]
    environment = {**os.environ, "DATA": "/my sounds"}
    for again in (False, True):
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        calls = [understood(json.loads(line)) for line in (checkout / "calls").read_text().splitlines()]
        assert {(config.name, config.judge) for config in calls} == {
            (task, judge)
            for judge in ("yavih", "xares")
            for task in ("fsdd", "esc50", "csv", "csv:label=pitch_class")
        }
        assert len(calls) == 8, again  # what was done is passed over
        judged = (checkout / "judged.log").read_text().splitlines()
        for command, count in (
            *(("yavih bridge check", 8), ("yavih extract", 16), ("yavih features validate", 8)),
            *(("yavih probe run", 8), ("python -m xares.run", 8)),
        ):
            assert sum(line.startswith(f"{command} ") for line in judged) == count
    for kind, base in (("bridge", "Yavih"), ("encoder", "Xares")):
        text = (checkout / f"judged/smooth_{kind}.py").read_text()
        (made,) = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
        assert [ast.unparse(parent) for parent in made.bases] == [f"{base}Features"]
        assert ast.unparse(made.body) == "path = 'encoders/smooth'"


def test_setup_refuses_what_is_no_python(checkout):
    shutil.copy(ROOT / "pyproject.toml", checkout)
    done = subprocess.run(
        [checkout / "scripts/setup.sh"],
        env={**os.environ, "PYTHON": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "error: PYTHON=false is not Python 3.11 or newer\n")


def test_the_readme_shows_the_measured_table():
    kept = list(csv.DictReader((ROOT / "docs/results/transfer.csv").open(newline="")))
    columns = ["task", "protocol", "encoder", "score", "low", "high", "metric", "seconds", "command"]
    assert [*kept[0]] == columns
    table = (ROOT / "docs/results/transfer.md").read_text().split("\n\n")[0]
    assert table in (ROOT / "README.md").read_text()
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


def attributes(module):
    """Return what a module's docstrings say of each attribute: below it, or in its class's list."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef | ast.Module):
            continue
        for one, below in itertools.pairwise(node.body):
            if isinstance(one, ast.Assign | ast.AnnAssign) and isinstance(below, ast.Expr):
                yield from [below.value.value] if isinstance(below.value, ast.Constant) else ()
        if isinstance(node, ast.ClassDef):
            listed = re.search(
                r"^Attributes:\n((?:    .*\n?|\n)*)", ast.get_docstring(node) or "", re.MULTILINE
            )
            yield from re.findall(r"^    \w+: (.*)", listed[1], re.MULTILINE) if listed else ()
            properties = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.decorator_list]
            yield from filter(None, map(ast.get_docstring, properties))


@pytest.mark.parametrize("program", COMMANDS)
def test_what_an_attribute_is_stands_alone(program):
    found = [
        f"{module.relative_to(ROOT)}: {text}"
        for module in sorted((ROOT / program).rglob("*.py"))
        for text in attributes(module)
        if re.match(r"(?:of|in|on|at|to|by|from|with|for|as|between|that|whose|they|them|it)\b|…", text, re.I)
    ]
    assert not found
