"""Pictures of the gallery with their measures, drawn once: what was drawn stays in ``build/gallery``."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from patterngen import PatternGenError, family, known_families, total_variation
from patterngen.measures import zlib_bpp
from scripts.site.stage import ROOT

KEPT = ROOT / "build/gallery"
GAP = 4
"""Pixels between two pictures of a strip."""


@dataclass(frozen=True)
class Strip:
    """Several pictures of one family side by side.

    Attributes:
        text: what names the family, with its settings.
        seeds: of the pictures, from left to right.
        size: pixels of each one's side.
        tv: Total Variation of each picture.
        bpp: complexity of each, bytes per pixel.
        image: the file, a JPEG; None where this machine cannot draw it.
        why: what is missing there.
    """

    text: str
    seeds: tuple[int, ...]
    size: int
    tv: tuple[float, ...] = ()
    bpp: tuple[float, ...] = ()
    image: Path | None = None
    why: str = ""


def draw_strip(text: str, count: int, size: int) -> Strip:
    """Draw the first pictures of a family, or take them from those that were drawn before."""
    version = known_families()[re.split("[?:]", text)[0]].version
    digest = hashlib.sha256(f"{text} {version} {count} {size}".encode()).hexdigest()[:16]
    image, told = KEPT / f"{digest}.jpg", KEPT / f"{digest}.json"
    if told.exists():
        found = json.loads(told.read_text(encoding="utf-8"))
        return Strip(text, tuple(found["seeds"]), size, tuple(found["tv"]), tuple(found["bpp"]), image)
    try:
        one = family(text)
        seeds = [seed << 32 if one.seed_group > 1 else seed for seed in range(count)]
        pixels = one.draw(seeds, size).pixels
    except (PatternGenError, ImportError) as error:
        return Strip(text, (), size, why=str(error))
    tv, bpp = total_variation(pixels).tv.round(4).tolist(), zlib_bpp(pixels).round(3).tolist()
    strip = Strip(text, tuple(seeds), size, tuple(tv), tuple(bpp), image)
    KEPT.mkdir(parents=True, exist_ok=True)
    Image.fromarray(_beside_one_another(pixels)).save(image, quality=88)
    told.write_text(json.dumps({key: asdict(strip)[key] for key in ("seeds", "tv", "bpp")}), encoding="utf-8")
    return strip


def quartiles(values: Sequence[float], digits: int) -> str:
    """Write the quartiles of a measure: its middle, and where half of it lies."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return f"{middle:.{digits}f} ({low:.{digits}f} … {high:.{digits}f})"


def _beside_one_another(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay pictures [N, H, W, 3] in a row, with a gap between two."""
    padded = np.pad(pixels, ((0, 0), (0, 0), (0, GAP), (0, 0)), constant_values=255)
    return np.concatenate(list(padded), axis=1)[:, :-GAP]
