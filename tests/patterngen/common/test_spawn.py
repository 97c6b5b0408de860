"""Scripts without ``if __name__ == "__main__":`` that ask for worker processes."""

import os
import pickle
import subprocess
import sys
from multiprocessing.spawn import get_preparation_data
from pathlib import Path

import pytest

import patterngen
from patterngen import families
from patterngen.common.spawn import RERUN, check_rerun, refuse_rerun, spawning
from patterngen.jobs.spec import DatasetSpec

ROOT = Path(patterngen.__file__).parent.parent
RENDER = """
import patterngen
print("once")
spec = patterngen.DatasetSpec(family=("FAMILY",), count=4, size=16, samples_per_shard=2)
print(patterngen.render(spec, patterngen.RunOptions(out="drawn", workers=2)))
"""
FAMILY = """
import dataclasses, numpy as np
from patterngen.families import Family, Pictures, register
@register
@dataclasses.dataclass(frozen=True)
class Gray(Family):
    name = "gray"; version = 1; source = "this test"
    def draw_square(self, seeds, size):
        n = len(seeds)
        return Pictures(np.zeros((n, size, size, 3), np.uint8), [{}] * n, np.zeros(n, int))
"""


def script(folder, text):
    """Run a script; return its exit code and both of its outputs."""
    (folder / "script.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_script_without_the_guard_runs_once(tmp_path):
    (tmp_path / "shades.py").write_text(FAMILY)
    code, out, err = script(tmp_path, f"import shades\n{RENDER.replace('FAMILY', 'gray')}")
    assert (code, err) == (0, "")
    assert out.count("once") == 1
    assert "4 pictures in 2 shards" in out


def test_a_family_of_the_script_needs_the_guard(tmp_path):
    code, _, err = script(tmp_path, f"{FAMILY}{RENDER.replace('FAMILY', 'gray')}")
    assert code == 1
    assert err.count("Traceback") == 1  # that of the script itself
    assert 'put what the script does below a line `if __name__ == "__main__":`' in err.splitlines()[-1]
    assert not list((tmp_path / "drawn").glob("*.tar"))


def starts_with_the_script():
    return any(name.startswith("init_main") for name in get_preparation_data("worker"))


@pytest.mark.parametrize("file", ["a script.py", "<stdin>", None])
def test_processes_leave_the_script_alone_whatever_it_is(monkeypatch, file):
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__spec__", None)
    if file is None:
        monkeypatch.delattr(main, "__file__", raising=False)
    else:
        monkeypatch.setattr(main, "__file__", file, raising=False)
    with spawning("work"):
        assert not starts_with_the_script()
    assert starts_with_the_script() == (file is not None)  # as before


def test_what_the_script_defines_is_looked_for_there(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    with spawning("of __main__"):
        assert starts_with_the_script()


@pytest.mark.parametrize("file", ["<stdin>", None])
def test_a_family_that_is_typed_in_is_told_of(monkeypatch, file):
    monkeypatch.setattr(sys.modules["__main__"], "__file__", file, raising=False)
    with pytest.raises(patterngen.PatternGenError, match="put it into a module"), spawning("of __main__"):
        pass


def test_only_a_process_that_is_being_started_is_refused():
    refuse_rerun()
    check_rerun([0, 1, None, -9])
    with pytest.raises(patterngen.PatternGenError, match="__main__"):
        check_rerun([0, RERUN])


def test_a_job_takes_the_modules_of_its_families_along(tmp_path, monkeypatch):
    monkeypatch.setattr(families._registry, "_classes", dict(families.known_families()))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shades_of_a_test.py").write_text(FAMILY.replace('"gray"', '"gray-of-a-test"'))
    __import__("shades_of_a_test")
    job = DatasetSpec(family=("mixup:perlin,gray-of-a-test=2",), count=3)
    data = pickle.dumps(job)
    assert b"shades_of_a_test" in data
    assert pickle.loads(data) == job
    assert b"shades_of_a_test" not in pickle.dumps(DatasetSpec(family=("perlin",), count=3))
