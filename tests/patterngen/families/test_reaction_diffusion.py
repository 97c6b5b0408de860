"""Gray–Scott: mass, bounds, fixed points; regimes that differ; patterns that do not die."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.families.reaction_diffusion import (
    ALIVE,
    REGIMES,
    TIME_STEP,
    ReactionDiffusion,
    advance,
    grow,
    spread,
    wrap,
)
from patterngen.rng import stream

rate = st.floats(0, 0.1)


def ringed(inside):
    field = np.zeros(tuple(n + 2 for n in inside.shape), np.float32)
    field[1:-1, 1:-1] = inside
    wrap(field)
    return field


def stepped(u, v, diffusion, feed, kill):
    next_u, next_v = ringed(u), ringed(v)
    advance(ringed(u), ringed(v), next_u, next_v, diffusion, feed, kill)
    return next_u[1:-1, 1:-1].astype(float), next_v[1:-1, 1:-1].astype(float)


def random_state(seed):
    return np.random.default_rng(seed).random((2, 20, 27)) * [[[1.0]], [[0.6]]]


@settings(deadline=None)
@given(st.integers(0, 999), rate, rate, st.floats(0, 0.1))
def test_mass_is_what_is_fed_less_what_is_drained(seed, feed, kill, diffusion):
    u, v = random_state(seed)
    next_u, next_v = stepped(u, v, diffusion, feed, kill)
    flow = feed * (1 - next_u).sum() - (feed + kill) * next_v.sum()
    change = next_u.sum() + next_v.sum() - u.sum() - v.sum()
    assert change == pytest.approx(TIME_STEP * flow, abs=1e-3)


def test_without_feed_and_kill_mass_is_conserved_and_so_is_each_without_reaction():
    u, v = random_state(1)
    next_u, next_v = stepped(u, v, 0.08, 0, 0)
    assert (next_u + next_v).sum() == pytest.approx((u + v).sum(), rel=1e-6)
    assert next_v.sum() > v.sum()  # u only turns into v
    alone, _ = stepped(u, 0 * v, 0.08, 0, 0)
    assert alone.sum() == pytest.approx(u.sum(), rel=1e-6)
    assert alone.var() < u.var()


def test_diffusion_is_that_of_the_heat_equation():
    """A wave shrinks by exp(−2D k² t), the same along the axes and the diagonal."""
    size, waves, steps, diffusion = 48, 2, 40, 0.05
    place = 2 * np.pi * waves * np.arange(size) / size
    for upright, turns in ((np.zeros(size), place), (place, place)):
        wave = np.cos(upright[:, None] + turns[None, :])
        u = 0.5 + 0.4 * wave
        for _ in range(steps):
            u, _ = stepped(u, 0 * u, diffusion, 0, 0)
        k2 = (2 * np.pi * waves / size) ** 2 * (2 if upright.any() else 1)
        left = 2 * (u * wave).mean() / 0.4
        assert left == pytest.approx(np.exp(-2 * diffusion * k2 * TIME_STEP * steps), rel=0.02)


@pytest.mark.parametrize("regime", REGIMES)
def test_concentrations_stay_between_0_and_1_in_every_regime(regime):
    feed, kill = REGIMES[regime]
    assert 2 * spread(feed) * TIME_STEP * 10 / 3 <= 1
    for steps in (5, 60, 300):
        u, v, _ = grow(stream(np.uint64(steps)), 40, 40, 8, steps, feed, kill)
        assert u.min() >= 0
        assert u.max() <= 1
        assert v.min() >= 0
        assert v.max() <= 1


def test_the_states_without_pattern_stay():
    """(1, 0), and where uv = F + k and F(1 − u) = (F + k)v, are fixed points."""
    feed, kill = 0.046, 0.0594
    root = np.sqrt(1 - 4 * (feed + kill) ** 2 / feed)
    u = (1 - root) / 2
    for value_u, value_v in ((1.0, 0.0), (u, (feed + kill) / u)):
        next_u, next_v = stepped(np.full((8, 8), value_u), np.full((8, 8), value_v), 0.06, feed, kill)
        assert next_u == pytest.approx(value_u, abs=1e-6)
        assert next_v == pytest.approx(value_v, abs=1e-6)


def test_a_pattern_that_dies_is_sown_again_and_never_flat():
    for steps in (100, 250, 300, 500):
        u, _, sown_again = grow(stream(np.uint64(3)), 32, 32, 6, steps, 0.03, 0.08)
        assert u.max() - u.min() > ALIVE
        assert sown_again >= steps // 250


def features(picture):
    """Of a grey picture: mean, deviation, skewness, and how power is spread over wavelengths."""
    x = picture[..., 0] / 255.0
    z = x - x.mean()
    power = np.abs(np.fft.fft2(z)) ** 2
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(len(x), 1 / len(x))] * 2))
    share = [power[(f >= a) & (f < b)].sum() / power.sum() for a, b in ((0, 3), (3, 6), (6, 9), (9, 13))]
    return np.array([x.mean(), x.std(), (z**3).mean() / x.std() ** 3, np.abs(np.diff(x)).mean(), *share])


def test_regimes_give_different_pictures():
    each = 6
    samples = []
    for regime in REGIMES:
        fixed = ReactionDiffusion(regime=regime, colours=1, lattice_low=64, lattice_high=64)
        pictures = fixed.draw(range(each), 64)
        assert set(pictures.class_id.tolist()) == {list(REGIMES).index(regime)}
        samples.append([features(p) for p in pictures.pixels])
    data = np.array(samples)  # [regime, picture, feature]
    data = (data - data.mean((0, 1))) / data.std((0, 1))
    right = 0
    for r in range(len(data)):
        for k in range(each):
            centres = data.mean(1)
            centres[r] = np.delete(data[r], k, 0).mean(0)
            right += np.argmin(((centres - data[r, k]) ** 2).sum(1)) == r
    # Fifteen regimes, so chance would be 1 in 15.
    assert right / (len(data) * each) > 0.5


def test_pictures_say_what_was_drawn():
    pictures = ReactionDiffusion(steps_low=50, steps_high=60).draw(range(40), 24)
    for params, number in zip(pictures.params, pictures.class_id, strict=True):
        assert list(REGIMES)[number] == params["regime"]
        feed, kill = REGIMES[params["regime"]]
        assert params["feed"] == pytest.approx(feed, rel=0.021)
        assert params["kill"] == pytest.approx(kill, rel=0.006)
        assert params["lattice"] == 24
        assert 50 <= params["steps"] <= 60
    assert len(set(pictures.class_id.tolist())) > 8
