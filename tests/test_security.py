"""What strangers' files could do to us, and do not: no code runs, nothing is unpacked, no shell starts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import patterngen

ROOT = Path(patterngen.__file__).parent.parent
SOURCES = sorted(path for package in ("patterngen", "trainer") for path in (ROOT / package).rglob("*.py"))

RUNS_CODE = {"eval", "exec", "compile", "__import__"}
"""Built-in functions that make a text into a program. With a dot before them they are something else: a
network's `eval()`, a pattern's `re.compile`."""
UNPICKLES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
"""Modules whose data are programs; they may be imported for the names of their errors alone."""
ERRORS = {"pickle.UnpicklingError", "pickle.PicklingError"}
OURS = {
    ("patterngen/kernels/cache.py", "unpickles"),
    ("patterngen/families/feature_vis/encoders.py", "reads_json"),
    ("patterngen/shaders/render/child.py", "reads_json"),
    ("patterngen/shaders/render/process.py", "reads_json"),
    ("patterngen/storage/texts.py", "reads_json"),
}
"""Compiled kernels are programs by their nature: our package's, or those of a folder of the user's own. A
child's orders and answers are ours; `parse_json` reads whatever else is JSON, however deep it goes."""
SHELLS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
UNPACKS = {"extract", "extractall", "unpack_archive"}
"""Methods that bring the names in an archive to the file system."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, dict]]:
    """Yield each call, what it calls as it is written, and its arguments that have names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}


def runs_text(tree: ast.AST) -> Iterator[ast.AST]:
    return (call for call, name, _ in calls(tree) if name in RUNS_CODE)


def unpickles(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in UNPICKLES:
            yield node
        name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if name.split(".")[0] in UNPICKLES and name not in ERRORS:
            yield node


def loads_objects(tree: ast.AST) -> Iterator[ast.AST]:
    for call, name, given in calls(tree):
        if name == "torch.load" and given.get("weights_only") != "True":
            yield call
        if name in ("np.load", "numpy.load") and "allow_pickle" in given:
            yield call
        if name.startswith("yaml.") and "load" in name and name != "yaml.safe_load":
            yield call


def starts_a_shell(tree: ast.AST) -> Iterator[ast.AST]:
    return (
        call for call, name, given in calls(tree) if name in SHELLS or given.get("shell", "False") != "False"
    )


def reads_json(tree: ast.AST) -> Iterator[ast.AST]:
    for call, name, _ in calls(tree):
        ours = call.args and ast.unparse(call.args[0]).startswith(("json.dumps(", "marker_text("))
        if name in ("json.load", "json.loads") and not ours:
            yield call


def unpacks(tree: ast.AST) -> Iterator[ast.AST]:
    return (call for call, name, _ in calls(tree) if name.rpartition(".")[2] in UNPACKS)


RULES = {
    runs_text: ("eval('1')", "exec(text)", "__import__(name)"),
    unpickles: ("import pickle\npickle.load(file)", "from joblib import load"),
    loads_objects: (
        "torch.load(file)",
        "np.load(file, allow_pickle=True)",
        "yaml.load(text, Loader=yaml.Loader)",
    ),
    starts_a_shell: ("os.system(text)", "subprocess.run(text, shell=True)"),
    reads_json: ("json.loads(text)", "json.load(file)"),
    unpacks: ("tarfile.open(path).extractall(folder)", "shutil.unpack_archive(path)"),
}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.AST]:
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_source_does_it(rule, trees):
    assert len(trees) > 100
    strangers = {path: tree for path, tree in trees.items() if (path, rule.__name__) not in OURS}
    assert not [f"{path}:{node.lineno}" for path, tree in strangers.items() for node in rule(tree)]


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in RULES.items() for text in texts])
def test_a_source_that_did_it_would_be_found(rule, text):
    assert list(rule(ast.parse(text)))
