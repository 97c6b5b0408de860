"""What sounds in a `spectro` picture: rain, speech, animals, music, birds, knocks, engines.

Each scene is a few sources of `add_sound` with random settings, in the ranges that such sounds have. A source
is as loud as its loudest band; levels are powers, frequencies hertz, times frames.
"""

import numpy as np

from patterngen.families.spectro.parts import (
    Field,
    amplify,
    decibels,
    dying,
    lasting,
    onsets,
    resonances,
    schedule,
    tilted,
)
from patterngen.families.spectro.sound import (
    ATTACK,
    BANDWIDTH,
    CENTRE,
    CENTRE_END,
    GAIN,
    LENGTH,
    LEVEL,
    PITCH,
    PITCH_END,
    RELEASE,
    START,
    Axes,
    add_sound,
)
from patterngen.kernels.jit import kernel
from patterngen.numba_math import power
from patterngen.rng import State, below, log_uniform, uniform

SCENES = ("ambience", "speech", "calls", "music", "chirps", "hits", "machine")
"""A scene's place here is its class."""
AMBIENCE, SPEECH, CALLS, MUSIC, CHIRPS, HITS, MACHINE = range(len(SCENES))

STILL = (0.0, 0.0)
"""No vibrato, no tremolo."""
MAJOR = (0, 2, 4, 5, 7, 9, 11)
"""Semitones of a scale's steps above its first."""
FORMANTS = ((250.0, 900.0), (800.0, 2400.0), (2000.0, 3300.0), (3000.0, 4500.0))
"""Where the lowest resonances of a grown-up's vocal tract lie (Peterson & Barney, 1952), hertz."""


@kernel
def add_ambience(s: State, noise: Field, level: float, axes: Axes) -> None:
    """Wind, rain, traffic, hiss: noise that lasts, of some colour, which may swell and flutter."""
    count = below(s, 4)
    flat = count == 0 or uniform(s, 0.0, 1.0) < 0.6
    floor = 1.0 if flat else log_uniform(s, 1e-4, 1e-1)
    bands = resonances(s, 1, count, (0.5, 8.0), axes)
    amplify(bands, log_uniform(s, 1.0, 100.0))
    events = schedule(np.full(1, -2.0), 4.0 + len(noise), 1.0, 1.0)
    events[0, LEVEL] = level
    tremolo = STILL
    if uniform(s, 0.0, 1.0) < 0.5:
        tremolo = (uniform(s, 0.1, 1.5), log_uniform(s, 0.2, 12.0) * axes.hop)
    tilt = tilted(s, -3.0, 12.0, axes)
    add_sound(noise, events, bands, tilt, floor, lasting(axes), 0, STILL, tremolo, axes)


@kernel
def add_speech(s: State, tones: Field, noise: Field, level: float, axes: Axes) -> None:
    """Syllables: gliding harmonics under four moving formants, with hisses before some of them."""
    frames = len(tones)
    most = 2 + int(frames * axes.hop / 0.08)
    voiced = np.ones((most, 7))
    hissed = np.ones((most, 7))
    vowels = np.empty((most, len(FORMANTS), 4))
    hisses = np.empty((most, 1, 4))
    base = log_uniform(s, 80.0, 350.0)
    tract = uniform(s, 0.85, 1.3)
    softer = decibels(uniform(s, -20.0, 0.0))
    time = -uniform(s, 0.0, 0.3)
    count = 0
    while time < frames * axes.hop and count < most:
        hiss = uniform(s, 0.04, 0.14)
        hissed[count, START] = time / axes.hop
        hissed[count, LENGTH] = hiss / axes.hop
        hissed[count, LEVEL] = level * softer * decibels(uniform(s, -12.0, 0.0))
        hissed[count, ATTACK] = 1.0 + 0.3 * hiss / axes.hop
        hissed[count, RELEASE] = 0.5 + 0.01 / axes.hop
        hisses[count, 0] = uniform(s, 1800.0, 7000.0)
        hisses[count, 0, BANDWIDTH] = uniform(s, 400.0, 1800.0)
        hisses[count, 0, GAIN] = 1.0
        if uniform(s, 0.0, 1.0) < 0.5:
            hissed[count, LEVEL] = 0.0
            hiss = 0.0
        length = log_uniform(s, 0.08, 0.35)
        pitch = base * uniform(s, 0.8, 1.3)
        voiced[count, START] = (time + hiss) / axes.hop
        voiced[count, LENGTH] = length / axes.hop
        voiced[count, PITCH] = pitch
        voiced[count, PITCH_END] = pitch * uniform(s, 0.75, 1.2)
        voiced[count, LEVEL] = level * decibels(uniform(s, -15.0, 0.0))
        voiced[count, ATTACK] = 1.0 + uniform(s, 0.01, 0.05) / axes.hop
        voiced[count, RELEASE] = 0.5 + uniform(s, 0.005, 0.03) / axes.hop
        for j in range(len(FORMANTS)):
            vowels[count, j, CENTRE] = tract * uniform(s, FORMANTS[j][0], FORMANTS[j][1])
            vowels[count, j, CENTRE_END] = tract * uniform(s, FORMANTS[j][0], FORMANTS[j][1])
            vowels[count, j, BANDWIDTH] = uniform(s, 40.0, 120.0)
            vowels[count, j, GAIN] = decibels(-4.0 * j)
        count += 1
        time += hiss + length + (uniform(s, 0.15, 0.6) if uniform(s, 0.0, 1.0) < 0.2 else 0.02)
    voiced, hissed = voiced[:count], hissed[:count]
    tilt = tilted(s, 3.0, 9.0, axes)
    vibrato = (uniform(s, 0.0, 0.03), uniform(s, 3.0, 7.0) * axes.hop)
    add_sound(tones, voiced, vowels, tilt, 0.003, lasting(axes), 200, vibrato, STILL, axes)
    add_sound(noise, hissed, hisses, lasting(axes), 0.01, lasting(axes), 0, STILL, STILL, axes)


@kernel
def add_calls(s: State, tones: Field, noise: Field, level: float, axes: Axes) -> None:
    """Barks, meows, cries: a few rich harmonic glides through fixed resonances, some of them rough."""
    period = log_uniform(s, 0.3, 2.5) / axes.hop
    starts = onsets(s, len(tones), period, 0.3)
    length = period * uniform(s, 0.2, 0.8)
    events = schedule(starts, length, length * uniform(s, 0.02, 0.4), uniform(s, 0.01, 0.1) / axes.hop)
    pitch = log_uniform(s, 150.0, 1200.0)
    glide = log_uniform(s, 0.6, 1.7)
    for k in range(len(events)):
        events[k, PITCH] = pitch * uniform(s, 0.9, 1.1)
        events[k, PITCH_END] = events[k, PITCH] * glide * uniform(s, 0.9, 1.1)
        events[k, LEVEL] = level * decibels(uniform(s, -8.0, 0.0))
    bands = resonances(s, len(events), 1 + below(s, 4), (1.0, 8.0), axes)
    tilt = tilted(s, 2.0, 9.0, axes)
    vibrato = (log_uniform(s, 0.003, 0.1), log_uniform(s, 2.0, 20.0) * axes.hop)
    floor = log_uniform(s, 1e-3, 1e-1)
    partials = 1 + int(log_uniform(s, 3.0, 60.0))
    add_sound(tones, events, bands, tilt, floor, lasting(axes), partials, vibrato, STILL, axes)
    fainter = decibels(uniform(s, -35.0, 0.0))
    for k in range(len(events)):
        events[k, LEVEL] *= fainter
    add_sound(noise, events, bands, tilt, floor, lasting(axes), 0, STILL, STILL, axes)


@kernel
def add_music(s: State, tones: Field, noise: Field, level: float, axes: Axes) -> None:
    """One to three voices with notes of one scale on one beat, plucked or held; perhaps a drum."""
    beat = log_uniform(s, 0.1, 1.2) / axes.hop
    base = log_uniform(s, 50.0, 500.0)
    plucked = uniform(s, 0.0, 1.0) < 0.6
    decay = dying(s, 0.05, 1.5, axes) if plucked else lasting(axes)
    tilt = tilted(s, 3.0, 18.0, axes)
    bands_count = below(s, 4)
    partials = 1 + int(log_uniform(s, 1.0, 60.0))
    attack = uniform(s, 0.0, 0.02 if plucked else 0.1) / axes.hop
    release = log_uniform(s, 0.01, 0.3) / axes.hop
    held = uniform(s, 0.5, 1.0)
    vibrato = (log_uniform(s, 0.0005, 0.02), uniform(s, 4.0, 7.0) * axes.hop)
    for _ in range(1 + below(s, 3)):
        pace = beat * (1 << below(s, 3))
        events = schedule(onsets(s, len(tones), pace, 0.0), held * pace, attack, release)
        octave = below(s, 3)
        loud = level * decibels(uniform(s, -10.0, 0.0))
        for k in range(len(events)):
            semitones = MAJOR[below(s, len(MAJOR))] + 12.0 * octave
            events[k, PITCH] = base * power(2.0, semitones / 12.0)
            events[k, PITCH_END] = events[k, PITCH]
            rests = k > 1 and uniform(s, 0.0, 1.0) < 0.15
            events[k, LEVEL] = 0.0 if rests else loud * decibels(uniform(s, -8.0, 0.0))
        bands = resonances(s, len(events), bands_count, (0.5, 4.0), axes)
        add_sound(tones, events, bands, tilt, 0.1, decay, partials, vibrato, STILL, axes)
    if uniform(s, 0.0, 1.0) < 0.3:
        add_hits(s, noise, beat * (1 << below(s, 2)), 0.0, level * decibels(uniform(s, -15.0, 0.0)), axes)


@kernel
def add_chirps(s: State, tones: Field, level: float, axes: Axes) -> None:
    """Birds, crickets, alarms and sirens: one line or a few, gliding far, in trains."""
    highest = float(axes.hertz[-1])
    siren = uniform(s, 0.0, 1.0) < 0.25
    for _ in range(1 + below(s, 2)):
        period = (log_uniform(s, 0.8, 6.0) if siren else log_uniform(s, 0.05, 0.6)) / axes.hop
        events = schedule(
            onsets(s, len(tones), period, uniform(s, 0.0, 0.3)),
            period * uniform(s, 0.3, 0.95),
            period * uniform(s, 0.02, 0.3),
            uniform(s, 0.003, 0.05) / axes.hop,
        )
        pitch = log_uniform(s, 0.05 if siren else 0.1, 0.8) * highest
        glide = log_uniform(s, 0.4, 2.5)
        # A train of some, a pause, and the train again, as birds sing.
        train, pause = 2 + below(s, 7), below(s, 5) if not siren else 0
        wander = uniform(s, 0.0, 0.3)
        for k in range(len(events)):
            events[k, PITCH] = pitch * uniform(s, 1.0 - wander, 1.0 + wander)
            events[k, PITCH_END] = min(events[k, PITCH] * glide, 1.2 * highest)
            events[k, LEVEL] = level if k % (train + pause) < train else 0.0
        vibrato = STILL
        if uniform(s, 0.0, 1.0) < 0.4:
            vibrato = (log_uniform(s, 0.005, 0.2), log_uniform(s, 1.0, 40.0) * axes.hop)
        bands = resonances(s, len(events), 0, (1.0, 1.0), axes)
        partials = 1 + below(s, 8 if siren else 3)
        tilt = tilted(s, 6.0, 20.0, axes)
        add_sound(tones, events, bands, tilt, 1.0, lasting(axes), partials, vibrato, STILL, axes)


@kernel
def add_hits(s: State, noise: Field, period: float, jitter: float, level: float, axes: Axes) -> None:
    """Clicks, knocks, footsteps, drums: bursts that die away, some with resonances that ring."""
    starts = onsets(s, len(noise), period, jitter)
    events = schedule(starts, 2.0 * len(noise), 1.0, 1.0)
    for k in range(len(events)):
        events[k, LEVEL] = level * decibels(uniform(s, -10.0, 0.0))
    bands = resonances(s, len(events), below(s, 9), (1.0, 60.0), axes)
    amplify(bands, log_uniform(s, 1.0, 1000.0))
    tilt, decay = tilted(s, -3.0, 9.0, axes), dying(s, 0.004, 0.3, axes)
    add_sound(noise, events, bands, tilt, 1.0, decay, 0, STILL, STILL, axes)


@kernel
def add_machine(s: State, tones: Field, noise: Field, level: float, axes: Axes) -> None:
    """Engines, fans, clocks: a hum, noise that throbs, and strokes, all on one beat."""
    beat = log_uniform(s, 1.0, 20.0) * axes.hop
    kind = below(s, 3)
    if kind != 1:
        events = schedule(np.full(1, -2.0), 4.0 + len(tones), 1.0, 1.0)
        events[0, PITCH] = log_uniform(s, 30.0, 500.0)
        events[0, PITCH_END] = events[0, PITCH] * log_uniform(s, 0.7, 1.4)
        events[0, LEVEL] = level
        bands = resonances(s, 1, below(s, 5), (1.0, 10.0), axes)
        tilt = tilted(s, 2.0, 12.0, axes)
        throb = (uniform(s, 0.0, 1.0), beat)
        partials = 1 + int(log_uniform(s, 2.0, 100.0))
        add_sound(tones, events, bands, tilt, 0.1, lasting(axes), partials, STILL, throb, axes)
    if kind != 0:
        # Strokes closer than three frames would run into one noise.
        add_hits(s, noise, max(1.0 / beat, 3.0), uniform(s, 0.0, 0.1), level, axes)


@kernel
def add_scene(s: State, scene: int, tones: Field, noise: Field, level: float, axes: Axes) -> None:
    """Add a scene to the powers of what is tonal and the expected powers of what is noise, both [T, B]."""
    if scene == AMBIENCE:
        for _ in range(1 + below(s, 3)):
            add_ambience(s, noise, level * decibels(uniform(s, -10.0, 0.0)), axes)
    elif scene == SPEECH:
        add_speech(s, tones, noise, level, axes)
    elif scene == CALLS:
        add_calls(s, tones, noise, level, axes)
    elif scene == MUSIC:
        add_music(s, tones, noise, level, axes)
    elif scene == CHIRPS:
        add_chirps(s, tones, level, axes)
    elif scene == HITS:
        period = log_uniform(s, 0.08, 1.5) / axes.hop
        jitter = 1.5 if uniform(s, 0.0, 1.0) < 0.6 else uniform(s, 0.0, 0.4)
        add_hits(s, noise, period, jitter, level, axes)
    else:
        add_machine(s, tones, noise, level, axes)
