"""What the built package holds and needs, and that it draws where nothing but it is installed."""

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from patterngen.browse.page import PICTURES, PROGRAMS
from patterngen.kernels import cache as kernel_cache
from tests.forked import Nursery
from tests.processes import DRAWING

ROOT = Path(__file__).parents[1]
PACKAGES = ("patterngen", "trainer")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel, with compiled kernels."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def held(wheel):
    """The names of the files in it."""
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def test_the_wheel_holds_packages_and_shaders(held):
    shaders = {
        f"patterngen/shaders/programs/{path.relative_to(ROOT / 'shaders')}"
        for path in (ROOT / "shaders").rglob("*.glsl")
    }
    modules = {str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    assert len(shaders) >= 16
    assert shaders | modules | {"patterngen/py.typed", "patterngen/__init__.pyi", "trainer/py.typed"} <= held
    assert {"trainer/results/published.csv", "trainer/shipped/SHA256SUMS"} <= held
    encoders = {str(path.relative_to(ROOT / "encoders")) for path in (ROOT / "encoders").rglob("*.*")}
    assert {f"trainer/shipped/{name}" for name in encoders} <= held
    assert {"patterngen/browse/page.html", "patterngen/browse/page.css"} <= held
    for layout in (PICTURES, PROGRAMS):
        files = (layout.template, *layout.styles, *layout.scripts)
        assert {f"patterngen/browse/{name}" for name in files} <= held
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_the_wheel_holds_nothing_else(held):
    assert {name.split("/")[0].split("-")[0] for name in held} == {"patterngen", "trainer"}
    assert {Path(name).suffix for name in held if ".dist-info" not in name} <= {
        ".py",
        ".pyi",
        ".typed",
        ".glsl",
        ".md",
        ".html",
        ".css",
        ".js",
        ".csv",  # published scores
        "",  # SHA256SUMS of
        ".safetensors",  # encoders
        ".json",
        ".kernel",
    }


def declared(*extras):
    """Return the names of the distributions that an installation with some extras brings."""
    optional = PROJECT["project"]["optional-dependencies"]
    lines = PROJECT["project"]["dependencies"] + [line for extra in extras for line in optional[extra]]
    return {re.match(r"[\w-]+", line)[0].lower() for line in lines}


NEEDS = {
    "train": (
        "trainer",
        "patterngen/families/stylegan",
        "patterngen/families/feature_vis",
        "patterngen/families/torch_device",
    ),
    "ray": ("patterngen/executors/ray",),
    "hf": ("patterngen/publishing/push", "patterngen/publishing/hub"),
    "onnx": ("trainer/encoders/onnx_export",),
    "wandb": ("trainer/training/boards",),
    "yavih": ("trainer/encoders/yavih",),
}
"""What asks for an extra where it is missing."""


@pytest.mark.parametrize("package", ["patterngen", "trainer"])
def test_everything_imported_is_required(package):
    distributions = packages_distributions()
    for path in (ROOT / package).rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        allowed = declared("gl", *(extra for extra, paths in NEEDS.items() if place.startswith(paths)))
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in (name.split(".")[0] for name in names):
                if name in sys.stdlib_module_names or name in PACKAGES:
                    continue
                found = {distribution.lower().replace("_", "-") for distribution in distributions[name]}
                assert found & allowed, f"{path}: {name}"


def test_drawing_needs_no_torch():
    assert not {"torch", "torchvision", "timm"} & declared("gl")


# Where nothing but the wheel is installed -----------------------------------------------------------------


def needed(name, extra=""):
    """Return the names of the distributions that installing one brings, itself among them."""
    found, waiting = set(), [(name, extra)]
    while waiting:
        name, extra = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(requirement.name, part) for part in requirement.extras or [""]]
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The programs of an environment that holds the wheel and what `pip install patterngen[gl]` brings."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in needed("patterngen", "gl") - {"patterngen"}:
        found = distribution(name)
        for part in {file.parts[0] for file in found.files if file.parts[0] != ".."}:
            if not (site / part).exists():
                (site / part).symlink_to(found.locate_file(part))
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    ]
    subprocess.run(command, check=True)
    return folder / "bin"


def tour():
    """Return the commands of the README's tour that draw and choose."""
    text = (ROOT / "README.md").read_text()
    part = text[text.index("### Drawing") : text.index("### Learning")]
    lines = "".join(re.findall(r"^```\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)).splitlines()
    return [shlex.split(line, comments=True) for line in lines]


TOY = {"10000": ["60", "--size", "128"], "1000000": ["1000000", "--sample", "4"]}
"""What stands in for counts, so that the tour takes seconds."""


def test_the_installed_wheel_draws_the_tour_of_the_readme(installed, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["NUMBA_CACHE_DIR"] = str(tmp_path / "compiled")
    assert len(tour()) > 12
    with Nursery(DRAWING, environment, [installed / "python"]) as nursery:
        for program, *words in tour():
            assert program == "patterngen"
            if words[:2] == ["shaders", "check"]:  # minutes; tests/patterngen/shaders/test_curation.py
                continue
            arguments = [part for word in words for part in TOY.get(word, [word])]
            if words == ["list"]:  # by the program itself; the others begin where all is imported
                command = [installed / program, *words]
                done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            else:
                done = nursery.run("patterngen.cli", *arguments, cwd=tmp_path)
            if "shaders" in done.stderr and "install" in done.stderr:
                pytest.skip(done.stderr)
            assert done.returncode == 0, f"{shlex.join(arguments)}: {done.stderr}"
    assert {path.name for path in (tmp_path / "data").iterdir()} >= {"mixed", "smooth"}
    assert kernel_cache.host_levels()
    compiled = {path.name for path in (tmp_path / "compiled").glob("*")}
    assert not compiled, "kernels that the wheel should have brought"
