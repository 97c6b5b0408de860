"""One dataset drawn by several machines: parts of an array job, nodes of a Ray cluster that come and go."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from patterngen.common.console import parse
from patterngen.jobs.config import RenderConfig
from tests.forked import Nursery
from tests.processes import DRAWING

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "examples" / "clusters"
SCRIPT = Path(__file__).with_name("ray_nodes.py")
ALONE = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
"""A process whose network is the loopback device, and with which all its children end."""

JOB = ["patient", "--count", "1750", "--size", "8", "--samples-per-shard", "300"]
PATIENT = '''
import os, time
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Pictures

@register
@dataclass(frozen=True, kw_only=True)
class Patient(Family):
    """One colour, drawn as slowly as the test wants."""
    name: ClassVar[str] = "patient"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "this test"
    trouble: int = 0
    """Whether it fails."""
    def draw_square(self, seeds, size):
        if self.trouble:
            raise ValueError("no paint")
        time.sleep(len(seeds) * float(os.environ.get("NAP", "0")))
        colours = np.array([[seed >> k & 255 for k in (0, 8, 16)] for seed in seeds], np.uint8)
        pixels = np.broadcast_to(colours[:, None, None], (len(seeds), size, size, 3))
        return Pictures(pixels, [{"trouble": self.trouble}] * len(seeds), np.zeros(len(seeds), np.int64))
'''


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment in which the family `patient` is installed, and nothing says which part to draw."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "patient.py").write_text(PATIENT)
    info = folder / "patient-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: patient\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[patterngen.families]\npatient = patient\n")
    told = ("SLURM_", "JOB_COMPLETION_", "RANK", "WORLD_SIZE", "RAY_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    return clean | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "OMP_NUM_THREADS": "1", "COLUMNS": "120"}


@pytest.fixture(scope="module")
def patterngen(environment):
    """Run a command with variables of its environment changed."""
    with Nursery(DRAWING, environment) as nursery:
        yield lambda *words, **changed: nursery.run("patterngen.cli", *words, env=environment | changed)


def hashes(folder):
    return {tar.name: hashlib.sha256(tar.read_bytes()).hexdigest() for tar in folder.glob("*.tar")}


def listing(folder):
    return {path.name for path in folder.iterdir()}


def names(shards):
    """What a whole dataset folder holds."""
    about = {"README.md", "_info.json", "classes.json", "croissant.json", "job.yaml", "shards.json"}
    endings = (".tar", ".parquet", "_stats.json")
    return about | {f"train-{shard:06d}{ending}" for shard in range(shards) for ending in endings}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, patterngen):
    """The same job, drawn by one process."""
    folder = tmp_path_factory.mktemp("undisturbed") / "set"
    done = patterngen("render", *JOB, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


# Parts --------------------------------------------------------------------------------------------------


def test_the_parts_of_an_array_job_run_at_once_into_one_folder(tmp_path, patterngen, undisturbed):
    def part(task):
        slurm = {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": 3, "SLURM_ARRAY_TASK_MIN": 1}
        variables = {name: str(value) for name, value in slurm.items()}
        return patterngen("render", *JOB, "--out", tmp_path / "set", **variables)

    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(part, (1, 2, 3)))
    for index, run in enumerate(runs):
        assert run.returncode == 0, run.stderr
        assert f"part {index} of 3 (SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT)" in run.stderr
    assert any("1750 pictures in 6 shards" in run.stdout for run in runs), "the last one sees all of it"
    assert hashes(tmp_path / "set") == hashes(undisturbed)
    assert listing(tmp_path / "set") == names(6)
    for name in ("README.md", "_info.json", "classes.json"):
        assert (tmp_path / "set" / name).read_bytes() == (undisturbed / name).read_bytes()


def test_a_part_ends_well_while_others_are_missing_and_status_shows_the_whole(tmp_path, patterngen):
    first = ("render", *JOB, "--out", tmp_path, "--shard-index", 1, "--shard-count", 4)
    done = patterngen(*first)
    assert done.returncode == 0, done.stderr
    assert "part 1 of 4 is whole" in done.stdout
    assert "still to draw 1200 of 1750 pictures" in done.stdout
    status = json.loads(patterngen("status", tmp_path, "--json").stdout)
    assert status["missing"] == [0, 2, 3, 4]
    assert not (tmp_path / "shards.json").exists()


# Recipes ------------------------------------------------------------------------------------------------


def understood(command, environ, monkeypatch):
    """Parse a recipe's command line as the program does, where its scheduler runs it."""
    for name in (
        "SLURM_ARRAY_TASK_ID",
        "SLURM_ARRAY_TASK_COUNT",
        "JOB_COMPLETION_INDEX",
        "RANK",
        "WORLD_SIZE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    words = shlex.split(os.path.expandvars(" ".join(command) if isinstance(command, list) else command))
    assert words[:2] == ["patterngen", "render"]
    job = parse(RenderConfig, "patterngen render", "", words[2:])
    assert sum(portion.share for portion in job.mixture.portions) == pytest.approx(1)
    return job


def test_the_slurm_recipe_is_sound(monkeypatch):
    path = RECIPES / "slurm.sbatch"
    subprocess.run(["bash", "-n", path], check=True)
    text = path.read_text().replace("\\\n", " ")
    first, last = re.search(r"^#SBATCH --array=(\d+)-(\d+)$", text, re.MULTILINE).groups()
    (command,) = re.findall(r"^exec (patterngen .*)$", text, re.MULTILINE)
    array = {"MIN": first, "MAX": last, "COUNT": str(int(last) - int(first) + 1), "ID": "3"}
    environ = {f"SLURM_ARRAY_TASK_{name}": value for name, value in array.items()}
    job = understood(
        command, environ | {"SLURM_CPUS_PER_TASK": "8", "SLURM_SUBMIT_DIR": "/home/me"}, monkeypatch
    )
    assert (job.part.index, job.part.count) == (3, int(array["COUNT"]))
    assert (job.workers, job.out) == (8, "/home/me/patterns")


def test_the_kubernetes_recipe_is_sound(monkeypatch):
    spec = yaml.safe_load((RECIPES / "kubernetes.yaml").read_text())["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    job = understood(container["command"], {"JOB_COMPLETION_INDEX": "15"}, monkeypatch)
    assert spec["completionMode"] == "Indexed"
    assert (job.part.index, job.part.count) == (15, spec["completions"])
    assert str(job.workers) == container["resources"]["requests"]["cpu"]
    assert job.scratch in {mount["mountPath"] for mount in container["volumeMounts"]}
    # Kubernetes takes these two only for pods that are never restarted in place.
    assert {"backoffLimitPerIndex", "podFailurePolicy"} <= spec.keys()
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_the_ray_recipe_is_sound(monkeypatch):
    text = (RECIPES / "ray.yaml").read_text()
    cluster = yaml.safe_load(text)
    (command,) = re.findall(r"^#   ray exec ray.yaml '(patterngen .*)'$", text, re.MULTILINE)
    assert understood(command, {}, monkeypatch).executor == "ray"
    for part in ("setup_commands", "head_start_ray_commands", "worker_start_ray_commands"):
        for line in cluster[part]:
            subprocess.run(["bash", "-n", "-c", line], check=True)


# A Ray cluster ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nodes(tmp_path_factory, environment):
    """What became of runs on two nodes, one of which was killed in the middle, and where."""
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], check=False).returncode:
        pytest.skip("this machine allows no namespaces, and Ray would listen on its outer address")
    folder = tmp_path_factory.mktemp("ray") / "set"
    # Not pytest's folder: the paths of Ray's sockets have to be short.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as ray:
        done = subprocess.run(
            [*ALONE, sys.executable, SCRIPT, folder, *JOB],
            env=environment | {"NAP": "0.005", "RAY_TMPDIR": ray},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"folder": folder}


def test_a_node_that_dies_in_the_middle_costs_only_time(nodes, undisturbed):
    run, folder = nodes["survived"], nodes["folder"]
    assert run["code"] == 0, run["stderr"]
    assert "its worker was lost" in run["stderr"]
    assert "render: 1750/1750 images" in run["stderr"]
    assert hashes(folder) == hashes(undisturbed)
    assert listing(folder) == names(6)


def test_ray_itself_says_nothing(nodes):
    run = nodes["survived"]
    lines = run["stderr"].splitlines()
    assert all(line.startswith(("render: ", "shard ")) for line in lines), lines
    assert run["stdout"].startswith(f"{nodes['folder']}: 1750 pictures")
    assert run["stdout"].count("\n") == 1


def test_without_a_cluster_ray_is_started_here(nodes, undisturbed):
    run, folder = nodes["here"], nodes["folder"].with_name("here")
    assert run["code"] == 0, run["stderr"]
    lines = run["stderr"].splitlines()  # on a slow machine also how far it was after half a minute
    assert all(line.startswith("render: ") for line in lines), lines
    assert lines[-1].startswith("render: 300/300 images")
    assert hashes(folder).items() <= hashes(undisturbed).items()
    assert listing(folder) == names(1)


@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_the_tasks_and_leaves_nothing_half_done(nodes, sent, code):
    run = nodes[sent]
    assert run["code"] == code, run["stderr"]
    assert "Traceback" not in run["stderr"]
    assert not [name for name in run["left"] if name.startswith(".")]


def test_a_shard_that_keeps_failing_on_ray_is_listed(nodes):
    run = nodes["failed"]
    assert run["code"] == 1, run["stderr"]
    assert "6 of 6 shards failed" in run["stderr"]
    for shard in range(6):
        (line,) = re.findall(rf"^  train-00000{shard}: (.*)$", run["stderr"], re.MULTILINE)
        assert "ValueError: no paint" in line
    assert "patterngen render --config" in run["stderr"]
