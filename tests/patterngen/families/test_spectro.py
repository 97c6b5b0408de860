"""Spectrograms without sound: axes, lines, glides, resonances, decays, rhythm, noise and decibels."""

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from patterngen.families.spectro import Spectro
from patterngen.families.spectro.parts import (
    Table,
    decibels,
    dying,
    lasting,
    onsets,
    resonances,
    schedule,
    tilted,
)
from patterngen.families.spectro.recording import add_noise, limit, to_decibels
from patterngen.families.spectro.scenes import SCENES, add_hits, add_scene
from patterngen.families.spectro.sound import LEVEL, PITCH, PITCH_END, add_comb, add_sound, mel_axes, resonate
from patterngen.rng import stream
from patterngen.sizes import PITCHES

NO_ROLL = np.empty((0, PITCHES), np.float32)


def axes_of(bands, f_min, f_max, hop, window, slaney=False, roll=NO_ROLL):
    return mel_axes(bands, (f_min, f_max), slaney, hop, window, roll)


AXES = axes_of(160, 50.0, 8000.0, 0.01, 0.025)
STILL = (0.0, 0.0)


def mel(hertz):
    return 1127 * np.log(1 + np.asarray(hertz) / 700)


def seeded(seed):
    return stream(np.uint64(seed))


def sound(events, table=None, frames=100, decay=None, partials=0, vibrato=STILL, tremolo=STILL, axes=AXES):
    """The power of one source over a flat envelope, [frames, bands]."""
    field = np.zeros((frames, len(axes.hertz)), np.float32)
    table = np.empty((len(events), 0, 4)) if table is None else table
    flat, decay = lasting(axes), lasting(axes) if decay is None else decay
    add_sound(field, events, table, flat, 1.0, decay, partials, vibrato, tremolo, axes)
    return field


def one_event(length=1000.0, attack=1.0, release=1.0, pitch=1.0, pitch_end=None) -> Table:
    events = schedule(np.array([0.0]), length, attack, release)
    events[:, PITCH], events[:, PITCH_END] = pitch, pitch_end or pitch
    return events


def peaks(line):
    return 1 + np.flatnonzero((line[1:-1] > line[:-2]) & (line[1:-1] >= line[2:]))


@given(st.integers(1, 300), st.floats(0, 100), st.floats(1000, 48_000))
def test_bands_lie_as_those_of_a_mel_filter_bank(bands, f_min, f_max):
    axes = axes_of(bands, f_min, f_max, 0.01, 0.025)
    edges = np.linspace(mel(f_min), mel(f_max), bands + 2)
    assert mel(axes.hertz) == pytest.approx(edges[1:-1], rel=1e-4)
    # The slope of the scale, d hertz/d mel, times its step.
    assert axes.spacing == pytest.approx((edges[1] - edges[0]) * (700 + axes.hertz) / 1127, rel=1e-4)


@given(st.integers(1, 300), st.floats(0, 500), st.floats(1000, 48_000))
def test_bands_of_slaneys_scale_lie_as_librosa_has_them(bands, f_min, f_max):
    axes = axes_of(bands, f_min, f_max, 0.01, 0.025, slaney=True)
    edges = librosa.mel_frequencies(bands + 2, fmin=f_min, fmax=f_max)
    assert axes.hertz == pytest.approx(edges[1:-1], rel=1e-4)
    middle = (edges[2:] - edges[:-2]) / 2  # but where the scale bends
    assert axes.spacing == pytest.approx(middle, rel=0.2)


def test_a_line_is_as_wide_and_falls_as_that_of_a_hann_window():
    window, padded = 400, 1 << 16
    power = np.abs(np.fft.rfft(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window), padded)) ** 2
    offset = np.fft.rfftfreq(padded, 1 / window)  # in units of 1/T
    half = 2 * offset[np.flatnonzero(power < 0.5 * power[0])[0]]
    fine = axes_of(4000, 500.0, 1500.0, 0.01, 0.025)  # bands much narrower than the line
    line = np.zeros(4000, np.float32)
    add_comb(line, lasting(fine), 1.0, 1000.0, 1, fine)
    above = fine.hertz[line > 0.5]
    assert (above[-1] - above[0]) * fine.window == pytest.approx(half, rel=0.03)
    level = 10 * np.log10(power / power[0] + 1e-12)
    for lobe in [k for k in peaks(level) if level[k] > -60]:
        ours = 10 * np.log10(np.interp(1000 + offset[lobe] / fine.window, fine.hertz, line))
        assert ours == pytest.approx(level[lobe], abs=10)


@settings(deadline=None)
@given(st.floats(150, 1500), st.integers(1, 5))
def test_partials_lie_at_integer_multiples(pitch, partials):
    fine = axes_of(3000, 50.0, 8000.0, 0.01, 0.1)
    line = np.zeros(3000, np.float32)
    add_comb(line, lasting(fine), 1.0, pitch, partials, fine)
    found = fine.hertz[peaks(line)]
    assert found == pytest.approx(pitch * np.arange(1, partials + 1), abs=float(fine.spacing[-1]))


def test_partials_take_the_power_of_the_envelope_where_they_lie():
    envelope = (AXES.hertz / 1000).astype(np.float32) ** -2
    line = np.zeros(160, np.float32)
    add_comb(line, envelope, 3.0, 500.0, 8, AXES)
    for n in (1, 2, 3, 4):
        at = np.argmin(np.abs(AXES.hertz - 500 * n))
        assert line[at] == pytest.approx(3 * envelope[at], rel=0.15)
    assert line[: np.searchsorted(AXES.hertz, 300)].max() < 0.1 * line.max()


@pytest.mark.parametrize("end", [900.0, 2500.0])
def test_a_chirp_glides_as_asked(end):
    frames = 100
    field = sound(one_event(float(frames), pitch=1500.0, pitch_end=end), frames=frames, partials=1)
    found = AXES.hertz[field.argmax(1)]
    expected = 1500 * (end / 1500) ** (np.arange(frames) / frames)  # a constant number of octaves a second
    assert np.all(np.abs(found - expected) <= AXES.spacing[-1])
    octaves_per_frame = np.polyfit(np.arange(frames), np.log2(found), 1)[0]
    assert octaves_per_frame == pytest.approx(np.log2(end / 1500) / frames, rel=0.03)


def test_vibrato_swings_as_far_and_as_fast_as_asked():
    field = sound(one_event(pitch=2000.0), frames=200, partials=1, vibrato=(0.1, 1 / 25))
    found = AXES.hertz[field.argmax(1)] / 2000 - 1
    assert found.max() == pytest.approx(0.1, abs=0.03)
    assert found.min() == pytest.approx(-0.1, abs=0.03)
    assert np.abs(np.fft.rfft(found - found.mean())).argmax() == 200 // 25


def test_tremolo_swings_the_level():
    level = np.log(sound(one_event(), frames=200, tremolo=(0.7, 1 / 20))[10:, 5])
    assert level.max() == pytest.approx(0.7, abs=0.02)
    assert level.min() == pytest.approx(-0.7, abs=0.02)


def test_a_resonance_has_its_centre_and_width():
    fine = axes_of(3000, 50.0, 8000.0, 0.01, 0.025)
    envelope = np.empty(3000, np.float32)
    resonate(lasting(fine), np.array([[800.0, 1600.0, 60.0, 5.0]]), 0.0, 0.5, fine.hertz, envelope)
    assert fine.hertz[envelope.argmax()] == pytest.approx(1200, abs=3)
    above = fine.hertz[envelope > 2.5]
    assert above[-1] - above[0] == pytest.approx(2 * 60, abs=6)


def test_an_event_is_as_loud_as_asked_and_rises_and_falls_as_asked():
    events = one_event(length=40.0, attack=8.0, release=5.0)
    events[:, LEVEL] = 0.25
    level = sound(events, np.array([[[500.0, 500.0, 100.0, 30.0]]]))[:, :].max(1)
    assert level[7:39] == pytest.approx(0.25, rel=1e-5)
    assert np.diff(level[:8]) == pytest.approx(0.25 / 8, rel=1e-4)
    assert np.diff(np.log(level[42:80])) == pytest.approx(-1 / 5, rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_an_onset_dies_away_with_its_time_constant(seed):
    tau = 0.2
    decay = dying(seeded(seed), tau, tau, AXES)
    level = np.log(sound(one_event(), decay=decay)[1:60])
    per_second = np.diff(level, axis=0).mean(0) / AXES.hop
    near = np.argmin(np.abs(AXES.hertz - 1000))
    assert per_second[near] == pytest.approx(-1 / tau, rel=0.02)
    exponent = np.polyfit(np.log(AXES.hertz), np.log(-per_second), 1)[0]
    assert 0 <= exponent <= 0.8 + 1e-3
    assert np.diff(level, axis=0).std(0).max() < 1e-3  # one exponential from beginning to end


def test_what_has_died_away_stays_a_number():
    field = sound(one_event(), decay=np.full(160, 1e-4, np.float32))
    assert np.all(field[1:20] >= 0)
    assert field[99].max() < 1e-25


@pytest.mark.parametrize("period", [7, 16, 23])
def test_hits_repeat_with_their_period(period):
    field = np.zeros((400, 160), np.float32)
    add_hits(seeded(period), field, float(period), 0.0, 1.0, AXES)
    rise = np.diff(np.log(field.sum(1) + 1e-9)).clip(0)
    rise -= rise.mean()
    similarity = np.correlate(rise, rise, "full")[len(rise) - 1 :]
    assert 3 + similarity[3 : period + period // 2].argmax() == period


def test_onsets_are_regular_or_random_and_one_is_always_seen():
    for seed in range(50):
        starts = onsets(seeded(seed), 200, 13.0, 0.0)
        assert np.diff(starts) == pytest.approx(13.0)
        assert starts[0] <= 0 < starts[1] < 13
        for jitter in (0.0, 2.0):
            starts = onsets(seeded(seed), 100, 1e5, jitter)
            assert np.any((starts >= 0) & (starts < 100))
    gaps = np.concatenate([np.diff(onsets(seeded(k), 2000, 10.0, 2.0))[1:] for k in range(30)])
    assert kstest(gaps, "expon", args=(0, 10.0)).pvalue > 0.01


def test_draws_keep_their_ranges():
    for seed in range(20):
        tilt = tilted(seeded(seed), 3.0, 9.0, AXES)
        slope = np.polyfit(np.log2(AXES.hertz), 10 * np.log10(tilt), 1)[0]
        assert -9.01 <= slope <= -2.99
        table = resonances(seeded(seed), 2, 4, (1.0, 8.0), AXES)
        assert np.array_equal(table[0], table[1])
        sharpness = table[..., 0] / (2 * table[..., 2])
        assert np.all((sharpness >= 1 - 1e-9) & (sharpness <= 8 + 1e-9))
    assert decibels(-30.0) == pytest.approx(1e-3)


def noisy(tone, noise, frames=600, axes=AXES, key=1):
    field = np.full((frames, len(axes.hertz)), tone, np.float32)
    add_noise(key, field, np.full_like(field, noise), axes)
    return field


def test_noise_alone_has_the_law_of_the_power_of_a_complex_gaussian():
    narrow = axes_of(400, 50.0, 8000.0, 0.05, 0.025)  # bands narrower than a line, frames apart
    field = noisy(0.0, 2.0, frames=500, axes=narrow)
    assert field.mean() == pytest.approx(2, rel=0.02)
    assert kstest(field[:, 20].astype(float), "expon", args=(0, 2)).pvalue > 0.01
    assert np.std(np.log10(field[:, ::8])) * 10 == pytest.approx(5.57, abs=0.15)  # decibels: 10π/(√6 ln 10)


def test_wide_bands_vary_less_and_neighbours_are_alike():
    field = noisy(0.0, 1.0)
    assert field[:, -1].std() < 0.8 * field[:, 5].std()
    unlike = np.corrcoef(field[:-1, 40], field[1:, 40])[0, 1], np.corrcoef(field[:, 5], field[:, 6])[0, 1]
    assert 0.1 < unlike[0] < 0.7
    assert 0.1 < unlike[1] < 0.9
    assert abs(np.corrcoef(field[:-9, 40], field[9:, 40])[0, 1]) < 0.1


def test_noise_under_a_tone_moves_its_power_as_interference_does():
    field = noisy(100.0, 1.0)
    assert field.mean() == pytest.approx(101, rel=0.01)
    # 2√(TN) Re z dominates; Re z has the variance ½.
    assert field[:, :20].std() == pytest.approx(np.sqrt(2 * 100 * 1.0), rel=0.1)
    assert np.all(noisy(0.3, 0.0) == np.float32(0.3))
    assert noisy(1e-3, 5.0).min() >= 0


def test_noise_follows_its_key():
    assert np.array_equal(noisy(0, 1, key=5, frames=20), noisy(0, 1, key=5, frames=20))
    other = np.corrcoef(noisy(0, 1, key=5).ravel(), noisy(0, 1, key=123456789).ravel())[0, 1]
    assert abs(other) < 0.02


@given(st.lists(st.floats(0, 2.0**66, width=32), min_size=1, max_size=30), st.floats(-100, -50))
def test_decibels_are_ten_times_the_logarithm(powers, floor):
    field = np.array([powers], np.float32)
    expected = 10 * np.log10(field.astype(float) + 10 ** (floor / 10))
    to_decibels(field, 10 ** (floor / 10))
    assert field == pytest.approx(expected, abs=1e-4)


def test_some_recordings_are_limited_but_none_is_emptied():
    kinds = set()
    for seed in range(200):
        field = np.ones((64, 64), np.float32)
        limit(seeded(seed), field)
        silent = field.max(1) == 0
        assert silent.mean() < 0.75
        kinds.add((bool(silent.any()), bool(field[~silent][0, -1] < 1e-3)))
    assert len(kinds) == 4


@pytest.mark.parametrize("scene", range(len(SCENES)))
def test_every_scene_sounds(scene):
    for seed in range(30):
        tones, noise = np.zeros((2, 100, 160), np.float32)
        add_scene(seeded(seed), scene, tones, noise, 1.0, AXES)
        both = tones + noise
        assert np.isfinite(both).all()
        assert both.min() >= 0
        assert 1e-3 < both.max() < 100


def test_low_frequencies_lie_in_row_0_as_in_a_log_mel_or_below_if_asked():
    top = Spectro(scene="machine", lowest_row="top").draw(range(8), 64)
    bottom = Spectro(scene="machine", lowest_row="bottom").draw(range(8), 64)
    assert np.array_equal(top.pixels, bottom.pixels[:, ::-1])
    # The background falls off towards high frequencies more often than not, and hums begin low.
    assert top.pixels[:, :16].mean() > 1.2 * top.pixels[:, -16:].mean()


def test_pictures_are_grey_or_coloured_and_reach_the_brightest_shade():
    grey = Spectro().draw(range(20), 64).pixels
    assert np.all(grey == grey[..., :1])
    assert np.all(grey.reshape(20, -1).max(1) == 255)
    coloured = Spectro(colours=4).draw(range(4), 64).pixels
    assert np.any(coloured != coloured[..., :1])


def test_pictures_say_what_was_drawn():
    pictures = Spectro(hop_low=8, hop_high=12).draw(range(200), 16)
    for params, number in zip(pictures.params, pictures.class_id, strict=True):
        assert SCENES[number] == params["scene"]
        assert params["second"] in (*SCENES, "none")
        assert 8 <= params["hop_ms"] <= 12
        assert 4000 <= params["f_max"] <= 16_000
        assert 50 <= params["range_db"] <= 90
        assert -70 <= params["background_db"] <= -20
    assert set(pictures.class_id.tolist()) == set(range(len(SCENES)))
    assert np.mean([p["second"] == "none" for p in pictures.params]) == pytest.approx(0.65, abs=0.12)
    assert {p["scene"] for p in Spectro(scene="hits").draw(range(5), 16).params} == {"hits"}
