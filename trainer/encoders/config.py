"""What an encoder is: its architecture, its input, and the weights that fit it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from patterngen import PatternGenError
from patterngen.common.config import fit_values
from trainer.encoders.feature import Feature
from trainer.errors import TrainerError
from trainer.model.encoder import build_encoder
from trainer.sound.logmel import LogMel

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """What an encoder is and what it wants to see.

    Attributes:
        model: timm's name without patch and size, e.g. ``vit_tiny``.
        input_size: height and width in pixels (pictures), or mel bands and frames (sound).
        patch_size: height and width of a patch.
        channels: 3, or 1 for gray pictures and spectrograms.
        mean: mean of the input; pictures are bytes/255, sound is the natural log of mel power.
        std: standard deviation of the input; the encoder sees (x − mean)/std.
        logmel: how a clip becomes a spectrogram; none for an encoder that has not met sound yet.
        stride: distance of patches in rows and columns where they overlap; none where they do not.
        feature: what it describes a clip by; none for an encoder that has not met sound yet, and in folders
            that were exported before it was written down, which mean `TIME_AVERAGE`.

    Raises:
        TrainerError: a mean or deviation that is not finite, a deviation of 0, a size below 1, or a
            spectrogram of several channels.
    """

    model: str
    input_size: tuple[int, int]
    patch_size: tuple[int, int]
    channels: int
    mean: float
    std: float
    logmel: LogMel | None = None
    stride: tuple[int, int] | None = None
    feature: Feature | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and 0 < self.std < math.inf):
            raise TrainerError(f"mean = {self.mean}, std = {self.std} must be finite, and std more than 0")
        for name in ("input_size", "patch_size"):
            if min(getattr(self, name)) < 1:
                raise TrainerError(f"{name} = {getattr(self, name)} must be at least 1")
        if self.channels < 1 or (self.logmel is not None and self.channels != 1):
            raise TrainerError(f"channels = {self.channels}; a spectrogram has 1, a picture at least 1")

    def of_network(self) -> dict[str, Any]:
        """Return all that the network is made by: everything but the feature, as plain values."""
        values = asdict(self)
        del values["feature"]
        return values


def parse_encoder_config(values: Mapping[str, Any], source: Path) -> EncoderConfig:
    """Build an `EncoderConfig` from parsed JSON, refusing what does not belong."""
    try:
        return EncoderConfig(**fit_values(values, EncoderConfig, "config"))
    except (TypeError, ValueError, OverflowError, PatternGenError) as error:
        raise TrainerError(f"{source}: not the config of an encoder of ours ({error})") from None


def new_encoder(config: EncoderConfig, **options: Any) -> "VisionTransformer":
    """Make the untrained encoder of a config; options are passed on to timm."""
    return build_encoder(
        config.model,
        input_size=config.input_size,
        patch_size=config.patch_size,
        channels=config.channels,
        stride=config.stride,
        **options,
    )


def shapes_of(config: EncoderConfig) -> dict[str, torch.Size]:
    """Return the shapes of an encoder's weights by name, for which no memory is taken."""
    with torch.device("meta"):
        vit = new_encoder(config, weight_init="skip")  # to draw what is not there takes half a second
    return {name: tensor.shape for name, tensor in vit.state_dict().items()}


def check_weights(config: EncoderConfig, state: Mapping[str, Tensor], source: Path) -> None:
    """Refuse weights that are not those of the config, before memory is taken for what a config claims."""
    expected = shapes_of(config)
    found = {name: tensor.shape for name, tensor in state.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            shapes = [tuple(shapes[name]) if name in shapes else "nothing" for shapes in (expected, found)]
            raise TrainerError(
                f"{source}: not the weights of its {config.model}: {name} should be {shapes[0]} "
                f"and is {shapes[1]}"
            )
