"""Settings of a job's families: given in the families' texts, by --set or in YAML, they are one job."""

import json

import pytest
from PIL import Image

from patterngen.cli import main
from patterngen.common.config import load_config
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.format_version import exact
from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec

WRITTEN = ("fbm?octaves=3", "smooth:(fbm?octaves=3)?tv=0.02=2")


def spec(**changes):
    values = {"family": WRITTEN, "count": 12, "size": 16, "samples_per_shard": 6}
    return DatasetSpec(**(values | changes))


@pytest.mark.parametrize(
    "change",
    [
        {"family": ("fbm", "smooth:fbm=2"), "set": ("fbm.octaves=3", "smooth.tv=0.02")},
        {"family": ("fbm?octaves=3", "smooth:fbm?tv=0.02&octaves=3=2")},
        {
            "family": ("(fbm?octaves=3)=0.5", "smooth:fbm?tv_high=0.02&octaves=3=1"),
            "set": ("smooth.tv_low=0.02",),
        },
        {"family": ("fbm?octaves=3&warp=0", "smooth:fbm=2"), "set": ("smooth.tv=0.02", "fbm.octaves=3")},
    ],
)
def test_however_settings_are_given_the_job_is_the_same(change):
    assert spec(**change).job_hash == spec().job_hash
    assert [portion.label for portion in spec(**change).mixture.portions] == [WRITTEN[0], WRITTEN[1][:-2]]


def test_other_settings_are_another_job():
    for setting in ("smooth.stretch=2", "fbm.warp=0.1"):
        assert spec(set=(setting,)).job_hash != spec().job_hash


def test_the_job_file_holds_the_resolved_job(tmp_path):
    asked = spec(family=("fbm", "smooth:fbm=2"), set=("fbm.octaves=3", "smooth.tv=0.02"))
    run = RunOptions(out=str(tmp_path))
    render(asked, run)
    saved = load_config(tmp_path / "job.yaml", DatasetSpec)
    assert (saved.family, saved.set) == (WRITTEN, ())
    assert saved.job_hash == asked.job_hash
    assert render(asked, run).drawn == 0, "the folder holds this job"
    with pytest.raises(PatternGenError, match=r"family \(.*octaves=3.*\) → \(.*octaves=2.*\)"):
        render(spec(set=("fbm.octaves=2",), family=("fbm",)), run)


def test_a_yaml_file_sets_them_too(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text(
        "family: [fbm, smooth:fbm=2]\nset: [fbm.octaves=3, smooth.tv=0.02]\nout: x\ncount: 12\nsize: 16\n"
    )
    assert load_config(path, DatasetSpec).job_hash == spec(samples_per_shard=10_000).job_hash


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["perln.colours=3"], "unknown family 'perln': did you mean perlin"),
        (["fbm.octave=3"], "unknown setting of fbm 'octave': did you mean octaves?"),
        (["perlin.colours=3"], "setting 'perlin.colours=3': there is no perlin among fbm, smooth"),
        (["fbm.octaves=0"], "fbm?octaves=0: octaves must lie in [1, 16]"),
        (["smooth.tv=7"], "smooth?tv_low=7.0: tv_low must lie in [0, 2]"),
        (["fbm"], "setting 'fbm': write FAMILY.setting=value, e.g. fbm.octaves=3"),
    ],
)
def test_a_mistaken_setting_is_one_line_and_code_2(settings, said, tmp_path, capsys):
    words = ["fbm", "smooth:fbm"]
    flags = [word for setting in settings for word in ("--set", setting)]
    assert main(["render", *words, *flags, "--count", "2", "--out", str(tmp_path / "new")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {said}")
    assert error.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_show_and_preview_take_them(tmp_path, capsys):
    for name, words in {"a": ["fbm?octaves=2"], "b": ["fbm", "--set", "fbm.octaves=2"]}.items():
        assert (
            main(["show", *words, "--seed", "3", "--size", "32", "--out", str(tmp_path / f"{name}.png")]) == 0
        )
    with Image.open(tmp_path / "a.png") as a, Image.open(tmp_path / "b.png") as b:
        assert a.tobytes() == b.tobytes()
    sheet = ["--count", "2", "--size", "16", "--out", str(tmp_path / "sheet.png")]
    assert main(["preview", "smooth:fbm", "mixup:fbm,perlin", "--set", "fbm.octaves=2", *sheet]) == 0
    assert main(["preview", "--set", "fbm.octaves=2", *sheet]) == 2
    assert "name the families" in capsys.readouterr().err


def test_a_manifest_row_of_a_wrapper_draws_its_picture_again_and_can_be_chosen(tmp_path):
    render(
        spec(family=("smooth:(fbm?octaves=3)?tv=0.02", "mixup:perlin,fbm?k=2", "fbm")),
        RunOptions(out=str(tmp_path)),
    )
    rows = DatasetFolder.open(str(tmp_path)).manifest(["family", "seed", "tv", "params"]).to_pylist()
    assert {row["family"] for row in rows} > {"smooth:(fbm?octaves=3)?tv=0.02"}
    for row in rows:
        drawn = family(row["family"]).draw([row["seed"]], 16).params[0]
        assert json.loads(row["params"]) == {
            name: exact(value) if isinstance(value, int) else value for name, value in drawn.items()
        }
    chosen = filter_dataset(FilterConfig(dir=str(tmp_path), family=("smooth:fbm",)))
    assert chosen.kept == sum(row["family"].startswith("smooth:") for row in rows)
    for row in rows:
        if json.loads(row["params"]).get("smooth_reached"):
            assert row["tv"] == pytest.approx(0.02, rel=0.02)
