"""What a release is made of: one version, what changed, forms for those who report, images for containers."""

import fnmatch
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from patterngen import __version__
from patterngen.common.yaml_text import parse_yaml
from tests.command_lines import understood

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
IMAGES = ("Dockerfile", "Dockerfile.gpu")


def test_the_version_stands_in_one_place_and_what_repeats_it_agrees():
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "patterngen/_version.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert parse_yaml((ROOT / "CITATION.cff").read_text(), "CITATION.cff")["version"] == __version__
    released = re.findall(r"^## \[?([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released[0] == __version__


@pytest.mark.parametrize("name", ["fault", "idea"])
def test_a_form_for_issues_asks_what_it_needs(name):
    form = parse_yaml((ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text(), name)
    assert form.keys() == {"name", "description", "labels", "body"}
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids) > 0
    assert all(field["attributes"]["label"] for field in form["body"])
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def instructions(name):
    """Return the instructions of an image, pairs of a word and what follows, each on one line."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", "").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in whole if line.strip()]


def started(name):
    """Return the commands that an image runs."""
    (command,) = [json.loads(rest) for word, rest in instructions(name) if word == "CMD"]
    assert command[:2] == ["sh", "-c"]
    return [shlex.split(part) for part in command[2].split("&&")]


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_built_from_what_is_there(name):
    found = instructions(name)
    assert {word for word, _ in found} <= {"FROM", "RUN", "COPY", "ARG", "ENV", "WORKDIR", "CMD"}
    (first, base), *_ = found
    python = re.fullmatch(r"python:(3\.\d+)-slim", base)
    assert first == "FROM"
    assert python[1] in SpecifierSet(PROJECT["project"]["requires-python"])
    copied = [rest.split()[:-1] for word, rest in found if word == "COPY"]
    assert all((ROOT / source).exists() for sources in copied for source in sources)
    runs = " ".join(rest for word, rest in found if word == "RUN")
    (asked,) = re.findall(r'"/source\[([\w,]+)\]"', runs)
    assert set(asked.split(",")) <= PROJECT["project"]["optional-dependencies"].keys()


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_draws_and_trains_on_what_it_drew(name):
    (_, draw, *_), (_, train, *_) = commands = started(name)
    assert (draw, train) == ("render", "pretrain")
    drawn, trained = map(understood, commands)
    assert trained.data == (drawn.out,)


def test_the_image_that_nobody_has_built_says_so():
    assert "UNTESTED" in (ROOT / "Dockerfile.gpu").read_text().splitlines()[0]


def test_what_the_wheel_is_built_from_goes_into_the_image():
    rules = (ROOT / ".dockerignore").read_text().split()
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", "hatch_build.py", PROJECT["project"]["readme"]}
    needed |= {*PROJECT["project"]["license-files"], *wheel["packages"], *wheel["force-include"]}
    assert rules[0] == "*"
    assert needed <= {rule[1:] for rule in rules if rule.startswith("!")}
    assert any(fnmatch.fnmatch("patterngen/__pycache__", rule) for rule in rules[1:])


def test_the_weight_of_every_extra_is_told():
    readme = (ROOT / "README.md").read_text()
    table = re.findall(r"^\| `?([\w .,`]+?)`? \| .* \| (.+) \|$", readme, re.MULTILINE)
    told = {name for names, weight in table if re.search(r"\d [MG]B", weight) for name in names.split("`, `")}
    assert PROJECT["project"]["optional-dependencies"].keys() <= told
    assert all(Requirement(line).specifier for line in PROJECT["project"]["dependencies"])
