"""`rcdb`: radial contours of few to many corners, gray on white."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from patterngen.families import register
from patterngen.families.contours import Contours, Laws
from patterngen.families.model.settings import Range


@register
@dataclass(frozen=True, kw_only=True)
class Rcdb(Contours):
    """Polygons of many grays around a centre, frayed and grown outward line by line, on white."""

    name: ClassVar[str] = "rcdb"
    source: ClassVar[str] = (
        "Kataoka et al., Replacing Labeled Real-image Datasets with Auto-generated Contours, CVPR 2022"
    )
    ground: ClassVar[int] = 255

    vertices_low: Annotated[int, Range(3, 2000)] = 3
    """Fewest vertices of a line; all of a category's lines have as many."""
    vertices_high: Annotated[int, Range(3, 2000)] = 200
    """Most vertices of a line."""
    vertices_mean: Annotated[float, Range(1, 1_000_000)] = 100.0
    """Mean of the exponential law of the vertices, before it is cut off at the fewest and the most."""
    radius_low: Annotated[int, Range(0, 512)] = 0
    """Least radius at the start, in units of 1/512 of the picture's width; drawn for each category."""
    radius_high: Annotated[int, Range(0, 512)] = 100
    """Greatest radius at the start."""

    @property
    def laws(self) -> Laws:
        """What the categories are drawn from."""
        return super().laws._replace(vertices_mean=float(self.vertices_mean))
