"""`smooth`: any family's pictures, each brought to an asked Total Variation."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.tv_matcher import TVMatcher
from patterngen.families import register
from patterngen.families.model.pictures import Param, Pictures
from patterngen.families.model.settings import Range
from patterngen.families.model.wrapper import Wrapper
from patterngen.kernels.jit import kernel
from patterngen.rng import stream, uniform

_SALT = 0x64692061  # the inner family starts its random numbers from the seed itself


@register
@dataclass(frozen=True, kw_only=True)
class Smooth(Wrapper):
    """Another family's pictures made smoother or rougher until they have an asked Total Variation.

    The picture that is filtered follows from the seed alone. So two datasets of one seed, brought to two
    values, hold matched pictures: of the same class, mean and contrast, they differ in little but smoothness.
    """

    name: ClassVar[str] = "smooth"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "ours: low-pass and spectral tilt of the cosine transform, solved for each picture"
    )

    of: str = "dead-leaves-mixed"
    """The family whose pictures are filtered; it is written behind a colon: `smooth:fbm`."""
    tv_low: Annotated[float, Range(0, 2)] = 0.01
    """Smallest Total Variation asked for; drawn uniformly for each picture. `tv=0.02` sets both ends."""
    tv_high: Annotated[float, Range(0, 2)] = 0.05
    """Largest Total Variation asked for."""
    stretch: Annotated[float, Range(1, 1000)] = 4.0
    """The most by which to stretch contrast that smoothing has taken; beyond it, a picture gets paler."""

    @property
    def num_classes(self) -> int:
        """Number of classes of the inner family."""
        return self.parts[0].num_classes

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; its params are the inner family's and how it was filtered.

        ``smooth_tv`` is what was asked for, ``smooth_sigma`` the width of the low-pass in pixels,
        ``smooth_tilt`` the exponent of the spectral tilt, and ``smooth_contrast`` what is left of the
        channels' standard deviation. If not ``smooth_reached``, the picture has the Total Variation nearest
        to the asked one that was found.
        """
        inner = self.parts[0].draw(seeds, (height, width))
        pixels = np.array(inner.pixels)
        asked = _asked(np.asarray(seeds, np.uint64), float(self.tv_low), float(self.tv_high)).tolist()
        matcher = TVMatcher(height, width, stretch=float(self.stretch))
        params: list[dict[str, Param]] = []
        for picture, drawn, tv in zip(pixels, inner.params, asked, strict=True):
            match = matcher.match(picture, tv)
            said = {"tv": tv, **asdict(match)}
            params.append({**drawn, **{f"smooth_{key}": value for key, value in said.items()}})
        return replace(inner, pixels=pixels, params=params)


@kernel
def _asked(seeds: NDArray[np.uint64], low: float, high: float) -> NDArray[np.float64]:
    """Draw each picture's Total Variation from U(low, high)."""
    out = np.empty(len(seeds))
    for n in range(len(seeds)):
        out[n] = uniform(stream(seeds[n] ^ np.uint64(_SALT)), low, high)
    return out
