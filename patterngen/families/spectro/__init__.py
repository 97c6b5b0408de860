"""`spectro`: pictures as log-mel spectrograms of sound are, drawn without any sound.

Time runs to the right. Rows are mel bands, the lowest in row 0, on top: so an array of log-mels lies, and so
an encoder of sound sees it. Levels are decibels below the loudest point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.palette import SHADES, draw_palette, extent, lay, packed
from patterngen.families import register
from patterngen.families.model.painted import Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.families.model.views import crops, longer, view_seed
from patterngen.families.spectro.parts import Field, decibels
from patterngen.families.spectro.recording import add_noise, limit, to_decibels
from patterngen.families.spectro.roll import finish_roll
from patterngen.families.spectro.scenes import SCENES, add_ambience, add_scene
from patterngen.families.spectro.sound import mel_axes
from patterngen.kernels.jit import kernel
from patterngen.rng import below, log_uniform, stream, uniform
from patterngen.sizes import PITCHES

NO_ROLLS = np.empty((1, 0, PITCHES), np.float32)
"""Piano rolls of pictures of which none are wanted."""

Scene = Literal["any", "ambience", "speech", "calls", "music", "chirps", "hits", "machine"]


@kernel
def show(
    field: Field, top: float, span: float, upright: bool, palette: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    """Colour levels [frames, bands] from top − span to top, as a picture with time to the right."""
    frames, bands = field.shape
    scale = np.float32((SHADES - 1) / span)
    low, half, most = np.float32(top - span), np.float32(0.5), np.float32(SHADES - 1)
    shades = np.empty((bands, frames), np.uint32)
    line = np.empty(bands, np.int32)
    for frame in range(frames):
        levels = field[frame]
        for b in range(bands):
            place = (levels[b] - low) * scale + half
            place = place if place > half else half
            line[b] = np.int32(place if place < most else most)
        for b in range(bands):
            shades[bands - 1 - b if upright else b, frame] = line[b]
    lay(shades.reshape(-1), packed(palette), out.reshape(-1))


@kernel
def _draw(
    seeds: Seeds,
    scenes: NDArray[np.int64],
    ranges: tuple[tuple[float, float], ...],
    slaney: bool,
    upright: bool,
    colours: int,
    view: int,
    fields: Field,
    rolls: Field,
    pixels: Pixels,
    drawn: Numbers,
) -> None:
    frames, bands = fields.shape[1:]
    hops, lowest, highest, spans = ranges
    noise = np.empty((frames, bands), np.float32)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        # What the recording has of its own: in a view, not what sounds.
        own = s if view < 0 else stream(view_seed(seeds[n], view))
        scene = scenes[below(s, len(scenes))]
        hop = log_uniform(s, hops[0], hops[1])
        f_max = log_uniform(s, highest[0], highest[1])
        span = uniform(s, spans[0], spans[1])
        f_min = uniform(s, lowest[0], lowest[1])
        roll = rolls[n if len(rolls) > 1 else 0]
        axes = mel_axes(bands, (f_min, f_max), slaney, hop, hop * uniform(s, 1.5, 3.0), roll)
        tones = fields[n % len(fields)]
        tones[:] = 0.0
        noise[:] = 0.0
        roll[:] = 0.0
        add_scene(s, scene, tones, noise, 1.0, axes)
        second = -1
        if uniform(s, 0.0, 1.0) < 0.35:
            second = below(s, len(SCENES))
            add_scene(s, second, tones, noise, decibels(uniform(s, -25.0, -3.0)), axes)
        if view >= 0:
            span = uniform(own, spans[0], spans[1])
        background = uniform(own, -70.0, -20.0)
        add_ambience(own, noise, decibels(background), axes)
        breath = np.float32(decibels(uniform(own, -40.0, -5.0)))
        for frame in range(frames):
            for b in range(bands):
                noise[frame, b] += breath * tones[frame, b]
        add_noise(below(own, 1 << 31), tones, noise, axes)
        limit(own, tones)
        if len(roll):
            finish_roll(roll, tones, noise)
        to_decibels(tones, decibels(uniform(own, -100.0, -60.0)))  # what a recording has for silence
        if len(pixels):
            show(tones, float(extent(tones)[1]), span, upright, draw_palette(own, colours), pixels[n])
        drawn[n] = float(scene), float(second), 1000.0 * hop, f_max, span, background


@register
@dataclass(frozen=True, kw_only=True)
class Spectro(PaintedField):
    """Log-mel spectrograms of sounds that never were: speech, music, birds, knocks, engines, rain."""

    name: ClassVar[str] = "spectro"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "patterngen; the mel scale: O'Shaughnessy, Speech Communication, 1987"
    numbers: ClassVar[tuple[str, ...]] = (
        *("scene", "second", "hop_ms", "f_max", "range_db", "background_db"),
    )

    scene: Scene = "any"
    """What sounds most; `any` draws one for each picture. A second scene and noise may sound under it."""
    hop_low: Annotated[float, Range(1, 100)] = 5.0
    """Shortest time from one column to the next, milliseconds; drawn log-uniformly for each picture."""
    hop_high: Annotated[float, Range(1, 100)] = 20.0
    """Longest time from one column to the next, milliseconds."""
    f_min_low: Annotated[float, Range(0, 500)] = 20.0
    """Lowest lower edge of the lowest band, hertz; drawn uniformly for each picture."""
    f_min_high: Annotated[float, Range(0, 500)] = 80.0
    """Highest lower edge of the lowest band, hertz."""
    f_max_low: Annotated[float, Range(1000, 48_000)] = 4000.0
    """Lowest upper edge of the highest band, hertz; drawn log-uniformly for each picture."""
    f_max_high: Annotated[float, Range(1000, 48_000)] = 16_000.0
    """Highest upper edge of the highest band, hertz."""
    mel_scale: Literal["htk", "slaney"] = "htk"
    """`htk` is 1127 ln(1 + f/700); `slaney`, as in librosa, is linear below 1 kHz and logarithmic above."""
    range_low: Annotated[float, Range(10, 120)] = 50.0
    """Fewest decibels from the darkest to the brightest shade; drawn uniformly for each picture."""
    range_high: Annotated[float, Range(10, 120)] = 90.0
    """Most decibels from the darkest to the brightest shade."""
    lowest_row: Literal["top", "bottom"] = "top"
    """Where the lowest band lies: `top` as in an array of bands, `bottom` as in a printed spectrogram."""
    colours: Annotated[int, Range(1, 16)] = 1
    """Random colours the palette runs through; 1 is black to white."""

    @property
    def num_classes(self) -> int:
        """One for each kind of scene, whichever are drawn."""
        return len(SCENES)

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with levels in decibels, which lie in them as [frames, bands]."""
        return self._fill(seeds, fields, NO_ROLLS, pixels, -1)

    def views_rectangle(
        self, seeds: Sequence[int], height: int, width: int, views: int
    ) -> tuple[Pictures, ...]:
        """Record the same sound anew for each view, which is a part of it; see `Family.draw_views`."""
        room = np.empty((1, height, longer(width)), np.float32)
        recordings = []
        for view in range(views):
            streams, pixels = blank(seeds, *room.shape[1:])
            drawn = self._fill(streams, room, NO_ROLLS, pixels, view)
            params = [self.describe(row) for row in drawn.tolist()]
            recordings.append(Pictures(pixels, params, self.classes(drawn)))
        return crops(seeds, recordings, height, width)

    def _fill(self, seeds: Seeds, fields: Field, rolls: Field, pixels: Pixels, view: int) -> Numbers:
        drawn = np.empty((len(seeds), len(self.numbers)))
        scenes = np.arange(len(SCENES)) if self.scene == "any" else np.array([SCENES.index(self.scene)])
        hops = (self.hop_low / 1000, self.hop_high / 1000)
        lowest = (float(self.f_min_low), float(self.f_min_high))
        highest = (float(self.f_max_low), float(self.f_max_high))
        spans = (float(self.range_low), float(self.range_high))
        upright = self.lowest_row == "bottom"
        fields = fields.reshape(len(fields), *fields.shape[:0:-1])
        ranges = (hops, lowest, highest, spans)
        slaney, colours = self.mel_scale == "slaney", self.colours
        _draw(seeds, scenes, ranges, slaney, upright, colours, view, fields, rolls, pixels, drawn)
        return drawn

    def field_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.float32]:
        """Return the levels as the pictures show them, decibels, float32 [N, bands, frames].

        A picture's shades end at the highest level and begin ``range_db`` of its params below it.
        """
        levels = super().field_rectangle(seeds, height, width).reshape(-1, width, height).swapaxes(1, 2)
        return np.ascontiguousarray(levels[:, ::-1] if self.lowest_row == "bottom" else levels)

    def piano_roll_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.float32]:
        """Return the tones that can be heard, float32 [N, 96, W]; see `Family.piano_roll`."""
        streams, pixels = blank(seeds, height, width)
        rolls = np.empty((len(seeds), width, PITCHES), np.float32)
        self._fill(streams, np.empty((1, height, width), np.float32), rolls, pixels[:0], -1)
        return np.ascontiguousarray(rolls.swapaxes(1, 2))

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return the params of a picture.

        They are ``scene``, ``second`` scene or "none", ``hop_ms`` from column to column, ``f_max`` in
        hertz, ``range_db`` shown, and ``background_db``, the level of the noise that is always there.
        """
        scene, second = int(drawn[0]), int(drawn[1])
        names = {"scene": SCENES[scene], "second": SCENES[second] if second >= 0 else "none"}
        return super().describe(drawn) | names

    def classes(self, drawn: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the main scenes."""
        return drawn[:, 0].astype(np.int64)
