"""Looking at families before anything is written into a dataset: contact sheets and single pictures."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from patterngen.encode import Encoding, encode
from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.families import families, family
from patterngen.files import output_file, write_atomic
from patterngen.metrics import total_variation
from patterngen.report import SheetRow, contact_sheet

MAX_COUNT = 4096


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """Which pictures to lay out on a contact sheet."""

    family: tyro.conf.Positional[tuple[str, ...]] = ()
    """Families, NAME or NAME?setting=value&setting=value; without any, all that can be drawn here."""
    out: str
    """The sheet, a PNG file."""
    count: int = 16
    """Pictures per family."""
    size: int = 128
    """Height and width of a picture in pixels."""
    seed: int = 0
    """Seed of each family's first picture; the following ones count up."""

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT:
            raise PatternGenError(f"count {self.count}: give a number from 1 to {MAX_COUNT}")
        check_drawing(self.out, self.size, self.seed)
        check_drawing(self.out, self.size, self.seed + self.count - 1)


@dataclass(frozen=True, kw_only=True)
class ShowConfig:
    """Which picture to draw."""

    family: tyro.conf.Positional[str]
    """The family as a manifest names it: NAME or NAME?setting=value&setting=value."""
    seed: int
    """The picture's seed, as its manifest row gives it."""
    size: int = 256
    """Height and width in pixels, as its manifest row gives them."""
    out: str
    """The picture, a PNG file: exactly the pixels that were measured and then encoded."""

    def __post_init__(self) -> None:
        check_drawing(self.out, self.size, self.seed)


@dataclass(frozen=True)
class Preview:
    """What was drawn, and what could not be."""

    path: Path
    families: tuple[str, ...]
    skipped: tuple[str, ...]
    """Why families were left out that nobody asked for by name."""


def preview(config: PreviewConfig) -> Preview:
    """Draw a labelled contact sheet: a row per family, seed and Total Variation under each picture.

    Raises:
        PatternGenError: an unknown family or setting, a size that a family cannot draw, or a family asked
            for by name that needs something this machine lacks.
    """
    seeds = range(config.seed, config.seed + config.count)
    rows, skipped = [], []
    for label in config.family or tuple(families()):
        try:
            pixels = family(label).draw(seeds, config.size).pixels
        except MissingDependencyError as error:
            if config.family:
                raise
            skipped.append(f"{label} is left out: {error}")
            continue
        captions = [
            f"{seed}: tv {tv:.3f}" for seed, tv in zip(seeds, total_variation(pixels).tv, strict=True)
        ]
        rows.append(SheetRow(label, pixels, captions))
    contact_sheet(rows, columns=min(16, max(4, 1280 // config.size))).save(config.out, "PNG")
    return Preview(Path(config.out), tuple(row.title for row in rows), tuple(skipped))


def show(config: ShowConfig) -> str:
    """Draw one picture into a PNG file and return a line about it.

    Raises:
        PatternGenError: an unknown family or setting, or a size that it cannot draw.
    """
    pixels = family(config.family).draw([config.seed], config.size).pixels
    write_atomic(Path(config.out), encode(pixels[0], Encoding(format="png")))
    tv = float(total_variation(pixels).tv[0])
    return f"{config.out}: {config.family} seed {config.seed}, {config.size} × {config.size}, tv {tv:.6f}"


def check_drawing(out: str, size: int, seed: int) -> None:
    """Raise PatternGenError for an output that cannot be, or a size or seed that no family draws."""
    output_file(out, ".png")
    if not 1 <= size <= 16384:
        raise PatternGenError(f"size {size}: give a number of pixels from 1 to 16384")
    if not 0 <= seed < 2**63:
        raise PatternGenError(f"seed {seed}: give a number from 0 to 2^63 - 1")
