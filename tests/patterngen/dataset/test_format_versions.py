"""Folders of every version of the format, drawn when it was the newest, and what today's code does with them.

The folders in ``data/`` are of one job, but for the version: 12 pictures of 16² of a family and a mixture.
"""

import dataclasses
import hashlib
import json
import shutil
import tarfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

import patterngen
from patterngen import DatasetSpec, RunOptions, render
from patterngen.browse import BrowseConfig, browse
from patterngen.cli import main
from patterngen.commands.show import ShowConfig
from patterngen.common.config import load_config
from patterngen.dataset.card import dataset_card
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.format_version import JOB_FILE, begun_in
from patterngen.encode import Encoding
from patterngen.errors import PatternGenError
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.packing import pack
from patterngen.jobs.plan import plan
from patterngen.jobs.seeds import image_draw
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.metrics import TV_DEFINITION
from tests.drawn import draw
from tests.patterngen.jobs.test_packing import pictures

DATA = Path(__file__).parents[1] / "data"
VERSIONS = (1, 2)
FAMILIES = ("dead-leaves-mixed=2", "mixup:dead-leaves-mixed,dead-leaves-squares?k=2")
PLACE = {"shard", "offset", "size"}
"""Columns of the manifest that depend on how tightly this machine's libraries pack a PNG."""


@pytest.fixture(params=VERSIONS)
def version(request) -> int:
    return request.param


@pytest.fixture
def old(version, tmp_path) -> Path:
    """A copy of the folder of that version."""
    return Path(shutil.copytree(DATA / f"format-{version}", tmp_path / f"format-{version}"))


def rows_of(folder, *, place=True) -> list[dict]:
    rows = DatasetFolder.open(str(folder)).manifest().to_pylist()
    return [{name: value for name, value in row.items() if place or name not in PLACE} for row in rows]


def begun(version) -> list[dict]:
    return rows_of(DATA / f"format-{version}", place=False)


def states(folder) -> set[int | None]:
    """Which versions stand in the folder's markers; None for one that says nothing."""
    markers = [json.loads(path.read_text()) for path in folder.glob("*_stats.json")]
    assert markers
    return {values.get("format_version") for values in markers}


def said_by(version) -> set[int | None]:
    return {None if version == 1 else version}


def described(folder):
    """The JSON members of a folder's pictures, as they stand."""
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    yield tar.extractfile(member).read()


def as_float64(text) -> dict:
    """Read JSON as JavaScript and jq do, whose numbers are float64."""
    return json.loads(text, parse_int=float)


def call(capsys, *words) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


# --- reading -------------------------------------------------------------------------------------


def test_every_picture_is_read_and_is_what_its_row_says(old, version):
    dataset = patterngen.open_dataset(str(old))
    assert (dataset.folder.format_version, len(dataset)) == (version, 12)
    for index, picture in enumerate(dataset):
        assert hashlib.sha256(picture.pixels.tobytes()).hexdigest() == picture.row["sha256"]
        assert picture.row["seed"] == image_draw(7, index, version)[0]
    assert states(old) == said_by(version)


def test_it_is_sound_and_every_picture_is_drawn_again(old):
    report = verify(VerifyConfig(dir=str(old), redraw=12))
    assert (report.shards, report.images, report.redrawn, report.skipped) == (3, 12, 12, ())


def test_show_draws_exactly_the_picture_of_a_row(old, tmp_path, capsys):
    for row in rows_of(old)[::4]:
        code, _, error = call(
            capsys, "show", row["family"], "--seed", row["seed"], "--size", 16, "--out", tmp_path / "one.png"
        )
        assert (code, error) == (0, "")
        with Image.open(tmp_path / "one.png") as picture:
            assert hashlib.sha256(np.asarray(picture).tobytes()).hexdigest() == row["sha256"]


def test_the_folder_says_how_total_variation_is_measured(old):
    assert pq.read_schema(old / "train-000000.parquet").metadata[b"tv_definition"].decode() == TV_DEFINITION
    assert yaml.safe_load((old / "README.md").read_text().split("---")[1])["tv_definition"] == TV_DEFINITION
    assert TV_DEFINITION in (old / JOB_FILE).read_text()


# --- drawing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["config", "flags", "python"])
@pytest.mark.parametrize("lost", [("train-000001*",), ("train-*",), ("train-000001*", JOB_FILE)])
def test_a_job_goes_on_in_the_version_that_it_was_begun_in(old, version, how, lost, capsys):
    before = load_config(old / JOB_FILE, DatasetSpec)
    for pattern in lost:
        for path in old.glob(pattern):
            path.unlink()
    settings = {"count": 12, "size": 16, "seed": 7, "encode_format": "png", "samples_per_shard": 5}
    if how == "python":
        assert render(DatasetSpec(family=FAMILIES, **settings), RunOptions(out=str(old))).drawn
    else:
        flags = [*FAMILIES]
        flags += [str(word) for name, value in settings.items() for word in (f"--{name}", value)]
        said = {"config": ["--config", DATA / f"format-{version}" / JOB_FILE], "flags": flags}
        assert call(capsys, "render", *said[how], "--out", old)[0] == 0
    assert rows_of(old, place=False) == begun(version)
    assert states(old) == said_by(version)
    assert load_config(old / JOB_FILE, DatasetSpec) == before
    assert before.format_version == begun_in(old) == version


def test_what_goes_on_has_the_bytes_of_what_is_drawn_at_once(old, version, tmp_path):
    """A shard's bytes depend on the PNG library of the machine, so both are drawn on this one."""
    for path in old.glob("train-000001*"):
        path.unlink()
    spec = load_config(old / JOB_FILE, DatasetSpec)
    render(spec, RunOptions(out=str(old)))
    render(spec, RunOptions(out=str(tmp_path / "whole")))
    for name in ("train-000001.tar", "train-000001.parquet"):
        assert (old / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert DatasetFolder.open(str(tmp_path / "whole")).job_hash == DatasetFolder.open(str(old)).job_hash


def test_a_larger_count_adds_pictures_of_the_same_version(old, version, capsys):
    assert call(capsys, "render", "--config", old / JOB_FILE, "--out", old, "--count", 17)[0] == 0
    rows = rows_of(old, place=False)
    assert rows[:12] == begun(version)
    assert [row["seed"] for row in rows] == [image_draw(7, index, version)[0] for index in range(17)]
    assert states(old) == said_by(version)
    assert load_config(old / JOB_FILE, DatasetSpec).version == begun_in(old) == version


def test_another_version_is_another_job(old, version):
    spec = load_config(old / JOB_FILE, DatasetSpec)
    other = dataclasses.replace(spec, format_version=3 - version)
    with pytest.raises(PatternGenError, match=f"format_version {version} → {3 - version}"):
        plan(other, str(old))


def test_a_job_file_says_what_is_drawn_and_where_to_and_nothing_of_how(version, tmp_path):
    before = load_config(DATA / f"format-{version}" / JOB_FILE, RenderConfig)
    render(before.spec, RunOptions(out=str(tmp_path), retries=0, shader_budget=9.0))
    written = yaml.safe_load((tmp_path / JOB_FILE).read_text())
    assert written.keys() == {"out", *(field.name for field in dataclasses.fields(DatasetSpec))}
    assert (written["out"], written["format_version"]) == (str(tmp_path), version)
    again = load_config(tmp_path / JOB_FILE, RenderConfig)
    assert (again.spec, again.run) == (before.spec.resolved, RunOptions(out=str(tmp_path)))


def test_a_job_that_says_no_version_is_of_the_newest(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("family: [perlin]\nout: x\ncount: 3\nworkers: 2\n")
    assert load_config(path, DatasetSpec).job_hash == DatasetSpec(family=("perlin",), count=3).job_hash
    assert load_config(path, DatasetSpec).version == 2
    path.write_text(path.read_text() + "format_version: 1\n")
    assert load_config(path, DatasetSpec).version == 1


@pytest.mark.parametrize("command", ["render", "estimate"])
def test_a_job_file_of_format_1_is_drawn_in_it_anywhere(command, tmp_path, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr("patterngen.jobs.seeds.image_draw", lambda *a: seen.append(a[-1]) or (0, 0.0))
    job = DATA / "format-1" / JOB_FILE
    assert call(capsys, command, "--config", job, "--out", tmp_path / "new")[0] == 0
    assert set(seen) == {1}


def test_shards_and_live_pictures_of_a_version_are_the_same(version):
    spec = load_config(DATA / f"format-{version}" / JOB_FILE, DatasetSpec)
    for drawn, row in zip(patterngen.stream_pictures(spec, window=6), begun(version), strict=False):
        assert drawn.row == row
        assert drawn.params == json.loads(row["params"])


# --- copying -------------------------------------------------------------------------------------


def test_a_repacked_folder_keeps_its_rows_and_with_them_the_version(old, version, tmp_path):
    config = FilterConfig(dir=str(old), sample=8, repack=str(tmp_path / "fewer"))
    filter_dataset(config)
    kept = {row["key"]: row for row in rows_of(tmp_path / "fewer", place=False)}
    assert len(kept) == 8
    assert list(kept.values()) == [row for row in begun(version) if row["key"] in kept]
    assert states(tmp_path / "fewer") == said_by(version)
    (tmp_path / "fewer" / "train-000001_stats.json").unlink()
    filter_dataset(config)  # goes on
    assert rows_of(tmp_path / "fewer", place=False) == list(kept.values())
    assert states(tmp_path / "fewer") == said_by(version)
    verify(VerifyConfig(dir=str(tmp_path / "fewer"), redraw=3))


def test_a_keep_list_chooses_by_seed(old):
    seed = rows_of(old)[5]["seed"]
    report = filter_dataset(FilterConfig(dir=str(old), where=f"seed == {seed}"))
    assert (report.kept, report.total) == (1, 12)
    assert patterngen.select(str(old), keep=str(report.path))[0].keys == {"000000005"}


def test_packed_pictures_go_on_in_the_version_that_they_were_begun_in(version, tmp_path):
    def packed(parts, name="set"):
        made = [lambda n=n: [pictures(2, n)] for n in range(parts)]
        return pack(str(tmp_path / name), made, label="found", identity="1", encoding=Encoding(format="png"))

    assert states(packed(2).path) == {2}
    for marker in (tmp_path / "set").glob("*_stats.json"):
        values = json.loads(marker.read_text())
        if version == 1:
            del values["format_version"]
        marker.write_text(json.dumps(values))
    (tmp_path / "set" / "train-000001_stats.json").unlink()
    assert packed(2).format_version == version
    assert states(tmp_path / "set") == said_by(version)


def test_it_is_published(old, version, capsys):
    names = {"README.md", "croissant.json", "_info.json", "shards.json"}
    before = {path.name: path.read_bytes() for path in old.iterdir() if path.name not in names}
    push = ("--push", "hf://datasets/someone/patterns", "--dry-run")
    code, said, _ = call(capsys, "publish", old, *push)
    assert code == 0
    assert "would send" in said
    code, said, _ = call(capsys, "publish", old)
    assert (code, "for 12 pictures" in said) == (0, True)
    assert {path.name: path.read_bytes() for path in old.iterdir() if path.name not in names} == before
    card = dataset_card(DatasetFolder.open(str(old)))
    assert ("jq and JavaScript round" in card) == (version == 1)


# --- integers in JSON ----------------------------------------------------------------------------


def test_readers_of_float64_change_the_seeds_of_format_1_and_none_of_format_2():
    for version, kept in ((1, False), (2, True)):
        for text, row in zip(described(DATA / f"format-{version}"), begun(version), strict=True):
            found, params = as_float64(text), json.loads(row["params"])
            assert (found["seed"] == row["seed"]) is kept
            for name, value in as_float64(found["params"]).items():
                assert not kept or value == params[name]
    assert all(row["seed"] < 2**53 for row in begun(2))


def test_the_seeds_of_a_mixtures_parts_are_read_alike(version):
    seeds = [int(seed) for row in begun(version) if (seed := json.loads(row["params"]).get("seed_0"))]
    assert max(seeds) > 2**53


def test_commands_print_json_that_every_reader_reads_alike(old, capsys):
    for words in (("stats", old, "--json"), ("status", old, "--json")):
        code, said, _ = call(capsys, *words)
        assert code == 0
        assert as_float64(said) == json.loads(said)
        assert json.loads(said)["format_version"] == DatasetFolder.open(str(old)).format_version


@pytest.mark.parametrize("seed", [2**53 - 1, 2**53, 2**63 - 1])
def test_a_large_master_seed_is_told_to_every_reader(seed, tmp_path, capsys):
    draw(tmp_path, "dead-leaves-mixed", count=2, size=8, seed=seed)
    said = call(capsys, "status", tmp_path, "--json")[1]
    assert int(as_float64(said)["seed"]) == seed
    assert load_config(tmp_path / JOB_FILE, DatasetSpec).seed == seed


def test_a_page_shows_seeds_as_they_are(old, version, tmp_path):
    browse(BrowseConfig(dir=str(old), out=str(tmp_path / "page.html")))
    text = (tmp_path / "page.html").read_text()
    contents = as_float64(text.split('id="contents">')[1].split("</script>")[0])
    for picture, row in zip(contents["pictures"], begun(version), strict=True):
        assert int(dict(picture["fields"])["seed"]) == row["seed"]
        assert f"--seed {row['seed']} " in picture["command"]
        shown, params = dict(picture["params"]), json.loads(row["params"])
        assert shown.keys() == params.keys()
        assert all(
            int(shown[name]) == int(value) for name, value in params.items() if name.startswith("seed")
        )


@pytest.mark.parametrize(
    "read", [float, lambda seed: Decimal(repr(float(seed))), lambda seed: Decimal(f"{float(seed):.17g}")]
)
def test_show_says_when_a_seed_looks_rounded(read, tmp_path, capsys):
    for row in begun(1):
        rounded = ShowConfig(family=row["family"], seed=int(read(row["seed"])), size=16, out="x.png")
        assert "looks rounded" in rounded.warning
        assert dataclasses.replace(rounded, seed=row["seed"]).warning is None
    code, _, error = call(capsys, "show", "perlin", "--seed", rounded.seed, "--out", tmp_path / "x.png")
    assert (code, error.startswith(f"warning: seed {rounded.seed} looks rounded")) == (0, True)
    assert all(ShowConfig(family="x", seed=row["seed"], out="x.png").warning is None for row in begun(2))


def test_verify_finds_seeds_that_the_version_does_not_have(version, tmp_path, capsys):
    folder = shutil.copytree(DATA / "format-1", tmp_path / "set")
    for marker in folder.glob("*_stats.json") if version == 2 else ():
        marker.write_text(json.dumps(json.loads(marker.read_text()) | {"format_version": 2}))
    code, _, error = call(capsys, "verify", folder, "--redraw", 0)
    assert code == version - 1
    assert error.count("seeds reach beyond 2^53, as none of format 2 does") == 3 * (version - 1)
