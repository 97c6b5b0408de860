"""Looking at families before anything is written into a dataset: contact sheets and single pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import tyro
from numpy.typing import NDArray

from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError
from patterngen.families import Family, families, family, make
from patterngen.format_version import EXACT
from patterngen.gl.folder import shader_folder_setting
from patterngen.gl.options import Options, drawing
from patterngen.kernel_build import kernel_families, prepare
from patterngen.metrics import total_variation
from patterngen.plugins import PluginError
from patterngen.report import SheetRow, contact_sheet
from patterngen.storage.files import atomic_file, output_file, write_atomic
from patterngen.storage.home import expanded
from patterngen.storage.places import Place

MAX_COUNT = 4096


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """Which pictures to lay out on a contact sheet."""

    family: tyro.conf.Positional[tuple[str, ...]] = ()
    """Families, NAME or NAME?setting=value&setting=value; without any, all that can be drawn here.
    `smooth:NAME` dials each picture's Total Variation, `mixup:NAME,NAME` mixes pictures."""
    out: str
    """The sheet, a PNG file."""
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for each family of that name that does not say otherwise; again for more."""
    count: int = 16
    """Pictures per family."""
    size: int = 128
    """Height and width of a picture in pixels."""
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

    def __post_init__(self) -> None:
        _ = self.drawing  # which checks itself
        if not 1 <= self.count <= MAX_COUNT:
            raise PatternGenError(f"count {self.count}: give a number from 1 to {MAX_COUNT}")
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


@dataclass(frozen=True, kw_only=True)
class ShowConfig:
    """Which picture to draw."""

    family: tyro.conf.Positional[str]
    """The family as a manifest names it: NAME or NAME?setting=value&setting=value."""
    seed: int
    """The picture's seed, as its manifest row gives it. From 2^53 on, as in folders of format 1, take it from
    the parquet: jq and JavaScript round such numbers, and another seed draws another picture."""
    size: int = 256
    """Height and width in pixels, as its manifest row gives them."""
    out: str
    """The picture, a PNG file: exactly the pixels that were measured and then encoded."""
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for a family of that name that does not say otherwise; again for more."""
    shader_dir: str | None = None
    """Draw `shaders` with the programs of this folder: Shadertoy, TwiGL or our own dialect."""
    device: str = "auto"
    """What shader programs draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""
    shader_budget: float | None = None
    """Seconds that a picture of a shader program may take: 3 unless given, and more beyond 512² pixels."""
    quarantine: str | None = None
    """The quarantine.jsonl of the picture's dataset, if it has one: the programs that were left out there."""

    def __post_init__(self) -> None:
        _ = self.drawing  # which checks itself
        check_drawing(self.out, self.size, self.seed)

    @property
    def settings(self) -> tuple[str, ...]:
        """Settings for all families of a name."""
        return (*self.set, *shader_folder_setting(self.shader_dir))

    @property
    def warning(self) -> str | None:
        """A line for the user whose seed looks as if a reader of float64 had changed it."""
        if self.seed < EXACT:
            return None
        near = float(self.seed)
        # What jq of 2023 and later, JavaScript, and older jq write for it.
        if self.seed not in {int(near), int(Decimal(repr(near))), int(Decimal(f"{near:.17g}"))}:
            return None
        return (
            f"seed {self.seed} looks rounded, as jq and JavaScript round integers from 2^53 on, and would "
            "then draw another picture: compare it with the manifest's parquet"
        )

    @property
    def drawing(self) -> Options:
        """How OpenGL draws: with the programs that the dataset was drawn with, or not at all."""
        listed = expanded(self.quarantine) if self.quarantine is not None else None
        if listed is not None and not listed.is_file():
            raise PatternGenError(f"quarantine {self.quarantine!r}: no such file")
        return Options(self.device, self.shader_budget, listed, closed=True)


@dataclass(frozen=True)
class Preview:
    """What was drawn, and what could not be."""

    path: Place
    families: tuple[str, ...]
    skipped: tuple[str, ...]
    """Why families were left out that nobody asked for by name."""


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
        contact_sheet(rows, columns=min(16, max(4, 1280 // config.size))).save(file, "PNG")
    return Preview(
        path,
        tuple(drawn),
        tuple(f"{name} is left out: {error}" for name, error in skipped.items()),
    )


Row = tuple[NDArray[np.uint8], list[str]]
"""Pictures and what stands under each."""


def _draw(one: Family, seeds: Sequence[int], size: int) -> Row:
    """Draw a row of the sheet; pictures that would share their network get one each."""
    apart = one.kin > 1 and max(seeds) < 1 << 31
    pixels = one.draw([seed << 32 for seed in seeds] if apart else seeds, size).pixels
    values = total_variation(pixels).tv
    unit = " x 2^32" if apart else ""
    return pixels, [f"{seed}{unit}: tv {tv:.3f}" for seed, tv in zip(seeds, values, strict=True)]


def _draw_all(seeds: Sequence[int], size: int) -> tuple[dict[str, Row], dict[str, Exception]]:
    """Draw every family that can be drawn here with its defaults; say why of the others."""
    drawn: dict[str, Row] = {}
    skipped: dict[str, Exception] = {}
    prepare([one for one in kernel_families() if not one.slow])
    for name in families():
        try:
            one = family(name)
            if one.slow:
                raise PatternGenError("a picture takes long; name it to see it")
            drawn[name] = _draw(one, seeds, size)
        except (PatternGenError, PluginError) as error:
            skipped[name] = error
    return drawn, skipped


def show(config: ShowConfig) -> str:
    """Draw one picture into a PNG file and return a line about it.

    Raises:
        PatternGenError: an unknown family or setting, or a size that it cannot draw.
    """
    with drawing(config.drawing):
        pixels = family(config.family, config.settings).draw([config.seed], config.size).pixels
    write_atomic(output_file(config.out, ".png"), encode(pixels[0], Encoding(format="png")))
    tv = float(total_variation(pixels).tv[0])
    return f"{config.out}: {config.family} seed {config.seed}, {config.size} × {config.size}, tv {tv:.6f}"


def check_drawing(out: str, size: int, seed: int) -> None:
    """Raise PatternGenError for an output that cannot be, or a size or seed that no family draws."""
    output_file(out, ".png")
    if not 1 <= size <= 16384:
        raise PatternGenError(f"size {size}: give a number of pixels from 1 to 16384")
    if not 0 <= seed < 2**63:
        raise PatternGenError(f"seed {seed}: give a number from 0 to 2^63 - 1")
