"""``patterngen preview``: a contact sheet of families, before anything is written into a dataset."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tyro
from numpy.typing import NDArray

from patterngen.browse.contact_sheet import SheetRow, contact_sheet
from patterngen.common.plugins import PluginError
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.families import Family, family, known_families, make
from patterngen.jobs.kernel_build import kernel_families, prepare
from patterngen.limits import MAX_SEED, MAX_SHEET, check_range
from patterngen.metrics import total_variation
from patterngen.shaders.language.folder import folder_notes, shader_folder_setting
from patterngen.shaders.language.noted import tell
from patterngen.shaders.render.options import Options, drawing
from patterngen.sizes import Size, picture_shape
from patterngen.storage.files import atomic_file, output_file
from patterngen.storage.places import Place
from patterngen.terminal import print_notice, print_report


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """Which pictures to lay out on a contact sheet."""

    family: tyro.conf.Positional[tuple[str, ...]] = ()
    """Families, NAME or NAME?setting=value&setting=value; without any, all that can be drawn here.
    `smooth:NAME` sets each picture's Total Variation, `mixup:NAME,NAME` mixes pictures."""
    out: str
    """The sheet, a PNG file."""
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for each family of that name that does not say otherwise."""
    count: int = 16
    """Pictures per family."""
    size: int | str = 128
    """Pixels of a picture: 128 for a square, 80x208 for height and width."""
    seed: int = 0
    """Seed of each family's first picture; the following ones count up, in steps of 2^32 where pictures would
    otherwise share a network."""
    shader_dir: str | None = None
    """Draw `shaders` with the programs of this folder: Shadertoy, TwiGL or our own dialect."""
    device: str = "auto"
    """What shader programs draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""
    shader_budget: float | None = None
    """Seconds that a picture of a shader program may take before the program is left out: 3 unless given,
    and more beyond 512² pixels."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        _ = self.drawing  # which checks itself
        check_range("count", self.count, 1, MAX_SHEET)
        if self.settings and not self.family:
            raise PatternGenError(f"--set {self.settings[0]}: name the families to draw with it")
        check_drawing(self.out, self.size, self.seed)
        check_drawing(self.out, self.size, self.seed + self.count - 1)

    @property
    def settings(self) -> tuple[str, ...]:
        """Settings for all families of a name."""
        return (*self.set, *shader_folder_setting(self.shader_dir))

    @property
    def drawing(self) -> Options:
        """How OpenGL draws."""
        return Options(self.device, self.shader_budget)


@dataclass(frozen=True)
class Preview:
    """What was drawn, and what could not be."""

    path: Place
    families: tuple[str, ...]
    skipped: tuple[str, ...]
    """Why families were left out that nobody asked for by name."""

    def to_json(self) -> dict[str, object]:
        """Return the sheet's path, what is on it and what is not."""
        return {"path": str(self.path), "families": list(self.families), "skipped": list(self.skipped)}

    def __str__(self) -> str:
        return f"{visible(str(self.path))}: {', '.join(self.families)}"


def run(config: PreviewConfig) -> None:
    """Draw a contact sheet of families, with seed and Total Variation under each picture."""
    for note in folder_notes(config.shader_dir):
        print_notice(note)
    result = preview(config)
    for line in result.skipped:
        print_notice(f"warning: {line}")
    print_report(result, json=config.json)


def preview(config: PreviewConfig) -> Preview:
    """Draw a labelled contact sheet: a row per family, seed and Total Variation under each picture.

    Raises:
        PatternGenError: an unknown family or setting, a size that a family cannot draw, or a family asked
            for by name that needs something this machine lacks.
        PluginError: a family asked for by name is a plugin's, which failed.
    """
    seeds = range(config.seed, config.seed + config.count)
    with drawing(config.drawing):
        if config.family:
            made = make(config.family, config.settings)
            prepare(made)
            drawn = {
                text: _draw(one, seeds, config.size) for text, one in zip(config.family, made, strict=True)
            }
            skipped: dict[str, Exception] = {}
        else:
            drawn, skipped = _draw_all(seeds, config.size)
    rows = [SheetRow(text, pixels, captions) for text, (pixels, captions) in drawn.items()]
    path = output_file(config.out, ".png")
    with atomic_file(path) as file:
        columns = 1280 // max(picture_shape(config.size))
        contact_sheet(rows, columns=min(16, max(4, columns))).save(file, "PNG")
    return Preview(
        path, tuple(drawn), tuple(f"{name} is left out: {error}" for name, error in skipped.items())
    )


Captioned = tuple[NDArray[np.uint8], list[str]]
"""Pictures and what stands under each."""


def _draw(one: Family, seeds: Sequence[int], size: Size) -> Captioned:
    """Draw a row of the sheet; pictures that would share their network get one each."""
    apart = one.seed_group > 1 and max(seeds) < 1 << 31
    pictures = one.draw([seed << 32 for seed in seeds] if apart else seeds, size)
    for program in pictures.failed:
        program.warn()
    tell(pictures.noted)
    pixels = pictures.pixels
    values = total_variation(pixels).tv
    unit = " x 2^32" if apart else ""
    return pixels, [f"{seed}{unit}: tv {tv:.3f}" for seed, tv in zip(seeds, values, strict=True)]


def _draw_all(seeds: Sequence[int], size: Size) -> tuple[dict[str, Captioned], dict[str, Exception]]:
    """Draw every family that can be drawn here with its defaults; say why of the others."""
    drawn: dict[str, Captioned] = {}
    skipped: dict[str, Exception] = {}
    prepare([one for one in kernel_families() if not one.slow])
    for name in known_families():
        try:
            one = family(name)
            if one.slow:
                raise PatternGenError("a picture takes long; name it to see it")
            drawn[name] = _draw(one, seeds, size)
        except (PatternGenError, PluginError) as error:
            skipped[name] = error
    return drawn, skipped


def check_drawing(out: str, size: Size, seed: int) -> None:
    """Raise PatternGenError for an output that cannot be, or a size or seed that no family draws."""
    output_file(out, ".png")
    picture_shape(size)
    check_range("seed", seed, 0, MAX_SEED)
