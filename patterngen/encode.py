"""Pictures to bytes and back: JPEG, PNG, WebP."""

import io
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from patterngen.errors import PatternGenError
from patterngen.limits import MAX_PIXELS

Format = Literal["jpg", "png", "webp"]


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How pictures are written.

    Raises:
        PatternGenError: an unknown format, or a quality outside 1 … 100.
    """

    format: Format = "jpg"
    quality: int = 95
    """1 … 100, of JPEG and WebP; PNG is lossless."""

    def __post_init__(self) -> None:
        if self.format not in get_args(Format):
            raise PatternGenError(f"picture format {self.format!r}: choose {', '.join(get_args(Format))}")
        if not 1 <= self.quality <= 100:
            raise PatternGenError(f"picture quality {self.quality}: choose 1 … 100")


def encode(picture: NDArray[np.uint8], encoding: Encoding) -> bytes:
    """Encode one picture, uint8 [H, W, 3]. JPEG keeps colour at half resolution (4:2:0), as is usual."""
    if encoding.format == "jpg":
        picture = np.ascontiguousarray(picture)
        return bytes(simplejpeg.encode_jpeg(picture, encoding.quality, "RGB", colorsubsampling="420"))
    buffer = io.BytesIO()
    if encoding.format == "png":
        Image.fromarray(picture).save(buffer, "PNG")
    else:
        Image.fromarray(picture).save(buffer, "WEBP", quality=encoding.quality)
    return buffer.getvalue()


def decode(data: bytes, *, gray: bool = False) -> NDArray[np.uint8]:
    """Decode one JPEG, PNG or WebP picture to uint8 [H, W, 3].

    Args:
        data: the bytes of the file.
        gray: give the luma alone, [H, W, 1]; of a JPEG it is stored as such, and need not be computed.

    Raises:
        PatternGenError: the bytes are none of the three, are damaged, or claim more than `MAX_PIXELS`.
    """
    try:
        if data[:2] == b"\xff\xd8":
            height, width, _, _ = simplejpeg.decode_jpeg_header(data)
            _bound(height, width)
            return np.asarray(simplejpeg.decode_jpeg(data, colorspace="GRAY" if gray else "RGB"))
        with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as image:
            _bound(image.height, image.width)
            if gray:
                return np.asarray(image.convert("RGB").convert("L"))[..., None]
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PatternGenError(f"a picture of {len(data)} bytes cannot be decoded: {error}") from error


def thumbnail(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a copy, uint8 [h, w, 3], of which neither side is longer than `side`; none is enlarged."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _bound(height: int, width: int) -> None:
    if height * width > MAX_PIXELS:
        raise PatternGenError(f"a picture claims {width} × {height} pixels; at most {MAX_PIXELS} are decoded")
