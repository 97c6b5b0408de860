"""What the user names, opened."""

import pytest

from patterngen import DatasetSpec, PatternGenError
from patterngen.common.config import save_config
from trainer.data.live import Live
from trainer.data.mixture import Mixture
from trainer.data.shards import Shards
from trainer.data.sources import open_sources
from trainer.errors import TrainerError


def opened(*data, draw=(), **settings):
    return open_sources(data, draw, size=settings.pop("size", (24, 24)), seed=7, **settings)


def test_a_folder_is_its_shards(patterns):
    source = opened(str(patterns))
    assert isinstance(source, Shards)
    assert source.count == 36
    assert source.seed == 7


def test_folders_with_weights_are_a_mixture(patterns, damaged):
    source = opened(str(patterns), f"{damaged}=2.5")
    assert isinstance(source, Mixture)
    assert source.weights == (1.0, 2.5)
    assert source.count == 72


def test_a_folder_may_be_called_like_a_weight(damaged):
    odd = damaged.rename(damaged.with_name("lr=3"))
    assert isinstance(opened(str(odd)), Shards)


def test_bounds_hold_for_every_folder(patterns, damaged):
    bounds = {"tv_min": 0.0, "tv_max": 0.03}
    one, both = opened(str(patterns), **bounds), opened(str(patterns), str(damaged), **bounds)
    assert 0 < one.count < 36
    assert both.count == 2 * one.count


def test_families_are_drawn_at_the_size_of_the_input():
    source = opened(draw=("perlin", "fbm=2"))
    assert isinstance(source, Live)
    assert (source.spec.size, source.spec.seed, source.spec.family) == (24, 7, ("perlin", "fbm=2"))


def test_a_wide_input_is_drawn_wide_but_in_runs_begun_when_squares_were_drawn():
    wide = opened(draw=("perlin",), size=(16, 24))
    assert wide.spec.size == "16x24"
    assert opened(draw=("perlin",), size=(16, 24), begun=wide.identity) == wide
    squares = opened(draw=("perlin",))
    for begun in (Live(spec=version) for version in squares.spec.versions):
        assert opened(draw=("perlin",), size=(16, 24), begun=begun.identity) == begun


def test_a_job_file_is_drawn_as_it_says(tmp_path):
    spec = DatasetSpec(family=("perlin",), count=99, size=32, seed=1)
    save_config(spec, tmp_path / "job.yaml")
    source = opened(draw=(str(tmp_path / "job.yaml"),))
    assert isinstance(source, Live)
    assert source.spec == spec.versions[0]


@pytest.mark.parametrize(
    ("data", "draw", "settings", "message"),
    [
        ((), (), {}, "give --data DATASET .* or --draw FAMILY"),
        (("a",), ("perlin",), {}, "give --data DATASET .* or --draw FAMILY"),
        ((), ("perlin",), {"tv_max": 0.1}, "choose among stored pictures"),
        (
            ("a", "b"),
            (),
            {"keep": "k.parquet"},
            "--keep k.parquet belongs to one dataset, but --data names 2",
        ),
        (("a=0", "b"), (), {}, "--data a=0: the weight 0 must be more than 0"),
        (("a=inf", "b"), (), {}, "--data a=inf: the weight inf must be more than 0"),
    ],
)
def test_what_does_not_go_together_is_refused(data, draw, settings, message):
    with pytest.raises(TrainerError, match=message):
        opened(*data, draw=draw, **settings)


def test_unknown_families_are_refused_before_anything_is_drawn():
    with pytest.raises(PatternGenError, match="perlin"):
        opened(draw=("perlim",))


@pytest.mark.parametrize("url", ["pipe:cat x.tar", "simplecache::s3://bucket/set"])
def test_what_runs_commands_or_leads_elsewhere_is_refused(url):
    with pytest.raises(PatternGenError, match=r"pipe|leads on"):
        opened(url)
