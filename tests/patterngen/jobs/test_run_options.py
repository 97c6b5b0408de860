"""How a dataset is drawn: what cannot be, and the command that goes on in the same way."""

from dataclasses import fields

import pytest

from patterngen.common.console import parse
from patterngen.errors import PatternGenError
from patterngen.jobs.config import RenderConfig, job_file
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from tests.patterngen.jobs.small import spec


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"workers": 0}, "workers 0: give a number from 1 to 4096"),
        ({"retries": -1}, "retries -1"),
        ({"device": "tpu"}, "device 'tpu'"),
        ({"shader_budget": 0.0}, "shader budget 0"),
        ({"ray_gpus": 0.5}, "--ray-gpus 0.5 says nothing to --executor local"),
    ],
)
def test_options_out_of_range_are_named(change, named):
    for make in (RunOptions, lambda **options: RenderConfig(**vars(spec()), **options)):
        with pytest.raises(PatternGenError, match=named):
            make(out="x", **change)


@pytest.mark.parametrize("options", [{}, {"workers": 8, "device": "gpu:1", "shader_budget": 0.5}])
def test_the_command_goes_on_in_the_same_way(options, tmp_path):
    (tmp_path / "job.yaml").write_text(job_file(spec(), str(tmp_path)))
    run = RunOptions(out=str(tmp_path), dry_run=True, shard_index=0, shard_count=2, **options)
    program, command, *words = run.command.split()
    assert (program, command) == ("patterngen", "render")
    config = parse(RenderConfig, "patterngen render", "", words)
    assert (config.spec, config.run) == (spec().resolved, RunOptions(out=str(tmp_path), **options))


def test_each_setting_is_of_the_definition_or_of_the_run():
    names = [[field.name for field in fields(cls)] for cls in (RenderConfig, DatasetSpec, RunOptions)]
    assert sorted(names[0]) == sorted([*names[1], *names[2], "json"])


def test_a_file_says_what_is_excluded_and_no_flag_does(tmp_path):
    excluded = f"julia@{'0' * 64}"
    path = tmp_path / "job.yaml"
    path.write_text(f"family: [shaders]\ncount: 9\nout: x\nexcluded: ['{excluded}']\n")
    assert parse(RenderConfig, "patterngen render", "", ["--config", str(path)]).excluded == (excluded,)
    with pytest.raises(PatternGenError, match="has no flag --excluded: "):
        parse(RenderConfig, "patterngen render", "", ["--config", str(path), "--excluded", excluded])
