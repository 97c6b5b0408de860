"""The commands as a user runs them: what they print, what they leave, how they fail."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from PIL import Image

from patterngen.cli import main
from tests.processes import base_install

RENDER = ("render", "perlin", "fbm?octaves=2=0.5", "--count", "30", "--size", "16")


def patterngen(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "patterngen.cli", *map(str, words)],
        cwd=cwd,
        env=base_install(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def call(capsys):
    """Run a command in this process, which saves the start of another, and return what it printed."""

    def call(*words):
        code = main([str(word) for word in words])
        output = capsys.readouterr()
        assert code == 0, output.err
        return output

    return call


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rendered") / "set"
    done = patterngen(*RENDER, "--samples-per-shard", 10, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "render: 30/30 images" in done.stderr
    assert "30 pictures" in done.stdout
    return folder


@pytest.fixture
def folder(rendered, tmp_path):
    return shutil.copytree(rendered, tmp_path / "set")


def test_rendering_again_draws_nothing_and_more_extends(folder, call):
    before = {path.name: path.read_bytes() for path in folder.glob("train-*.tar")}
    assert "all there already" in call(*RENDER, "--samples-per-shard", 10, "--out", folder).out
    call("render", "--config", folder / "job.yaml", "--out", folder, "--count", 40)
    assert len(list(folder.glob("train-*.tar"))) == 4
    assert all((folder / name).read_bytes() == data for name, data in before.items())


def test_a_dry_run_writes_nothing(tmp_path, call):
    assert "30 pictures" in call(*RENDER, "--out", tmp_path / "set", "--dry-run").out
    assert not (tmp_path / "set").exists()


def test_show_draws_what_a_manifest_row_names(rendered, tmp_path):
    row = pq.read_table(rendered / "train-000001.parquet").to_pylist()[3]
    path = tmp_path / "x.png"
    done = patterngen("show", row["family"], "--seed", row["seed"], "--size", row["width"], "--out", path)
    assert done.returncode == 0, done.stderr
    with Image.open(path) as image:
        assert hashlib.sha256(image.tobytes()).hexdigest() == row["sha256"]
    assert f"{row['tv']:.6f}" in done.stdout


def test_list_preview_and_stats(rendered, tmp_path, call):
    names = [entry["name"] for entry in json.loads(call("list", "--json").out)]
    assert {"dead-leaves-mixed", "fbm", "perlin"} <= set(names)
    listed = call("list").out
    assert all(name in listed for name in names)
    assert "octaves" in call("list", "fbm").out

    call("preview", "perlin", "fbm", "--size", 32, "--count", 4, "--out", tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width >= 4 * 32

    numbers = json.loads(call("stats", rendered, "--json", "--plot", tmp_path / "tv.png").out)
    paths = sorted(str(path) for path in rendered.glob("*.parquet"))
    manifest = pq.read_table(paths, columns=["tv", "size"]).to_pydict()
    assert numbers["total"]["count"] == 30
    assert numbers["total"]["bytes"] == sum(manifest["size"])
    assert numbers["total"]["tv_quantiles"]["1"] == max(manifest["tv"])
    assert sum(part["count"] for part in numbers["families"]) == 30
    assert numbers["bytes"] == sum(path.stat().st_size for path in rendered.glob("*.tar"))
    with Image.open(tmp_path / "tv.png") as plot:
        assert plot.width > 500
    assert "fbm?octaves=2" in call("stats", rendered).out


def test_every_result_is_also_printed_as_json(folder, tmp_path, call):
    def found(*words):
        return json.loads(call(*words, "--json").out)

    sheet, page, one = (tmp_path / name for name in ("sheet.png", "page.html", "one.png"))
    assert found(*RENDER, "--samples-per-shard", 10, "--out", folder)["drawn"] == 0
    assert found("estimate", "perlin", "--count", 100, "--size", 16, "--sample", 4)["count"] == 100
    assert found("preview", "perlin", "--size", 16, "--count", 2, "--out", sheet)["families"] == ["perlin"]
    assert found("show", "perlin", "--seed", 3, "--size", 16, "--out", one)["seed"] == 3
    kept = found("filter", folder, "--quantile", "0:0.5", "--out", tmp_path / "keep.parquet")
    assert (kept["kept"], kept["total"]) == (15, 30)
    assert found("browse", folder, "--sample", 5, "--out", page)["shown"] == 5
    assert found("verify", folder)["problems"] == []
    assert found("publish", folder, "--dry-run")["count"] == 30
    assert found("shaders", "new", "--seed", 5, "--count", 2)["seeds"] == [5, 6]


def test_damage_is_a_judgement_and_printed_as_json_too(folder, tmp_path, capsys):
    copy = shutil.copytree(folder, tmp_path / "copy")
    tar = next(copy.glob("train-*.tar"))
    tar.write_bytes(tar.read_bytes()[:-1])
    assert main(["verify", str(copy), "--json"]) == 1
    assert tar.name in json.loads(capsys.readouterr().out)["problems"][0]


def test_filter_verify_and_repack(folder, tmp_path, call):
    done = call("filter", folder, "--quantile", "0.0:0.1")
    assert "keep-quantile-0-0.1.parquet: 3 of 30 pictures" in done.out
    assert done.err.startswith("warning: only 10.0 %")
    call("filter", folder, "--quantile", "0.0:0.5", "--repack", tmp_path / "packed")
    assert len(list((tmp_path / "packed").glob("train-*.tar"))) == 2
    assert "30 pictures are sound" in call("verify", folder).out
    assert "15 pictures are sound" in call("verify", tmp_path / "packed").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["render", "dead-leaves-mixd", "--count", 1, "--out", "new"], ["did you mean dead-leaves-mixed"]),
        (["preview", "perlim", "--out", "x.png"], ["perlim", "did you mean perlin"]),
        (["show", "fbm?octave=3", "--seed", 1, "--out", "x.png"], ["octave", "did you mean octaves"]),
        (["render", "fbm", "--count", 1, "--size", 0, "--out", "new"], ["size = 0"]),
        (["show", "fbm", "--seed", 1, "--size", 0, "--out", "x.png"], ["size = 0"]),
        (["show", "fbm", "--seed", 1, "--out", "no/x.png"], ["no/x.png"]),
        (["render", "fbm", "--cuont", 1, "--out", "new"], ["--cuont", "did you mean --count"]),
        (["render", "fbm", "--count", "many", "--out", "new"], ["--count", "'many'"]),
        (["render", "fbm"], ["--out and --count"]),
        (["render", "--count", 1, "--out", "new"], ["name one or more", "patterngen list"]),
        (
            ["render", "--family", "fbm", "--count", 1, "--out", "new"],
            ["--family", "patterngen render FAMILY"],
        ),
        (["filter", "set", "--tv-min", 1.9], ["nothing of set is kept", "tv 0."]),
        (["filter", "set", "--tv-min", 0.2, "--tv-max", 0.1], ["--tv-min 0.2 is above --tv-max 0.1"]),
        (["filter", "set", "--quantile", "0.0:2"], ["quantile '0.0:2'"]),
        ([*RENDER, "--samples-per-shard", 10, "--seed", 8, "--out", "set"], ["another job", "seed 0 → 8"]),
        (["stats", "nowhere"], ["'nowhere'", "no such folder"]),
        (["filter", "nowhere", "--tv-max", 1], ["'nowhere'", "no such folder"]),
        (["verify", "."], ["holds no whole shard"]),
        (["rendr"], ["did you mean render"]),
    ],
)
def test_a_mistake_is_one_line_and_code_2(folder, words, said, monkeypatch, capsys):
    # In this process, for speed; the test below shows that a process of its own ends the same way.
    monkeypatch.chdir(folder.parent)
    assert main([str(word) for word in words]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("error: ")
    assert output.err.count("\n") == 1
    assert all(text in output.err for text in said), output.err
    assert [path.name for path in folder.parent.iterdir()] == ["set"]


@pytest.mark.parametrize("words", [["preview", "perlim", "--out", "x.png"], ["stats", "nowhere"], ["rendr"]])
def test_a_process_ends_with_that_code_and_line(words, tmp_path):
    done = patterngen(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code"), [(["stats"], 2), (["filter", "--tv-max", "1"], 2), (["verify"], 1)]
)
def test_a_truncated_tar_is_named(folder, words, code, capsys):
    tar = folder / "train-000001.tar"
    os.truncate(tar, tar.stat().st_size // 2)
    assert main([words[0], str(folder), *words[1:]]) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert "train-000001.tar is truncated" in output.err
