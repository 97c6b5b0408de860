"""What one source of sound adds to a mel spectrogram: lines, resonances, swells and decays.

No sound is made and transformed; what the transform would show is written down at once. Sources are added in
power. A field lies frame by frame, [frames, bands], so that what happens in one frame is one run of memory
and fills the processor's vector lanes.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patterngen.families.spectro.roll import note
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin, exp, log, power

START, LENGTH, PITCH, PITCH_END, LEVEL, ATTACK, RELEASE = range(7)
"""Columns of a table of events: frames, frames, hertz, hertz, power, frames, frames."""
CENTRE, CENTRE_END, BANDWIDTH, GAIN = range(4)
"""Columns of a table of resonances: hertz, hertz, hertz (half its width at half its height), power."""

HANN = 1.44
"""How wide a Hann window of length 1 shows a tone at half its power (Harris, 1978)."""
LINE = 2.0 * math.sqrt(2.0 ** (1.0 / 6.0) - 1.0)
"""Makes a line (1 + (LINE · x)²)⁻⁶ one wide at half its power."""
KNEE = 1000.0
"""Hertz up to which Slaney's mel scale is linear; there, it is 1 here and 15 as he counts."""
SLOPE = 15.0 * math.log(6.4) / 27.0
"""Logarithm of the ratio of two frequencies above, one step of the scale apart as it is counted here."""
SILENT = 30.0
"""Time constants after which a sound is no longer added: it is 130 dB down."""
FAINTEST = 1e-30
"""Least power of an envelope that decays: processors are slow with much smaller numbers."""


class Axes(NamedTuple):
    """What the rows and columns of a spectrogram stand for."""

    hertz: NDArray[np.float32]
    """Centre of each band, the lowest first."""
    spacing: NDArray[np.float32]
    """Distance of neighbouring bands, hertz."""
    width: NDArray[np.float32]
    """How wide a steady tone shows at half its power in each band, hertz."""
    hop: float
    """Distance of neighbouring frames, seconds."""
    window: float
    """Length of a frame, seconds."""
    roll: NDArray[np.float32]
    """Piano roll, [frames, pitches]: power of the tones of each pitch, added to; [0, pitches] for none."""


@kernel
def _mel(f: float, slaney: bool) -> float:
    """Return the place of a frequency on one of the two mel scales in use; see `mel_axes`."""
    if not slaney:
        return log(1.0 + f / 700.0)
    return f / KNEE if f < KNEE else 1.0 + log(f / KNEE) / SLOPE


@kernel
def mel_axes(
    bands: int,
    edges: tuple[float, float],
    slaney: bool,
    hop: float,
    window: float,
    roll: NDArray[np.float32],
) -> Axes:
    """Return axes with equal steps on a mel scale between two edges, hertz.

    Bands lie as those of a mel filter bank do, whose first triangle begins at the one edge and whose last one
    ends at the other. The scale is 1127 ln(1 + f/700) (O'Shaughnessy, "Speech Communication", 1987), or
    Slaney's ("Auditory Toolbox", 1998), which is linear below 1 kHz and logarithmic above.
    """
    low = _mel(edges[0], slaney)
    step = (_mel(edges[1], slaney) - low) / (bands + 1)
    hertz = np.empty(bands, np.float32)
    spacing = np.empty(bands, np.float32)
    width = np.empty(bands, np.float32)
    line = HANN / window
    for b in range(bands):
        place = low + step * (b + 1)
        if not slaney:
            f = 700.0 * (exp(place) - 1.0)
            spacing[b] = step * (700.0 + f)
        elif place < 1.0:
            f = KNEE * place
            spacing[b] = step * KNEE
        else:
            f = KNEE * exp(SLOPE * (place - 1.0))
            spacing[b] = step * SLOPE * f
        hertz[b] = f
        width[b] = np.sqrt(line * line + spacing[b] * spacing[b])
    return Axes(hertz, spacing, width, hop, window, roll)


@kernel
def _add_line(
    out: NDArray[np.float32],
    hertz: NDArray[np.float32],
    width: NDArray[np.float32],
    centre: float,
    loud: float,
) -> None:
    one, f, peak, sharp = np.float32(1.0), np.float32(centre), np.float32(loud), np.float32(LINE)
    for b in range(len(out)):
        x = sharp * (hertz[b] - f) / width[b]
        line = one / (one + x * x)
        line *= line * line
        out[b] += peak * (line * line)


@kernel
def add_comb(
    out: NDArray[np.float32],
    envelope: NDArray[np.float32],
    gain: float,
    pitch: float,
    partials: int,
    axes: Axes,
) -> None:
    """Add the partials pitch · n, n = 1 … partials, to one frame.

    Only the nearest partial counts in a band, so any number of them costs the same. A line (1 + x²)⁻⁶ keeps
    within some decibels of the peaks of a Hann window's side lobes until 60 dB down.

    Args:
        out: [B], added to.
        envelope: [B], the power that a partial would have in each band.
        gain: factor.
        pitch: hertz.
        partials: at least 1.
        axes: where the bands lie, and how wide a line shows there.
    """
    hertz, width = axes.hertz, axes.width
    bands = len(hertz)
    # Outside of the comb, its first and last partial fade; their own power counts, not that of the band.
    first, last = np.searchsorted(hertz, np.array([pitch, pitch * partials]))
    _add_line(out[:first], hertz, width, pitch, gain * envelope[min(first, bands - 1)])
    _add_line(out[last:], hertz[last:], width[last:], pitch * partials, gain * envelope[max(last - 1, 0)])
    one, half, loud, sharp = np.float32(1.0), np.float32(0.5), np.float32(gain), np.float32(LINE)
    inverse, f0 = np.float32(1.0 / pitch), np.float32(pitch)
    # Slices, so that indices need not be checked for their sign, which would keep the lanes empty.
    out, envelope, hertz, width = out[first:last], envelope[first:last], hertz[first:last], width[first:last]
    for b in range(len(out)):
        n = np.floor(hertz[b] * inverse + half)
        x = sharp * (hertz[b] - n * f0) / width[b]
        line = one / (one + x * x)
        line *= line * line
        out[b] += loud * envelope[b] * (line * line)


@kernel
def resonate(
    tilt: NDArray[np.float32],
    resonances: NDArray[np.float64],
    floor: float,
    place: float,
    hertz: NDArray[np.float32],
    envelope: NDArray[np.float32],
) -> None:
    """Fill an envelope [B] with tilt · (floor + Σ gain/(1 + ((f − centre)/bandwidth)²)).

    Args:
        tilt: [B], power.
        resonances: [J, 4], see `CENTRE`.
        floor: power between the resonances.
        place: 0 … 1, how far the centres have moved from `CENTRE` to `CENTRE_END`.
        hertz: of the bands.
        envelope: overwritten.
    """
    one = np.float32(1.0)
    envelope[:] = np.float32(floor)
    for j in range(len(resonances)):
        centre = resonances[j, CENTRE] + place * (resonances[j, CENTRE_END] - resonances[j, CENTRE])
        f = np.float32(centre)
        narrow = np.float32(1.0 / resonances[j, BANDWIDTH])
        gain = np.float32(resonances[j, GAIN])
        for b in range(len(envelope)):
            x = (hertz[b] - f) * narrow
            envelope[b] += gain / (one + x * x)
    for b in range(len(envelope)):
        envelope[b] *= tilt[b]


@kernel
def swell(event: NDArray[np.float64], frame: int) -> float:
    """Return an event's gain in a frame: a linear rise, 1, after its end an exponential fall, and 0."""
    age = frame + 1.0 - event[START]
    gain: float = min(age / event[ATTACK], 1.0)
    late = (age - event[LENGTH]) / event[RELEASE]
    if late > SILENT:
        return 0.0
    return gain * exp(-late) if late > 0.0 else gain


@kernel
def _loudest(envelope: NDArray[np.float32], hertz: NDArray[np.float32], lowest: float) -> float:
    """Return the highest value of an envelope in the bands from `lowest` hertz on, or its last one."""
    value = envelope[-1]
    for b in range(len(envelope)):
        if hertz[b] >= lowest:
            value = max(value, envelope[b])
    return float(value)


@kernel
def _note(axes: Axes, frame: int, pitch: float, gain: float, envelope: NDArray[np.float32]) -> None:
    """Write a tone down in the piano roll, if there is one, as loud as its loudest band."""
    if len(axes.roll):
        note(axes.roll[frame], pitch, gain * _loudest(envelope, axes.hertz, 0.8 * pitch))


@kernel
def add_sound(
    field: NDArray[np.float32],
    events: NDArray[np.float64],
    resonances: NDArray[np.float64],
    tilt: NDArray[np.float32],
    floor: float,
    decay: NDArray[np.float32],
    partials: int,
    vibrato: tuple[float, float],
    tremolo: tuple[float, float],
    axes: Axes,
) -> None:
    """Add one source that sounds again and again, one event after the other.

    An event's level is the power in the loudest band that it reaches, at its start.

    Args:
        field: float32 [frames, bands], power; added to.
        events: [K, 7] in order of their starts, see `START`; a new one cuts off the one before.
        resonances: [K, J, 4], those of each event, see `resonate`.
        tilt: [B], see `resonate`.
        floor: see `resonate`.
        decay: [B], the factor by which each band's power falls from one frame to the next.
        partials: how many, at multiples of the event's pitch; 0 is noise, whose power the envelope itself is.
        vibrato: depth, as a fraction of the pitch, and turns per frame.
        tremolo: depth, the natural logarithm of power, and turns per frame.
        axes: of the field.
    """
    envelope = np.zeros(field.shape[1], np.float32)
    faintest = np.float32(FAINTEST)
    loudest = 1.0
    current = -1
    for frame in range(len(field)):
        begins = False
        while current + 1 < len(events) and events[current + 1, START] <= frame:
            current += 1
            begins = True
        if current < 0:
            continue
        event, shape = events[current], resonances[current]
        age = frame - event[START]
        place = min(age / event[LENGTH], 1.0)
        moves = False
        for j in range(len(shape)):
            moves |= shape[j, CENTRE] != shape[j, CENTRE_END]
        if begins or moves:
            resonate(tilt, shape, floor, place, axes.hertz, envelope)
            if begins:
                loudest = _loudest(envelope, axes.hertz, 0.8 * event[PITCH] if partials else 0.0)
        else:
            for b in range(len(envelope)):
                left = envelope[b] * decay[b]
                envelope[b] = left if left > faintest else faintest
        gain = swell(event, frame) * event[LEVEL] / loudest
        if gain <= 0.0:
            continue
        if tremolo[0] > 0.0:
            gain *= exp(tremolo[0] * cos_sin(tremolo[1] * frame)[1])
        if partials > 0:
            pitch = event[PITCH] * power(event[PITCH_END] / event[PITCH], place)
            pitch *= 1.0 + vibrato[0] * cos_sin(vibrato[1] * age)[1]
            add_comb(field[frame], envelope, gain, pitch, partials, axes)
            _note(axes, frame, pitch, gain, envelope)
        else:
            loud = np.float32(gain)
            out = field[frame]
            for b in range(len(out)):
                out[b] += loud * envelope[b]
