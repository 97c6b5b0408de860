"""The encoders that come with the package, as a user wants to see them: `trainer encoders`."""

import math
from dataclasses import dataclass

from safetensors import safe_open

from trainer.encoders.exported import WEIGHTS, exported_config
from trainer.encoders.feature import TIME_AVERAGE
from trainer.encoders.shipped import list_encoders, located


@dataclass(frozen=True, kw_only=True)
class EncoderEntry:
    """One encoder that comes with the package.

    Attributes:
        name: what `trainer.load` and every ``--run`` take.
        model: timm's name of the architecture, without patch and size.
        patch: height and width of a patch, in mel bands and frames.
        input: height and width of the input, in mel bands and frames.
        sample_rate: hertz of its input.
        feature: what it describes a clip by, in words.
        dim: numbers of the vector of a clip.
        parameters: how many weights.
        megabytes: size of the file of weights, 10⁶ bytes.
    """

    name: str
    model: str
    patch: tuple[int, int]
    input: tuple[int, int]
    sample_rate: int
    feature: str
    dim: int
    parameters: int
    megabytes: float

    def __str__(self) -> str:
        network = f"{self.model}, patches of {_size(self.patch)} on {_size(self.input)}"
        weights = f"{self.parameters / 1e6:.1f} M parameters, {self.megabytes:.1f} MB"
        vector = f"a clip at {self.sample_rate} Hz becomes {self.dim} numbers ({self.feature})"
        return f"{self.name}  {network}, {weights}; {vector}"


def shipped_encoders() -> list[EncoderEntry]:
    """Describe every encoder that comes with the package, the default first.

    Raises:
        TrainerError: one whose config cannot be read, or that is no encoder of sound.
    """
    return [_entry(name) for name in list_encoders()]


def _entry(name: str) -> EncoderEntry:
    folder = located(name)
    config = exported_config(folder)
    assert config is not None, f"{folder} holds no {WEIGHTS}"
    assert config.logmel is not None, f"{folder} is an encoder of pictures"
    with safe_open(folder / WEIGHTS, "pt") as file:  # nothing is read but the names and shapes of its weights
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
    step = (config.stride or config.patch_size)[0]
    rows, width = 1 + (config.input_size[0] - config.patch_size[0]) // step, shapes["cls_token"][-1]
    feature = config.feature or TIME_AVERAGE
    return EncoderEntry(
        name=name,
        model=config.model,
        patch=config.patch_size,
        input=config.input_size,
        sample_rate=config.logmel.sample_rate,
        feature=feature.description,
        dim=sum(feature.sizes(rows, width, config.logmel.n_mels)),
        parameters=sum(map(math.prod, shapes.values())),
        megabytes=(folder / WEIGHTS).stat().st_size / 1e6,
    )


def _size(size: tuple[int, int]) -> str:
    return "{}×{}".format(*size)
