"""From a sample to an input: decode, crop, scale and mirror, in bytes.

Letters in shapes: C channels, H×W pixels.
"""

import math
import random
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from patterngen import PatternGenError
from patterngen.encode import decode
from trainer.data.contract import Augment, Sample
from trainer.errors import TrainerError

_LUMA = (299, 587, 114)
_AREA = 0.2, 1.0
_ASPECT = 3 / 4, 4 / 3
_TRIES = 10


@dataclass(frozen=True, kw_only=True)
class Framing:
    """Inputs of one size from pictures of any.

    Attributes:
        size: height and width in pixels.
        channels: 3, or 1 for the luma.
        augment: how; see `Augment`.
        mirror: whether half of the inputs are mirrored left to right; in a spectrogram that turns time round.
        seed: the seed of crops and mirroring.
    """

    size: tuple[int, int]
    channels: int
    augment: Augment = "crop"
    mirror: bool = False
    seed: int = 0

    def __call__(self, sample: Sample) -> NDArray[np.uint8]:
        """Return the input uint8 [C, H, W] that a sample gives.

        Raises:
            PatternGenError: the sample cannot be read, or is too small.
        """
        pixels = self._decoded(sample)
        chance = random.Random(f"{self.seed}/{sample.epoch}/{sample.key}")  # noqa: S311 (no secret)
        height, width = self.size
        if self.augment == "mae":
            pixels = scaled(_part(pixels, chance), self.size)
        else:
            spare = pixels.shape[0] - height, pixels.shape[1] - width
            if min(spare) < 0:
                raise TrainerError(
                    f"{sample.place}: picture {sample.key} is {pixels.shape[0]}×{pixels.shape[1]}, smaller "
                    f"than --image-size {height}x{width}: draw larger pictures, ask for a smaller input, or "
                    "scale with --augment mae"
                )
            top, left = ((side // 2 if self.augment == "none" else chance.randint(0, side)) for side in spare)
            pixels = pixels[top : top + height, left : left + width]
        if self.mirror and chance.random() < 0.5:
            pixels = pixels[:, ::-1]
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def _decoded(self, sample: Sample) -> NDArray[np.uint8]:
        """Return the pixels of a sample, uint8 [H, W, C]."""
        if isinstance(sample.content, PatternGenError):
            raise sample.content
        if isinstance(sample.content, bytes):
            try:
                return decode(sample.content, gray=self.channels == 1)
            except PatternGenError as error:
                raise TrainerError(f"{sample.place}: picture {sample.key}: {error}") from None
        if sample.content.shape[2] == self.channels:
            return sample.content
        return luma(sample.content)[..., None]


def luma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ITU-R BT.601 luma of RGB pixels [H, W, 3] as bytes [H, W]."""
    red, green, blue = (pixels[..., i].astype(np.uint32) * weight for i, weight in enumerate(_LUMA))
    return ((red + green + blue + 500) // 1000).astype(np.uint8)


def scaled(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Scale bytes [H, W, C] to another height and width, bicubic, averaging where that shrinks."""
    if pixels.shape[:2] == size:
        return pixels
    picture = torch.from_numpy(np.array(pixels, order="C")).permute(2, 0, 1)[None]
    # torch has vector code for bytes in this layout: a quarter of Pillow's time for the same bytes ± 2.
    result = functional.interpolate(picture, size, mode="bicubic", antialias=True)
    return result[0].permute(1, 2, 0).numpy()


def _part(pixels: NDArray[np.uint8], chance: random.Random) -> NDArray[np.uint8]:
    """Return a random part of 20 to 100 % of the area, its sides 3:4 to 4:3.

    Parts that do not fit are drawn again; where none fits, it is the largest square in the middle (Szegedy
    et al., "Going deeper with convolutions", CVPR 2015, section 6; the numbers are those of the MAE paper).
    """
    rows, columns = pixels.shape[:2]
    for _ in range(_TRIES):
        area = rows * columns * chance.uniform(*_AREA)
        aspect = math.exp(chance.uniform(math.log(_ASPECT[0]), math.log(_ASPECT[1])))
        width, height = round((area * aspect) ** 0.5), round((area / aspect) ** 0.5)
        if 0 < width <= columns and 0 < height <= rows:
            top, left = chance.randint(0, rows - height), chance.randint(0, columns - width)
            break
    else:
        height = width = min(rows, columns)
        top, left = (rows - height) // 2, (columns - width) // 2
    return pixels[top : top + height, left : left + width]
