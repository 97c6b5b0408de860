"""Feature visualisation: pictures that excite the units of a network, trained on patterns or not at all.

Baradad et al. (2021) climb to the mean activation of average-pooled units of a ResNet-50, first of each
single unit, then of pairs. Ours differ in three things. All changes of a view are one interpolation. The
colour channels correlate by a number that can be set, in place of a matrix measured on photographs. Units
that never answer (the last ReLU keeps them at 0) are left out.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures
from patterngen.families.model.settings import Range
from patterngen.families.torch_device import backend, batches, repeatable

if TYPE_CHECKING:
    from patterngen.families.feature_vis.encoders import Encoder

LARGEST = 1024
"""Height and width of the largest picture: a ResNet-50 holds 4 GB for its gradient there."""


@dataclass(frozen=True, kw_only=True)
class _FeatureVis(Family):
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021"
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "per renderer"

    steps: Annotated[int, Range(1, 10_000)] = 128
    """Steps of the ascent: the more, the stronger the contrast."""
    pairs: Annotated[float, Range(0, 1)] = 0.98
    """Share of the pictures that excite two units at once; of 105 000 published ones, all but 2048."""
    colour_correlation: Annotated[float, Range(0, 0.99)] = 0.5
    """Correlation of the colour channels that ascent takes for granted: 0.9 is a photograph's, 0 garish."""

    @property
    def renderer(self) -> str:
        """Torch's version, the processor and the precision."""
        return backend().name

    def _encoder(self, network: int) -> "Encoder":
        """Return the network of a seed."""
        raise NotImplementedError

    def _networks(self, seeds: Sequence[int]) -> list[int]:
        """Return the seed of each picture's network."""
        raise NotImplementedError

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; ``unit`` and ``other_unit`` in its params are equal in a single one's.

        Raises:
            MissingDependencyError: torch or timm is not installed.
            PatternGenError: a size beyond 1024, or an encoder that cannot be used.
        """
        if not 1 <= size <= LARGEST:
            raise PatternGenError(f"{self.name}: cannot draw size {size}; give 1 … {LARGEST} pixels")
        width = backend().batch
        pixels = np.empty((len(seeds), size, size, 3), np.uint8)
        params: list[dict[str, Param]] = [{}] * len(seeds)
        networks = self._networks(seeds)
        with repeatable(), _installed():
            from patterngen.families.feature_vis.ascent import climb
            from patterngen.families.feature_vis.colour_spectrum import ColourSpectrum

            space = ColourSpectrum(size, self.colour_correlation)
            for places in batches(networks, width):
                encoder = self._encoder(networks[places[0]])
                streams = [np.random.default_rng([seeds[p] >> 32, seeds[p] & 0xFFFFFFFF]) for p in places]
                units = [self._choose(rng, encoder.units) for rng in streams]
                pictures = climb(encoder, space, units, streams, self.steps).pictures
                levels = (255 * pictures).round().byte().permute(0, 2, 3, 1).numpy()
                for place, pair, picture in zip(places, units, levels, strict=True):
                    pixels[place] = picture
                    params[place] = {**encoder.told, "unit": pair[0], "other_unit": pair[1]}
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))

    def _choose(self, rng: np.random.Generator, units: Sequence[int]) -> tuple[int, int]:
        """Draw the units of a picture: two different ones, or twice the same."""
        first, second = rng.choice(units, 2, replace=False)
        return int(first), int(second if rng.random() < self.pairs else first)


@register
@dataclass(frozen=True, kw_only=True)
class FeatureVisRandom(_FeatureVis):
    """Grainy clouds in strong colours: what excites an untrained ResNet."""

    name: ClassVar[str] = "feature-vis-random"
    seed_group: ClassVar[int] = 400
    slow: ClassVar[bool] = True

    model: Literal["resnet50", "resnet18"] = "resnet50"
    """The network; resnet18 takes half the time."""

    def _networks(self, seeds: Sequence[int]) -> list[int]:
        return [seed >> 32 for seed in seeds]

    def _encoder(self, network: int) -> "Encoder":
        return _untrained(self.model, network)


@register
@dataclass(frozen=True, kw_only=True)
class FeatureVisDeadLeaves(_FeatureVis):
    """What excites a network that was trained on dead leaves, or on anything else."""

    name: ClassVar[str] = "feature-vis-dead-leaves"

    encoder: str = ""
    """A folder of `trainer export`, or the checkpoint of a timm ResNet (.safetensors or .pth)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.encoder:
            raise MissingDependencyError(
                f"{self.name} needs a trained network: make one with "
                "`trainer pretrain --data LEAVES --out RUN` and `trainer export --run RUN --out ENCODER`, "
                "then give encoder=ENCODER"
            )
        if not Path(self.encoder).exists():
            raise PatternGenError(
                f"{self.name}?encoder={self.encoder}: no such file or folder; give a folder of "
                "`trainer export`, or the .safetensors or .pth of a ResNet"
            )

    def _networks(self, seeds: Sequence[int]) -> list[int]:
        return [0] * len(seeds)

    def _encoder(self, network: int) -> "Encoder":
        return _trained(self.encoder, Path(self.encoder).stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _untrained(model: str, seed: int) -> "Encoder":
    from patterngen.families.feature_vis.encoders import untrained

    return untrained(model, seed, backend())


@lru_cache(maxsize=2)
def _trained(path: str, changed: int) -> "Encoder":
    """Read an encoder once, as long as its file has not changed."""
    from patterngen.families.feature_vis.encoders import load

    return load(Path(path), backend())


@contextmanager
def _installed() -> Iterator[None]:
    """Say how to install what is missing."""
    try:
        yield
    except ImportError as error:
        raise MissingDependencyError(
            f"feature visualisation needs timm and safetensors ({error}): pip install 'patterngen[train]'"
        ) from None
