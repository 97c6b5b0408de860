"""`visual-atom`: radial contours with two waves around the centre, gray on black."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from patterngen.families import register
from patterngen.families.contours import Contours, Laws
from patterngen.families.model.settings import Range


@register
@dataclass(frozen=True, kw_only=True)
class VisualAtom(Contours):
    """Wavy contours of many grays around a centre, grown outward line by line, on black."""

    name: ClassVar[str] = "visual-atom"
    source: ClassVar[str] = (
        "Takashima et al., Visual Atoms: Pre-training Vision Transformers with Sinusoidal Waves, CVPR 2023"
    )
    ground: ClassVar[int] = 0

    waves_high: Annotated[int, Range(0, 1000)] = 20
    """Most periods around the centre of the two waves, from 0; unlike, unless both 0; per category."""

    @property
    def laws(self) -> Laws:
        """What the categories are drawn from."""
        return super().laws._replace(waves=self.waves_high)
