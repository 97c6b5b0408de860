"""Mixtures of pictures are what their params say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.families import mixup as module

THREE = "mixup:perlin,(fbm?octaves=2),dead-leaves-mixed"


def parts(params):
    k = sum(key.startswith("weight_") for key in params)
    return [(params[f"family_{i}"], params[f"seed_{i}"], params[f"weight_{i}"]) for i in range(k)]


@settings(max_examples=15)
@given(st.integers(0, 2**63 - 1), st.integers(1, 7), st.integers(1, 40))
def test_a_mixture_is_the_weighted_sum_of_its_parts_drawn_alone(seed, k, size):
    pictures = family(f"{THREE}?k={k}").draw([seed], size)
    told = parts(pictures.params[0])
    assert len(told) == k
    assert sum(weight for _, _, weight in told) == pytest.approx(1, abs=1e-12)
    total = sum(
        weight * family(text).draw([part], size).pixels[0].astype(float) for text, part, weight in told
    )
    assert np.abs(pictures.pixels[0] - total).max() <= 0.501


def test_weights_are_dirichlet_one():
    # Each weight of Dirichlet(1, …, 1) is Beta(1, k − 1): P(w > x) = (1 − x)^(k − 1).
    drawn = family("mixup:perlin?k=4").draw(range(2000), 1).params
    weights = np.array([[weight for _, _, weight in parts(params)] for params in drawn])
    for x in (0.1, 0.25, 0.5):
        assert np.abs((weights > x).mean(0) - (1 - x) ** 3).max() < 0.05


def test_families_are_drawn_evenly_and_none_twice_before_all_are():
    drawn = [[text for text, _, _ in parts(p)] for p in family(f"{THREE}?k=5").draw(range(600), 1).params]
    assert all(len(set(texts[:3])) == 3 for texts in drawn)
    assert all(texts[3] != texts[4] for texts in drawn)
    first = [texts[0] for texts in drawn]
    # Binomial(600, 1/3): four standard deviations are 46.
    assert all(abs(first.count(text) - 200) < 46 for text in ("perlin", "fbm?octaves=2", "dead-leaves-mixed"))


def test_memory_is_bounded_by_windows_that_do_not_show(monkeypatch):
    mixture = family(f"{THREE}?k=3")
    whole = mixture.draw(range(10), 24)
    monkeypatch.setattr(module, "_WINDOW_BYTES", 3 * 3 * 24 * 24 * 3)
    windowed = mixture.draw(range(10), 24)
    assert np.array_equal(whole.pixels, windowed.pixels)
    assert whole.params == windowed.params


def test_all_mixtures_are_of_one_class():
    mixture = family("mixup:visual-atom,perlin")
    assert mixture.num_classes == 1
    assert not mixture.draw(range(4), 16).class_id.any()


def test_parts_of_a_seed_group_are_seed_groups():
    """Where networks serve many pictures, mixtures of one group draw their parts from as many networks."""
    mixture = family("mixup:stylegan-random,perlin?k=4")
    assert mixture.seed_group == family("stylegan-random").seed_group
    seeds = np.array([7 << 32 | low for low in range(5)] + [8 << 32 | low for low in range(5)], np.uint64)
    chosen = np.empty((3, 10, 4), np.int64)
    part_seeds = np.empty((10, 4), np.uint64)
    module._choose(seeds, np.array([True, False]), chosen[0], part_seeds, np.empty((10, 4)))
    upper = part_seeds >> np.uint64(32)
    networks = [set(upper[rows][chosen[0, rows] == 0].tolist()) for rows in (slice(5), slice(5, 10))]
    assert all(len(block) <= 4 for block in networks)
    assert not networks[0] & networks[1]
    assert len(set(upper[chosen[0] == 1].tolist())) > 10
    assert part_seeds.max() < 2**63


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mixup:perlin?k=0", r"k=0.*\[1, 64\]"),
        ("mixup:perlin?k=65", "k=65"),
        ("mixup:perlin,", "unknown family ''"),
        ("mixup:mixup:perlin", "mixup cannot stand within itself"),
        ("mixup:(smooth:mixup:perlin),fbm", "mixup cannot stand within itself"),
    ],
)
def test_mixtures_that_cannot_be_are_refused(text, words):
    with pytest.raises(PatternGenError, match=words):
        family(text)
