"""`patterngen filter` over the manifests of ten million pictures: `pytest benchmarks/bench_filter.py -s`.

Seconds on one core (`conftest.py` sees to that), and the most memory that a process took which did nothing
else. Making the manifests takes half a minute and 1 GB of disk.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from manifests import write_manifests

SHARDS, ROWS = 1000, 10_000
ROUNDS = 3

RULES = {
    "bounds": {"tv_max": 0.05},
    "quantiles": {"quantile": "0.0:0.3"},
    "family": {"family": ["fbm"]},
    "where": {"where": "tv < 0.03 and family != 'perlin' or class_id in [1, 2, 3]"},
    "equal families": {"equal": "family"},
    "equal tv": {"equal": "tv"},
    "sample": {"sample": 100_000},
}

FILTER = """
import json, re, sys, time
from pathlib import Path
from patterngen.filtering.filter import FilterConfig, filter_dataset

def most_memory():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1000

folder, out, rule = sys.argv[1:]
before, start = most_memory(), time.process_time()
report = filter_dataset(FilterConfig(dir=folder, out=out, **json.loads(rule)))
found = {"kept": report.kept, "total": report.total, "list_bytes": report.path.stat().st_size}
found |= {"seconds": time.process_time() - start, "mb": most_memory(), "before": before}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("manifests")
    write_manifests(path, SHARDS, ROWS)
    yield path
    for file in path.iterdir():  # a gigabyte need not wait for pytest's own tidying
        file.unlink()


@pytest.mark.parametrize("rule", list(RULES))
def bench_filter(rule: str, folder: Path, benchmark, capsys: pytest.CaptureFixture[str]) -> None:
    runs = []

    def run() -> None:
        command = [sys.executable, "-c", FILTER, folder, folder / "keep.parquet", json.dumps(RULES[rule])]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))

    benchmark.pedantic(run, rounds=ROUNDS)
    middle = sorted(runs, key=lambda one: one["seconds"])[ROUNDS // 2]
    benchmark.extra_info.update(middle)
    with capsys.disabled():
        print(
            f"\n{rule:16} {middle['seconds']:6.2f} s of one core, {middle['mb']:5.0f} MB at most "
            f"({middle['before']:.0f} MB of it before), kept {middle['kept']} of {middle['total']}"
        )
