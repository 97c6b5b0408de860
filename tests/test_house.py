"""Who may import whom: an arrow only points up the list of packages, from the last towards the first."""

import ast
import doctest
import functools
import os
import subprocess
import sys
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import patterngen
import trainer
from patterngen import families

ROOT = Path(patterngen.__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("patterngen", "trainer")
    for path in sorted((ROOT / package).rglob("*.py"))
}
ROOMS = {
    "patterngen": (
        *("_version", "escape", "errors", "limits", "sizes", "retry", "signals", "home", "terminal"),
        *("kernels", "numba_math", "rng", "metrics", "measures", "encode", "notebook"),
        "storage",
        "common",
        "dataset",
        "drawing",
        "shaders",
        "families",
        "executors",
        "jobs",
        *("filtering", "publishing", "browse"),
        "commands",
        *("__init__", "cli"),
    ),
    "trainer": (
        *("errors", "digests", "tensor_files", "figures", "parallel", "scored"),
        "data",
        "model",
        "training",
        "sound",
        "encoders",
        "tasks",
        "pretraining",
        "results",
        "transfer",
        "publishing",
        "study",
        "commands",
        *("__init__", "cli"),
    ),
}
"""The packages and modules of each program: one may import those before it alone."""
WITH_TORCH = tuple(f"patterngen.families.{name}" for name in ("torch_device", "stylegan", "feature_vis"))
"""What may use torch, with its parts; the families among them import it only when they draw."""


FOR_TRAINER = (
    *("encode", "errors", "escape", "home", "notebook", "signals", "sizes", "terminal"),
    *(f"storage.{module}" for module in ("ahead", "files", "locks", "names", "places", "texts", "walk")),
    *(f"common.{module}" for module in ("command_table", "config", "console", "croissant", "installed")),
    *(f"common.{module}" for module in ("progress", "registry", "spawn", "spelling", "tables", "yaml_text")),
    *(
        "browse.contact_sheet",
        "dataset.folder",
        "dataset.reader",
        "drawing.band_powers",
        "jobs.packing",
        "jobs.partition",
        "publishing.hub",
    ),
)
"""The modules of patterngen that trainer may import from, beside the public names of the package itself."""


class Imports(ast.NodeVisitor):
    """Collects what a module imports, wherever it does so; what for its type checker alone, on demand."""

    def __init__(self, *, types):
        self.found, self.types = set(), types

    def visit_If(self, node):
        if "TYPE_CHECKING" in ast.unparse(node.test) and not self.types:
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
def imports(name, *, types=False):
    """Return (module, imported name) pairs of one of our modules."""
    visitor = Imports(types=types)
    visitor.visit(ast.parse(MODULES[name].read_text(encoding="utf-8")))
    return visitor.found


def arrows(name, *, types=False):
    """Return which of our modules a module imports."""
    found = {
        f"{module}.{item}" if f"{module}.{item}" in MODULES else module
        for module, item in imports(name, types=types)
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


def room(name):
    """Return the room of a module: its program's part that it is, or lies in."""
    return name.split(".")[1] if "." in name else "__init__"


def package(name):
    """Return the package of a module, at any depth; a module that lies in none but its program is its own."""
    own = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    return own if "." in own else f"{own}.{room(name)}"


def upward(name):
    """Return a module's arrows, types included, but to packages that it lies in: its parts register there."""
    return {target for target in arrows(name, types=True) if not name.startswith(f"{target}.")}


def check_no_circle(graph):
    TopologicalSorter(graph).prepare()  # raises CycleError


@pytest.mark.parametrize("name", MODULES)
def test_arrows_point_up_the_list_of_rooms(name):
    program = name.split(".")[0]
    rooms = ROOMS[program]
    own = rooms.index(room(name))
    known = {target for target in arrows(name, types=True) if target.split(".")[0] == program}
    assert not {target for target in known if rooms.index(room(target)) > own}


@pytest.mark.parametrize("program", ROOMS)
def test_every_room_is_there(program):
    assert {room(name) for name in MODULES if name.split(".")[0] == program} == set(ROOMS[program])


@pytest.mark.parametrize("program", ROOMS)
def test_no_two_modules_import_each_other(program):
    check_no_circle({name: upward(name) for name in MODULES if name.split(".")[0] == program})


@pytest.mark.parametrize("program", ROOMS)
def test_no_two_packages_import_each_other(program):
    graph = defaultdict(set)
    for name in MODULES:
        if name.split(".")[0] == program:
            graph[package(name)] |= {package(target) for target in upward(name)} - {package(name)}
    check_no_circle(graph)


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("patterngen")])
def test_patterngen_never_imports_trainer(name):
    assert not {module for module, _ in imports(name) if module.split(".")[0] == "trainer"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("trainer")])
def test_trainer_imports_only_public_names_and_the_modules_made_for_it(name):
    for module, item in imports(name, types=True):
        if module == "patterngen":
            assert item in patterngen.__all__
        elif module.split(".")[0] == "patterngen":
            assert module.removeprefix("patterngen.") in FOR_TRAINER


def test_trainer_uses_each_of_those_modules():
    used = {
        module for name in MODULES if name.startswith("trainer") for module, _ in imports(name, types=True)
    }
    assert used >= {f"patterngen.{module}" for module in FOR_TRAINER}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_a_command(name):
    assert not {target for target in arrows(name) if room(target) == "cli"}
    if room(name) not in ("commands", "cli"):
        assert not {target for target in arrows(name) if room(target) == "commands"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("patterngen.families")])
def test_families_know_only_how_to_draw(name):
    rooms = ("families", "shaders", "drawing", "metrics", "rng", "numba_math", "kernels")
    rooms += ("limits", "sizes", "errors", "notebook")
    allowed = {f"patterngen.common.{module}" for module in ("plugins", "registry", "spec_text")}
    assert not {target for target in arrows(name) - allowed if room(target) not in rooms}


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) in ("dataset", "filtering")])
def test_what_handles_shards_knows_no_family(name):
    above = ("drawing", "shaders", "families", "jobs")
    assert not {target for target in reachable(name) if room(target) in above}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("patterngen")])
def test_patterngen_draws_without_torch(name):
    if not name.startswith(WITH_TORCH):
        assert not {
            module for module, _ in imports(name) if module.split(".")[0] in ("torch", "torchvision", "timm")
        }


@pytest.mark.parametrize("name", MODULES)
def test_one_module_reads_and_writes_yaml(name):
    assert name == "patterngen.common.yaml_text" or "yaml" not in {module for module, _ in imports(name)}


@pytest.mark.parametrize("name", MODULES)
def test_one_module_makes_consoles_and_texts_of_rich(name):
    makers = {"rich", "rich.console", "rich.markup", "rich.text"}
    assert name == "patterngen.common.tables" or not makers & {module for module, _ in imports(name)}


@pytest.mark.parametrize("program", [patterngen, trainer], ids=lambda program: program.__name__)
def test_every_exported_name_is_there(program):
    assert all(getattr(program, name) is not None for name in program.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = program.nonsense


def test_no_two_public_things_have_one_name():
    assert not {*patterngen.__all__} & {*trainer.__all__}
    for program in (patterngen, trainer):
        packages = {name.split(".")[1] for name in MODULES if name.count(".") == 1 and package(name) == name}
        assert {*program.__all__} & packages <= {"families"}  # which is that package


def fresh(code):
    """Run code in a new process and return what it printed."""
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("program", ROOMS)
def test_importing_a_program_loads_nothing_slow(program):
    slow = "{'torch', 'numba', 'numpy', 'pyarrow', 'moderngl', 'rich', 'tyro', 'matplotlib'}"
    assert fresh(f"import sys, {program}; print(sorted({slow} & sys.modules.keys()))").strip() == "[]"


@pytest.mark.parametrize("program", [patterngen, trainer], ids=lambda program: program.__name__)
def test_examples_of_public_names_run(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(families._registry, "_classes", dict(families.known_families()))  # one adds its own
    for name in program.__all__:
        thing = getattr(program, name)
        if not callable(thing):
            continue
        found = [test for test in doctest.DocTestFinder().find(thing, name, globs={}) if test.examples]
        assert name in [test.name for test in found], f"{name} has no example"
        for test in found:
            assert doctest.DocTestRunner().run(test).failed == 0, name


def test_a_public_name_says_which_extra_it_needs():
    code = "import sys; sys.modules['torch'] = None; import trainer, patterngen\n"
    code += "try: trainer.Encoder\nexcept patterngen.MissingDependencyError as error: print(error)"
    assert fresh(code).strip() == "the Python package 'torch' is missing: pip install 'patterngen[train]'"


def test_importing_any_module_does_nothing_else():
    names = [name for name in MODULES if name.startswith("patterngen") and not name.startswith(WITH_TORCH)]
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    check = "import patterngen; patterngen.known_families(); assert 'torch' not in sys.modules"
    assert fresh(code + check) == ""


def test_no_command_imports_what_takes_seconds_before_it_is_needed():
    """Who asks for help, or mistypes a flag, is answered before models and plots are at hand."""
    slow = {"timm", "torchvision", "accelerate", "sklearn", "matplotlib.pyplot", "librosa", "ray", "onnx"}
    names = [name for name in MODULES if name.startswith(("trainer.commands.", "patterngen.commands."))]
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    assert fresh(f"{code}print(sorted({slow} & sys.modules.keys()))").strip() == "[]"


AFTER_TORCH = {
    *("compare", "embed", "evaluations", "export", "map", "spectrograms"),
    *("transfer_finetune", "transfer_probe"),
}
"""Commands whose settings say how clips become log-mels, and stand among what computes them."""


def test_other_commands_answer_without_torch():
    known = [name for name in MODULES if name.startswith("trainer.commands.")]
    names = [name for name in known if name.rpartition(".")[2] not in AFTER_TORCH]
    assert len(known) - len(names) == len(AFTER_TORCH)
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    assert fresh(f"{code}print('torch' in sys.modules)").strip() == "False"
