"""Families and their shares, as users type them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.jobs.mixture import mixture, split_share

names = st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True)
queries = st.lists(st.tuples(names, st.integers(0, 99)), max_size=3).map(
    lambda items: "?" * bool(items) + "&".join(f"{key}={value}" for key, value in items)
)


@given(names, queries)
def test_without_a_share_it_is_one(name, query):
    assert split_share(name + query) == (name + query, 1.0)


@given(names, queries, st.floats(1e-6, 1e6))
def test_a_share_stands_after_the_settings(name, query, share):
    assert split_share(f"{name}{query}={share!r}") == (name + query, share)


@pytest.mark.parametrize(
    "text", ["perlin=0", "perlin=-1", "perlin=x", "perlin=inf", "perlin=nan", "perlin=1=2", "fbm?a=1=2=3"]
)
def test_a_share_that_is_no_positive_number_is_refused(text):
    with pytest.raises(PatternGenError, match="share"):
        split_share(text)


def test_shares_are_weights():
    chosen = mixture(("dead-leaves-mixed", "dead-leaves-squares=3")).portions
    assert [portion.share for portion in chosen] == [0.25, 0.75]


@given(st.lists(st.floats(0.01, 100), min_size=3, max_size=3), st.floats(0, 1, exclude_max=True))
def test_a_number_picks_the_family_whose_part_of_the_unit_interval_it_is_in(shares, u):
    kinds = ("dead-leaves-squares", "dead-leaves-oriented", "dead-leaves-mixed")
    mix = mixture(tuple(f"{kind}={share!r}" for kind, share in zip(kinds, shares, strict=True)))
    edges = np.cumsum([0.0, *shares]) / sum(shares)
    picked = mix.pick(u)
    assert edges[picked] - 1e-9 <= u <= edges[picked + 1] + 1e-9


def test_class_ids_of_families_do_not_meet():
    first, second = mixture(("dead-leaves-mixed", "perlin")).portions
    assert (first.first_class, second.first_class) == (0, first.family.num_classes)


def test_a_label_makes_the_family_again():
    portion = mixture(("dead-leaves-mixed?radius_min=0.1=0.5",)).portions[0]
    assert portion.label == "dead-leaves-mixed?radius_min=0.1"
    assert family(portion.label) == portion.family
    assert mixture(("dead-leaves-mixed",)).portions[0].label == "dead-leaves-mixed"


def test_no_family_or_one_twice_is_refused():
    with pytest.raises(PatternGenError, match="name one or more"):
        mixture(())
    with pytest.raises(PatternGenError, match="twice"):
        mixture(("perlin", "perlin=2"))
