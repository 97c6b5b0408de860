"""A dataset's definition: what it draws from, and what makes it itself."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.jobs.seeds import SEED_BITS, group_seed, image_draw, portion_and_seed
from tests.patterngen.jobs.small import spec

MASTER = st.integers(0, 2**63 - 1)
HASH_OF_FORMAT_1 = "14e89072594116dda5313764d17fff91d93d239f2fe554ceac4af6a8c5462f79"


@given(MASTER, st.integers(0, 10**9))
def test_the_seed_of_a_picture_follows_from_master_and_index_and_has_as_many_bits_as_its_format_says(
    m, index
):
    assert image_draw(m, index, 1)[0] < 2**63
    assert image_draw(m, index, 2)[0] < 2**53
    assert all(image_draw(m, index, v)[0] == image_draw(m, index, v)[0] >= 0 for v in (1, 2))


def test_seeds_of_format_1_are_those_that_were_drawn_before_there_was_a_second():
    masters = {0: 0, 7: 11, 2**63 - 1: 10**9}
    drawn = [image_draw(master, index, 1)[0] for master, index in masters.items()]
    assert drawn == [4334430513956379144, 5854886135820751653, 8804936195597377808]
    assert [group_seed(0, 0, 1), group_seed(7, 3, 1)] == [2044266242, 1117362157]
    begun = spec(size=16, samples_per_shard=10_000)
    assert spec(size=16, samples_per_shard=10_000, format_version=1).job_hash == HASH_OF_FORMAT_1
    assert [one.job_hash for one in begun.versions] == [begun.job_hash, HASH_OF_FORMAT_1]


@given(MASTER, st.sampled_from([1, 2]))
def test_seeds_of_pictures_and_of_masters_differ(master, version):
    masters = master, (master + 1) % 2**63
    assert len({image_draw(m, i, version)[0] for i in range(50) for m in masters}) == 100


@pytest.mark.parametrize("version", [1, 2])
def test_a_group_shares_the_upper_bits_of_its_seeds_and_nothing_else(faulty, monkeypatch, version):
    monkeypatch.setattr(faulty, "seed_group", 10, raising=False)
    mixed = spec(family=("faulty=0.25", "perlin=0.75"), count=400, format_version=version)
    drawn = [portion_and_seed(mixed, index) for index in range(400)]
    own = [(index, seed) for index, (choice, seed) in enumerate(drawn) if choice == 0]
    groups = {index: seed >> 32 for index, seed in own}
    assert len(set(groups.values())) == 10  # about ten of a group's forty pictures are of this family
    assert len({seed for _, seed in own}) == len(own)
    assert max(seed for _, seed in own) < 2 ** SEED_BITS[version]
    assert all(groups[index] == groups[min(i for i in groups if i // 40 == index // 40)] for index in groups)
    seeds = {index: seed for index, (choice, seed) in enumerate(drawn) if choice == 1}
    assert all(seed == image_draw(7, index, version)[0] for index, seed in seeds.items())


@given(MASTER, st.integers(0, 2**21 - 1), st.integers(1, 2**21 - 1))
def test_no_two_groups_share_their_bits_until_all_have_been_there(master, group, further):
    assert group_seed(master, group, 2) < 2**21
    assert group_seed(master, group, 2) != group_seed(master, group + further, 2)
    assert group_seed(master, group, 2) == group_seed(master, group + 2**21, 2)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"size": 0}, "size = 0"),
        ({"size": -3}, "size = -3"),
        ({"count": 0}, "count 0"),
        ({"seed": -1}, "seed -1"),
        ({"format_version": 0}, "format-version 0"),
        ({"format_version": 3}, "format-version 3: give a number from 1 to 2"),
        ({"samples_per_shard": 0}, "samples-per-shard 0"),
        ({"encode_format": "gif"}, "'gif'"),
        ({"encode_quality": 0}, "quality 0"),
        ({"count": 10**8, "samples_per_shard": 1}, "--samples-per-shard"),
    ],
)
def test_values_out_of_range_are_named(change, named):
    with pytest.raises(PatternGenError, match=named):
        spec(**change)


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
        {"format_version": 1},
    ],
)
def test_what_changes_pixels_or_layout_changes_the_hash(change):
    assert spec(**change).job_hash != spec().job_hash


@pytest.mark.parametrize(
    "change", [{"count": 99}, {"family": ("dead-leaves-mixed=3",)}, {"format_version": 2}]
)
def test_nothing_else_changes_the_hash(change):
    assert dataclasses.replace(spec(), **change).job_hash == spec().job_hash


def test_a_raised_family_version_changes_the_hash(monkeypatch):
    before = spec().job_hash
    monkeypatch.setattr(type(family("dead-leaves-mixed")), "version", 99)
    assert spec().job_hash != before
