"""A job: what it draws from, and what makes it itself."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.jobs.draw import choose, image_seed
from tests.patterngen.jobs.small import job

MASTER = st.integers(0, 2**63 - 1)


@given(MASTER, st.integers(0, 10**9))
def test_the_seed_of_a_picture_is_63_bits_and_follows_from_master_and_index(master, index):
    assert 0 <= image_seed(master, index) < 2**63
    assert image_seed(master, index) == image_seed(master, index)


@given(MASTER)
def test_seeds_of_pictures_and_of_masters_differ(master):
    assert len({image_seed(m, i) for i in range(50) for m in (master, (master + 1) % 2**63)}) == 100


def test_kin_share_the_upper_half_of_their_seeds_and_nothing_else(faulty, monkeypatch):
    monkeypatch.setattr(faulty, "kin", 10, raising=False)
    mixed = job(family=("faulty=0.25", "perlin=0.75"), count=400)
    drawn = [choose(mixed, index) for index in range(400)]
    kin = [(index, seed) for index, (choice, seed) in enumerate(drawn) if choice == 0]
    blocks = {index: seed >> 32 for index, seed in kin}
    assert len(set(blocks.values())) == 10  # about ten of a block's forty pictures are of this family
    assert len({seed for _, seed in kin}) == len(kin)
    assert all(blocks[index] == blocks[min(i for i in blocks if i // 40 == index // 40)] for index in blocks)
    assert all(seed == image_seed(7, index) for index, (choice, seed) in enumerate(drawn) if choice == 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"size": 0}, "size 0"),
        ({"size": -3}, "size -3"),
        ({"count": 0}, "count 0"),
        ({"seed": -1}, "seed -1"),
        ({"workers": 0}, "workers 0"),
        ({"samples_per_shard": 0}, "samples-per-shard 0"),
        ({"encode_format": "gif"}, "'gif'"),
        ({"encode_quality": 0}, "quality 0"),
        ({"count": 10**8, "samples_per_shard": 1}, "--samples-per-shard"),
    ],
)
def test_values_out_of_range_are_named(change, named):
    with pytest.raises(PatternGenError, match=named):
        job(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"family": ("dead-leaves-squares",)},
        {"family": ("dead-leaves-mixed?radius_min=0.1",)},
        {"size": 33},
        {"seed": 8},
        {"encode_format": "png"},
        {"encode_quality": 94},
        {"samples_per_shard": 11},
    ],
)
def test_what_changes_pixels_or_layout_changes_the_hash(change):
    assert job(**change).job_hash != job().job_hash


@pytest.mark.parametrize(
    "change", [{"workers": 2}, {"out": "/elsewhere"}, {"count": 99}, {"family": ("dead-leaves-mixed=3",)}]
)
def test_nothing_else_changes_the_hash(change):
    assert dataclasses.replace(job(), **change).job_hash == job().job_hash


def test_a_raised_family_version_changes_the_hash(monkeypatch):
    before = job().job_hash
    monkeypatch.setattr(type(family("dead-leaves-mixed")), "version", 99)
    assert job().job_hash != before
