"""What the pictures of a dataset are like: smoothness by three definitions, complexity, spectrum, a sheet."""

import json
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from patterngen import spectral_slope, total_variation, zlib_bpp
from patterngen.browse.contact_sheet import SheetRow, contact_sheet
from patterngen.sizes import parse_pair
from patterngen.storage.files import atomic_file, write_atomic
from patterngen.storage.texts import parse_json
from trainer import digests
from trainer.data.contract import Reader, Source
from trainer.data.pixels import Framing, luma
from trainer.data.sources import open_sources
from trainer.pretraining.config import PretrainConfig
from trainer.study.grid import fit_for_a_folder

_ON_A_SHEET = 12


@dataclass(frozen=True, kw_only=True)
class PictureMeasures:
    """Means over the first pictures of a dataset, as an encoder is given them.

    Attributes:
        pictures: how many were measured.
        tv: Total Variation, mean of abs(Δx) + abs(Δy) of the luma in [0, 1].
        tv_iso: Total Variation, mean of √(Δx² + Δy²) of the luma.
        tv_rgb: Total Variation, mean of abs(Δx) + abs(Δy) over the channels.
        zlib_bpp: complexity, bytes per pixel.
        slope: exponent of the power spectrum.
        brightness: mean luma in [0, 1].
        contrast: mean over pictures of the luma's standard deviation.
        classes: how many different classes those pictures are of.
    """

    pictures: int
    tv: float
    tv_iso: float
    tv_rgb: float
    zlib_bpp: float
    slope: float
    brightness: float
    contrast: float
    classes: int


def source_of(config: PretrainConfig) -> Source:
    """Open what a run learns from.

    Raises:
        PatternGenError: no such dataset or family, or settings that do not go together.
    """
    return open_sources(
        config.data,
        config.draw,
        size=parse_pair(config.image_size),
        seed=config.seed,
        tv_min=config.tv_min,
        tv_max=config.tv_max,
        keep=config.keep,
        skip_bad=config.skip_bad,
    )


def measured_file(out: Path, dataset: str, config: PretrainConfig) -> Path:
    """Return where the measures of a run's dataset lie; runs with equal pictures share them."""
    pictures = (config.data, config.draw, config.keep, config.tv_min, config.tv_max, config.image_size)
    digest = digests.of_values(*pictures, config.augment)[:8]
    return out / "datasets" / f"{fit_for_a_folder(dataset)},{digest}.json"


def measure_dataset(config: PretrainConfig, count: int, file: Path) -> None:
    """Measure the first pictures of a run's dataset, and draw some of them beside the numbers.

    Args:
        config: settings of the run.
        count: how many pictures.
        file: JSON to write; the sheet has its name and ends in .png. Where it is there, nothing is done.
    """
    if file.exists():
        return
    size = parse_pair(config.image_size)
    framing = Framing(size=size, channels=3, augment=config.augment, seed=config.seed)
    samples = list(islice(source_of(config).samples(Reader(0, 1), 0), count))
    pixels = np.stack([framing(sample).transpose(1, 2, 0) for sample in samples])
    tv, light = total_variation(pixels), np.stack([luma(picture) for picture in pixels]) / 255
    found = PictureMeasures(
        pictures=len(pixels),
        tv=float(tv.tv.mean()),
        tv_iso=float(tv.tv_iso.mean()),
        tv_rgb=float(tv.tv_rgb.mean()),
        zlib_bpp=float(zlib_bpp(pixels).mean()),
        slope=float(spectral_slope(pixels).mean()),
        brightness=float(light.mean()),
        contrast=float(light.std(axis=(1, 2)).mean()),
        classes=len({sample.class_id for sample in samples}),
    )
    shown = pixels[:_ON_A_SHEET]
    captions = [f"tv {value:.3f}" for value in tv.tv[:_ON_A_SHEET]]
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet = contact_sheet([SheetRow("", shown, captions)], columns=_ON_A_SHEET)
    with atomic_file(file.with_suffix(".png")) as png:
        sheet.save(png, format="png")
    write_atomic(file, json.dumps(asdict(found), indent=1).encode())  # last: with it, the dataset is measured


def read_measures(file: Path) -> PictureMeasures | None:
    """Read what was measured, if it was."""
    if not file.exists():
        return None
    return PictureMeasures(**parse_json(file.read_bytes()))
