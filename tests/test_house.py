"""Who may import whom: an arrow only points down the flow from seed to score."""

import ast
import functools
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import patterngen

ROOT = Path(patterngen.__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("patterngen", "trainer")
    for path in sorted((ROOT / package).rglob("*.py"))
}
WITH_TORCH = tuple(f"patterngen.families.{name}" for name in ("torch_device", "stylegan", "feature_vis"))
"""What may use torch, with its parts; the families among them import it only when they draw."""


class Imports(ast.NodeVisitor):
    """Collects what a module imports, wherever it does so, but not for its type checker alone."""

    def __init__(self):
        self.found = set()

    def visit_If(self, node):
        if "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                self.visit(other)
        else:
            self.generic_visit(node)

    def visit_Import(self, node):
        self.found |= {(alias.name, "") for alias in node.names}

    def visit_ImportFrom(self, node):
        assert node.level == 0, "imports are absolute here"
        self.found |= {(node.module, alias.name) for alias in node.names}


@functools.cache
def imports(name):
    """Return (module, imported name) pairs of one of our modules."""
    visitor = Imports()
    visitor.visit(ast.parse(MODULES[name].read_text(encoding="utf-8")))
    return visitor.found


def arrows(name):
    """Return which of our modules a module imports."""
    found = {
        f"{module}.{item}" if f"{module}.{item}" in MODULES else module for module, item in imports(name)
    }
    return found & MODULES.keys()


def reachable(name):
    """Return which of our modules a module imports, directly or through others."""
    seen, waiting = set(), [name]
    while waiting:
        for target in arrows(waiting.pop()) - seen:
            seen.add(target)
            waiting.append(target)
    return seen


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("patterngen")])
def test_patterngen_never_imports_trainer(name):
    assert not {module for module, _ in imports(name) if module.split(".")[0] == "trainer"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("trainer")])
def test_trainer_uses_only_what_patterngen_exports(name):
    for module, item in imports(name):
        if module.split(".")[0] == "patterngen":
            assert module == "patterngen", f"import from patterngen itself, not from {module}"
            assert item == "" or item in patterngen.__all__


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_a_command_line(name):
    assert not {target for target in arrows(name) if target.endswith(".cli")}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("patterngen.families")])
def test_families_know_only_how_to_draw(name):
    allowed = (
        "patterngen.families",
        "patterngen.gl",
        "patterngen.kernels",
        "patterngen.metrics",
        "patterngen.errors",
        "patterngen.labels",
        "patterngen.plugins",
        "patterngen.registry",
    )
    assert not {target for target in arrows(name) if not target.startswith(allowed)}


@pytest.mark.parametrize(
    "name", ["shard", "dataset", "stats", "publishing.indexes", "filtering.filter", "filtering.repack"]
)
def test_what_handles_shards_knows_no_family(name):
    above = tuple(f"patterngen.{part}" for part in ("families", "gl", "jobs"))
    assert not {target for target in reachable(f"patterngen.{name}") if target.startswith(above)}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("patterngen")])
def test_patterngen_draws_without_torch(name):
    if not name.startswith(WITH_TORCH):
        assert not {
            module for module, _ in imports(name) if module.split(".")[0] in ("torch", "torchvision", "timm")
        }


@pytest.mark.parametrize("package", ["patterngen", "trainer"])
def test_no_two_modules_import_each_other(package):
    # A package's own module is what its parts register with, so arrows to it from below are meant.
    graph = {
        name: {target for target in arrows(name) if not name.startswith(f"{target}.")}
        for name in MODULES
        if name.startswith(package)
    }
    TopologicalSorter(graph).prepare()  # raises CycleError


@pytest.mark.parametrize("name", MODULES)
def test_one_module_reads_and_writes_yaml(name):
    assert name == "patterngen.yaml_text" or "yaml" not in {module for module, _ in imports(name)}


@pytest.mark.parametrize("name", MODULES)
def test_one_module_makes_consoles_and_texts_of_rich(name):
    makers = {"rich", "rich.console", "rich.markup", "rich.text"}
    assert name == "patterngen.tables" or not makers & {module for module, _ in imports(name)}


def test_every_exported_name_is_there():
    assert all(getattr(patterngen, name) is not None for name in patterngen.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = patterngen.nonsense


def fresh(code):
    """Run code in a new process and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_importing_patterngen_loads_nothing_slow():
    slow = "{'torch', 'numba', 'numpy', 'pyarrow', 'moderngl', 'rich', 'tyro', 'matplotlib'}"
    assert fresh(f"import sys, patterngen; print(sorted({slow} & sys.modules.keys()))").strip() == "[]"


def test_importing_any_module_does_nothing_else():
    names = [name for name in MODULES if name.startswith("patterngen") and not name.startswith(WITH_TORCH)]
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    check = "from patterngen.families import families; families(); assert 'torch' not in sys.modules"
    assert fresh(code + check) == ""
