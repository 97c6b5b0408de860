"""The studies that come with the package: what they plan can be done, and a little of each is."""

import re
import shlex
from pathlib import Path

import pytest

from patterngen.common.yaml_text import parse_yaml
from tests.command_lines import understood
from tests.recordings import write_hums_and_hisses
from tests.trainer.study.toy import PROBE, TINY, write
from trainer.pretraining.build import build_model
from trainer.study.analyses import comparisons
from trainer.study.measures import source_of
from trainer.study.plan import Halving, Plan
from trainer.study.study import StudyConfig, study
from trainer.study.study_file import read_study

ROOT = Path(__file__).parents[3]
STUDIES = sorted((ROOT / "examples" / "studies").glob("*.yaml"))
SMALL = {
    name: TINY[name] for name in ("model", "steps", "batch_size", "log_every", "decoder_dim", "decoder_depth")
}
"""What makes a pre-training small and leaves alone what it learns from."""


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    return write_hums_and_hisses(tmp_path_factory.mktemp("sounds"), 8)


def planned(file, out) -> Plan:
    values = parse_yaml(file.read_text(), file.name)
    return read_study(file, out, roots=dict.fromkeys(values["tasks"], "."))


def test_there_are_seven_and_a_small_one():
    assert [file.stem for file in STUDIES] == [
        "cause",
        "families-small",
        "families",
        "layers",
        "mask-and-patch",
        "mixture",
        "objective",
        "unseen",
    ]


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_its_first_lines_say_how_to_start_it(file):
    comment = "\n".join(line.removeprefix("# ") for line in file.read_text().splitlines() if line[:1] == "#")
    (command,) = re.findall(r"^trainer study .*$", comment.replace("\\\n", " "), re.MULTILINE)
    config = understood(shlex.split(command))
    assert config.file == f"examples/studies/{file.name}"
    assert Path(config.out).name == file.stem
    tasks = parse_yaml(file.read_text(), file.name)["tasks"]
    assert {text.partition("=")[0] for text in config.root} == {*tasks}


def test_the_plan_of_the_page_can_be_read(tmp_path):
    page = (ROOT / "docs" / "studies.md").read_text()
    first, second = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "page.yaml").write_text(first)
    plan = planned(tmp_path / "page.yaml", tmp_path)
    assert len(plan.runs) == 5 * 3 * 3
    assert Halving(**parse_yaml(second, "page")["halving"]).keep == 0.5


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_what_is_planned_can_be_done_and_could_be_shown(file, tmp_path):
    plan = planned(file, tmp_path)
    of_dataset = {run.dataset: run for run in plan.runs}
    of_recipe = {run.recipe: run for run in plan.runs}
    classes = {name: source_of(run.config).num_classes for name, run in of_dataset.items()}
    for run in of_recipe.values():
        build_model(run.config, 10, classes[run.dataset])
    counted = sum(len(comparisons(each, [*plan.tasks])) for each in plan.analyses.values())
    seeds = {run.config.seed for run in plan.runs}
    for analysis in plan.analyses.values():
        if analysis.x is None:  # every choice of signs: the least p-value that so many pairs can have
            pairs = len(seeds) * (len(of_recipe if analysis.better in of_dataset else of_dataset))
            assert counted * 2 / 2**pairs < 0.05
        else:
            assert len(of_dataset) * (1 if len(of_dataset) > 4 else len(of_recipe)) >= 8


def some(settings, *places):
    """Return those of some named settings that stand at these places; of each dial one value."""
    names = [*settings]
    kept = {names[place]: dict(settings[names[place]]) for place in places}
    for each in kept.values():
        if "over" in each:
            each["over"] = {dial: values[-1:] for dial, values in each["over"].items()}
    return kept


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_a_little_of_it_is_done(file, sounds, tmp_path, monkeypatch):
    monkeypatch.setattr("trainer.pretraining.run._FIRST", 16)  # pictures that standardise the input
    values = parse_yaml(file.read_text(), file.name)
    recipes = values.get("recipes", {"plain": {}})
    small = {
        "datasets": some(values["datasets"], *((0, 1) if "halving" in values else (0,))),
        "recipes": recipes if "halving" in values else some(recipes, *{0, len(recipes) - 1}),
        "pretrain": values["pretrain"] | SMALL | ({} if "patch" in file.stem else {"image_size": 48}),
        "seeds": [0],
        "tasks": {"hums": {"task": "csv"}},
        "probe": values["probe"] | PROBE,
        "pictures": 2,
    }
    if "halving" in values:
        small["halving"] = values["halving"] | {"task": "hums"}
        small["recipes"] = {name: {"steps": steps} for steps, name in enumerate(recipes, start=1)}
    config = StudyConfig(
        file=str(write(tmp_path / file.name, small)), out=str(tmp_path / "out"), root=(f"hums={sounds}",)
    )
    rows = study(config)
    states = {"done", "not chosen"} if "halving" in values else {"done"}
    assert {row.state for row in rows} == states
    assert all(row.tv > 0 for row in rows if row.dataset)
    assert (tmp_path / "out" / "report" / "layers.png").exists() == ("layers" in file.stem)
