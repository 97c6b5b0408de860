"""`trainer map`: clips as points, where an encoder puts those that it finds alike beside each other.

Letters in shapes: N clips, D numbers of a clip's vector.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from math import ceil
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from patterngen.escape import visible
from patterngen.storage.files import output_file, write_atomic
from trainer.encoders.features import logmel_floor
from trainer.encoders.shipped import default_encoder
from trainer.errors import TrainerError
from trainer.figures import new_figure, write_figure
from trainer.results.names import FLOOR
from trainer.transfer.task_features import EvaluationConfig, TaskFeatures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "os^Dv"
_MOST_NAMED = 100
"""Classes that a legend can name."""
_IN_A_COLUMN = 22
"""Names that find room below one another in the height of the figure."""


@dataclass(frozen=True, kw_only=True)
class MapConfig(EvaluationConfig):
    """Settings of `map_clips`."""

    command: ClassVar[str] = "map"

    out: str
    """Figure to write: .png, .svg or .pdf."""


@dataclass(frozen=True)
class ClipMap:
    """What was drawn.

    Attributes:
        out: file of the figure.
        clips: number of points in each panel.
        classes: number of colours.
        variance: share of the variance that the two axes hold, by the name of the encoder.
    """

    out: str
    clips: int
    classes: int
    variance: dict[str, float]

    def __str__(self) -> str:
        shares = ", ".join(f"{share:.0%} of {visible(name)}" for name, share in self.variance.items())
        return (
            f"{visible(self.out)}: {self.clips} clips of {self.classes} classes; its two axes hold of the "
            f"variance {shares}"
        )


def map_clips(config: MapConfig) -> ClipMap:
    """Draw the clips of a task as points, coloured by class: a panel for each encoder, one for the mel bands.

    A clip's place are its first two principal components by the encoder's feature. Classes may be well apart
    in what two axes do not show: a map is a look at the clips, and no score.

    Raises:
        TrainerError: clips or encoders that cannot be read, clips of several labels, or no encoder named and
            none shipped.
        PatternGenError: nowhere to write.
    """
    out = output_file(config.out, ".png", ".svg", ".pdf")
    data = TaskFeatures(config if config.run else replace(config, run=(default_encoder(),)))
    if data.task.multi_label:
        raise TrainerError(
            f"{data.task.name}: its clips have several labels each, and a point has one colour"
        )
    if len(data.clips) < 3:
        raise TrainerError(f"{data.task.name}: {len(data.clips)} clips make no map; give 3 or more")
    vectors = {}
    for name, encoder in data.encoders().items():
        ready = data.standardised(encoder, data.folds[0])
        vectors[name] = data.embed(ready, [ready.feature], f"embed {name}")[ready.feature].numpy()
    vectors[FLOOR] = logmel_floor(data.clips).numpy()
    places = {name: principal_components(found) for name, found in vectors.items()}
    drawn = {name: points for name, (points, _) in places.items()}
    image = io.BytesIO()
    _draw(image, out.suffix[1:].lower(), drawn, data.task.targets, data.task.classes)
    write_atomic(out, image.getvalue())
    shares = {name: float(share.sum()) for name, (_, share) in places.items()}
    return ClipMap(config.out, len(data.clips), len(data.task.classes), shares)


def principal_components(
    vectors: NDArray[np.float32], count: int = 2
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project vectors onto the directions in which they vary most, each number standardised first.

    Numbers that are the same for all vectors are left out. The largest number of each direction is positive,
    so that a map is not mirrored from one machine to another.

    Args:
        vectors: [N, D], N at least 2.
        count: directions; where fewer numbers vary, the rest are 0.

    Returns:
        [N, count], and the share of the variance along each, [count].
    """
    values = vectors.astype(np.float64)
    values -= values.mean(axis=0)
    deviation = values.std(axis=0)
    values = values[:, deviation > 1e-6 * max(deviation.max(initial=0.0), 1e-30)]
    values /= values.std(axis=0)
    clips, numbers = values.shape
    points, shares = np.zeros((clips, count)), np.zeros(count)
    found = min(count, numbers, clips - 1)
    if found < 1:
        return points, shares
    # The smaller of the two Gram matrices has the same eigenvalues but for zeros.
    wide = numbers > clips
    gram = values @ values.T if wide else values.T @ values
    last = len(gram) - 1
    powers, directions = eigh(gram, subset_by_index=(last - found + 1, last))
    powers, directions = powers[::-1].clip(min=0), directions[:, ::-1]
    if wide:
        directions = values.T @ directions / np.sqrt(np.maximum(powers, np.finfo(float).tiny))
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, np.arange(found)])
    points[:, :found] = values @ directions
    shares[:found] = powers / values.size
    return points, shares


def _draw(
    image: io.BytesIO,
    form: str,
    places: Mapping[str, NDArray[np.float64]],
    targets: NDArray[np.int64],
    classes: Sequence[str],
) -> None:
    named = len(classes) <= _MOST_NAMED
    columns = ceil(len(classes) / _IN_A_COLUMN)
    figure = new_figure(4.8 * len(places) + (0.4 + 1.4 * columns) * named, 4.6)
    panels = figure.subplots(1, len(places), squeeze=False)[0]
    for axes, (name, points) in zip(panels, places.items(), strict=True):
        _panel(axes, points, targets, classes)
        axes.set_title(name)
    if named:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right upper", ncols=columns, fontsize="small")
    write_figure(figure, image, form)


def _panel(
    axes: "Axes", points: NDArray[np.float64], targets: NDArray[np.int64], classes: Sequence[str]
) -> None:
    import matplotlib as mpl

    few = len(classes) <= 10
    colours = [f"C{i}" for i in range(10)] if few else mpl.colormaps["turbo"](np.linspace(0, 1, len(classes)))
    for number, (label, marker) in enumerate(zip(classes, cycle(_MARKERS), strict=False)):
        own = points[targets == number]
        axes.scatter(
            own[:, 0],
            own[:, 1],
            s=14,
            color=[colours[number]],
            marker=marker,
            linewidths=0,
            alpha=0.75,
            label=label,
        )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_aspect("equal", adjustable="datalim")
