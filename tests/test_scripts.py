"""The scripts call our programs as these understand it, in their order, and go on where they stopped."""

import ast
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import trainer
from tests.command_lines import COMMANDS, understood

ROOT = Path(__file__).parents[1]


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


def called(checkout, script, *words, **environment):
    """Run a script; return how it ended, and each call of one of our programs until now."""
    done = subprocess.run(
        [checkout / "scripts" / script, *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    calls = checkout / "calls"
    return done, [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []


def finished(checkout, script, *words, **environment):
    """Run a script to its end; return each call of one of our programs until now."""
    done, calls = called(checkout, script, *words, **environment)
    assert done.returncode == 0, done.stderr
    return calls


def demo(checkout, **environment):
    return called(checkout, "demo.sh", **environment)


@pytest.mark.parametrize("audio", ["", "/my/recordings of birds"])
def test_the_demo_walks_the_whole_road(checkout, audio):
    done, calls = demo(checkout, AUDIO=audio)
    assert done.returncode == 0, done.stderr
    configs = {(call[0], call[1]): understood(call) for call in calls}
    assert [call[1] for call in calls if call[0] == "trainer"] == [
        *("sound", "encoders", "pretrain", "pretrain", "compare")
    ]
    assert (configs["trainer", "sound"].audio or "") == audio
    compared = configs["trainer", "compare"]
    assert (compared.task, compared.root) == ("drums", "/where/the kits are")
    runs = [understood(call) for call in calls if call[1] == "pretrain"]
    runs.sort(
        key=lambda run: [entry.partition("=")[2] for entry in compared.run].index(run.out)
    )  # side by side
    assert [f"{Path(run.out).name}={run.out}" for run in runs] == list(compared.run)
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
    return called(checkout, "transfer.sh", DATA="/my sounds", OUT="all of it", **environment)


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


@pytest.mark.parametrize("name", trainer.list_encoders())
def test_the_recipe_of_a_shipped_encoder_needs_no_recording_to_make_it(checkout, name):
    told = {"patterns-tiny": (True, "patterns-tiny-pixels"), "patterns-tiny-pixels": (False, None)}
    given = {"DATA": "/my sounds", "ENCODER": name}
    calls = [understood(call) for call in finished(checkout, "patterns-tiny.sh", **given)]
    run, exported, *rest = calls
    probes, carded = rest[:4], rest[-2]
    assert ([text.partition("?")[0] for text in run.draw], run.data) == (["spectro"], ())
    assert (exported.run, exported.statistics, exported.clips) == (run.out, "pictures", None)
    assert Path(exported.out).name == name
    assert (run.piano_roll > 0, run.init) == told.get(name)
    assert {config.task for config in probes} == {"fsdd", "esc50", "csv", "csv:label=pitch_class"}
    assert {config.run for config in probes} == {(exported.out,)}
    assert carded == replace(exported, scores=tuple(config.out for config in probes))


def test_the_recipe_of_the_evaluators_shows_each_encoder_every_part_of_every_task(checkout):
    record = 'echo "${0##*/} $*" >>evaluators.log'
    for program, says in (("yavih", ""), ("python", '[ "$1" != -c ] || echo 1 2')):
        (checkout / ".venv/bin" / program).write_text(f"#!/usr/bin/env bash\n{record}\n{says}\n")
        (checkout / ".venv/bin" / program).chmod(0o755)
    words = ("evaluators.sh", "smooth=encoders/smooth", "rough=encoders/rough")
    for again in (False, True):
        calls = [understood(call) for call in finished(checkout, *words, DATA="/my sounds")]
        assert {(config.name, config.evaluator) for config in calls} == {
            (task, evaluator)
            for evaluator in ("yavih", "xares")
            for task in ("fsdd", "esc50", "csv", "csv:label=pitch_class")
        }
        assert len(calls) == 8, again  # what was done is passed over
        evaluated = (checkout / "evaluators.log").read_text().splitlines()
        for command, count in (
            *(("yavih bridge check", 8), ("yavih extract", 16), ("yavih features validate", 8)),
            *(("yavih probe run", 8), ("python -m xares.run", 8)),
        ):
            assert sum(line.startswith(f"{command} ") for line in evaluated) == count
    for kind, base in (("bridge", "Yavih"), ("encoder", "Xares")):
        text = (checkout / f"evaluated/smooth_{kind}.py").read_text()
        (made,) = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
        assert [ast.unparse(parent) for parent in made.bases] == [f"{base}Features"]
        assert ast.unparse(made.body) == "path = 'encoders/smooth'"


def test_setup_refuses_what_is_no_python(checkout):
    shutil.copy(ROOT / "pyproject.toml", checkout)
    done, _ = called(checkout, "setup.sh", PYTHON="false")
    assert (done.returncode, done.stderr) == (2, "error: PYTHON=false is not Python 3.11 or newer\n")
