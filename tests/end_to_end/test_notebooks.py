"""The notebooks of `examples/notebooks`, cell by cell to their end at toy size.

Their cells are plain Python, without commands of Jupyter's own: Python alone runs and shows them here, which
spares the tests a kernel, its protocol and a process for each notebook.
"""

import ast
import json
import re
from pathlib import Path

import matplotlib as mpl
import pytest

from tests.shallow import SHALLOW, shallow_model

NOTEBOOKS = sorted((Path(__file__).parents[2] / "examples/notebooks").glob("*.ipynb"))
TOY = {"CLIPS": 5, "COUNT": 40, "MODEL": SHALLOW, "SEEDS": 1, "SIZE": "32x64", "STEPS": 2}
"""What stands in place of these parameters."""
LARGEST = 3 << 20
"""Most characters that the outputs of a notebook may add up to."""


def cells_of(notebook, kind="code"):
    return [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == kind]


def run_cell(code, names):
    """Run a cell as Jupyter does; return what it shows of its last line, if that is a value."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return ""
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return "" if value is None else getattr(value, "_repr_html_", value.__repr__)()


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(mpl.rcParams, "backend", "agg")
    names, shown = {"__name__": "__main__"}, []
    with shallow_model():
        for cell in cells_of(notebook):
            shown.append(run_cell("".join(cell["source"]), names))
            if "parameters" in cell["metadata"].get("tags", ()):
                assert TOY.keys() & names.keys()
                names |= {name: value for name, value in TOY.items() if name in names}
    assert any(shown)
    assert sum(map(len, shown)) < LARGEST


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_no_outputs(notebook):
    book = json.loads(notebook.read_text())
    assert (book["nbformat"], book["metadata"]["language_info"]["name"]) == (4, "python")
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    cells = cells_of(notebook)
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)
    assert sum(cell["metadata"].get("tags") == ["parameters"] for cell in cells) == 1
    title = "".join(cells_of(notebook, "markdown")[0]["source"])
    assert re.match(r"# \w", title)
