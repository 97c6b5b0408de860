"""The layouts in which others publish weights, translated into ours.

Two are known: timm's VisionTransformer, and the masked autoencoder of He et al. (2022), which is the same
with a decoder beside it. What cannot be a plain ViT is refused: leaving it out would change every output.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from trainer.encoders.config import EncoderConfig, shapes_of
from trainer.encoders.weights.load_report import TensorRecord
from trainer.errors import TrainerError
from trainer.model.decoders import Decoder

WIDTHS = {192: "vit_tiny", 384: "vit_small", 768: "vit_base", 1024: "vit_large", 1280: "vit_huge"}
"""Models of `trainer.model.encoder.MODELS` by their width."""

_PUBLISHED = {
    "mask_token": "mask_token",
    "decoder_embed.": "embed.",
    "decoder_pos_embed": "pos_embed",
    "decoder_blocks.": "blocks.",
    "decoder_norm.": "norm.",
    "decoder_pred.": "head.",
}
"""Beginnings of the names in the published decoder, and ours in `trainer.model.decoders.Decoder`."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """An encoder, perhaps with its decoder, in our layout.

    Attributes:
        config: what the encoder is.
        encoder: weights by timm's names.
        decoder: weights by the names of `trainer.model.decoders`; empty if there are none.
        decoder_heads: attention heads of the decoder.
        records: what happened to each tensor so far.
        found: where in a file they were, if that was not at its top.
    """

    config: EncoderConfig
    encoder: Mapping[str, Tensor]
    decoder: Mapping[str, Tensor]
    decoder_heads: int
    records: tuple[TensorRecord, ...] = ()
    found: str = ""


def translate(
    tensors: Mapping[str, Tensor],
    source: str | Path,
    *,
    input_size: tuple[int, int] | None = None,
    decoder_heads: int = 16,
) -> Weights:
    """Translate published weights.

    Args:
        tensors: from `trainer.encoders.weights.tensors.read_tensors`, by names without a prefix.
        source: named in messages.
        input_size: height and width in pixels; a square if none is given.
        decoder_heads: attention heads of the decoder, which no tensor tells; 16 in the published models.

    Returns:
        The weights. Mean and deviation of the pictures are not in them: the config's are 0 and 1.

    Raises:
        TrainerError: not the weights of a plain ViT of a known size.
    """
    embedding, table = tensors.get("patch_embed.proj.weight"), tensors.get("pos_embed")
    if embedding is None or table is None or embedding.ndim != 4 or table.ndim != 3:
        raise TrainerError(
            f"{source}: no ViT's weights: patch_embed.proj.weight of 4 and pos_embed of 3 dimensions were "
            f"expected, below any prefix; there are {', '.join(list(tensors)[:3])}"
        )
    width, channels, *patch = embedding.shape
    if width not in WIDTHS:
        known = ", ".join(f"{name} ({width})" for width, name in WIDTHS.items())
        raise TrainerError(f"{source}: a ViT of width {width}; known are {known}")
    rows, columns = _grid(table.shape[1], input_size, patch, source)
    reading = _Reading(tensors, source)
    config = EncoderConfig(
        model=WIDTHS[width],
        input_size=(rows * patch[0], columns * patch[1]),
        patch_size=(patch[0], patch[1]),
        channels=channels,
        mean=0.0,
        std=1.0,
    )
    return Weights(
        config=config,
        encoder=reading.encoder(shapes_of(config)),
        decoder=reading.decoder((rows, columns), config.patch_size, decoder_heads),
        decoder_heads=decoder_heads,
        records=reading.accounted(),
    )


def _grid(
    length: int, input_size: tuple[int, int] | None, patch: list[int], source: str | Path
) -> tuple[int, int]:
    """Find rows and columns from the rows of a position table, with or without one for the class token."""
    if input_size is not None:
        rows, columns = (size // side for size, side in zip(input_size, patch, strict=True))
        if rows * columns in (length, length - 1):
            return rows, columns
        raise TrainerError(
            f"{source}: positions of {length - 1} patches and a class token, but an input of "
            f"{input_size[0]}x{input_size[1]} has {rows * columns} patches of {patch[0]}x{patch[1]}"
        )
    for patches in (length - 1, length):
        side = math.isqrt(patches)
        if side and side * side == patches:
            return side, side
    raise TrainerError(
        f"{source}: positions of {length - 1} patches are no square; give the input with --image-size HxW"
    )


class _Reading:
    """The translation of one file, which remembers what became of each tensor."""

    def __init__(self, tensors: Mapping[str, Tensor], source: str | Path) -> None:
        self.tensors, self.source = tensors, source
        self.records: dict[str, TensorRecord] = {}

    def note(self, name: str, how: str = "", *, left: bool = False) -> None:
        status = "left" if left else "adapted" if how else "taken"
        self.records[name] = TensorRecord(name, tuple(self.tensors[name].shape), status, how)  # type: ignore[arg-type]

    def accounted(self) -> tuple[TensorRecord, ...]:
        """Return what happened to every tensor; what nothing has asked for is left."""
        for name in self.tensors.keys() - self.records.keys():
            head = name.startswith(("head", "fc_norm", "pre_logits"))
            self.note(name, "for classes" if head else "has no place in an encoder", left=True)
        return tuple(self.records[name] for name in self.tensors)

    def encoder(self, expected: Mapping[str, torch.Size]) -> dict[str, Tensor]:
        """Collect the weights of the encoder by the names and shapes that it must have."""
        found = {name: self._weight(name, shape) for name, shape in expected.items()}
        for name in self.tensors.keys() - self.records.keys():
            if name.startswith(("blocks.", "norm_pre.", "reg_token", "dist_token", "cls_token")):
                raise TrainerError(f"{self.source}: not a plain ViT, which has no {name}")
        return found

    def _weight(self, name: str, shape: torch.Size) -> Tensor:
        source, how = name, ""
        if name.startswith("norm.") and name not in self.tensors:
            source, how = f"fc_{name}", "normalises tokens here, their mean there"
        tensor = self.tensors.get(source)
        if tensor is None:
            raise TrainerError(f"{self.source}: not the weights of a plain ViT: {name} is missing")
        tensor = tensor.float()
        if name == "pos_embed" and tensor.shape[1] == shape[1] - 1:
            tensor = torch.cat([torch.zeros_like(tensor[:, :1]), tensor], dim=1)
            how = "a row of zeros put before, for the class token"
        tensor, how = self._scaled(name, tensor, how)
        if tensor.shape != shape:
            raise TrainerError(
                f"{self.source}: not the weights of a plain ViT: {name} is {tuple(tensor.shape)} and should "
                f"be {tuple(shape)}"
            )
        self.note(source, how)
        return tensor

    def _scaled(self, name: str, tensor: Tensor, how: str) -> tuple[Tensor, str]:
        """Multiply a layer scale into the layer before it: γ·(Wx + b) = (γW)x + γb."""
        for scale, layer in (("ls1.gamma", ".attn.proj."), ("ls2.gamma", ".mlp.fc2.")):
            block, found, part = name.partition(layer)
            gamma = self.tensors.get(f"{block}.{scale}")
            if found and gamma is not None and gamma.shape == tensor.shape[:1]:
                self.note(f"{block}.{scale}", f"multiplied into {layer.strip('.')}")
                gamma = gamma.float()
                return (gamma[:, None] if part == "weight" else gamma) * tensor, "times the layer scale"
        return tensor, how

    def decoder(self, grid: tuple[int, int], patch: tuple[int, int], heads: int) -> dict[str, Tensor]:
        """Collect the weights of the published decoder, if it is there and whole."""
        names = {
            name: name.replace(theirs, ours, 1)
            for name in self.tensors
            for theirs, ours in _PUBLISHED.items()
            if name.startswith(theirs)
        }
        found = {ours: self.tensors[name].float() for name, ours in names.items()}
        reason = _misfit(found, grid, heads)
        if reason:
            for name in names:
                self.note(name, reason, left=True)
            return {}
        for name, ours in names.items():
            how = ""
            if ours.startswith("head."):
                found[ours] = _by_channels(found[ours], patch)
                how = "numbers of a patch counted by channels first"
            self.note(name, how)
        return found


def _by_channels(weight: Tensor, patch: tuple[int, int]) -> Tensor:
    """Reorder outputs counted by rows, columns, channels into channels, rows, columns."""
    reordered: Tensor = weight.unflatten(0, (*patch, -1)).movedim(2, 0).flatten(0, 2)
    return reordered


def _misfit(found: Mapping[str, Tensor], grid: tuple[int, int], heads: int) -> str:
    """Say why these cannot be the weights of a decoder; nothing if they can."""
    if "embed.weight" not in found or "head.weight" not in found or found["embed.weight"].ndim != 2:
        return "no whole decoder"
    dim, encoder_dim = found["embed.weight"].shape
    if dim % 4 or heads < 1 or dim % heads:
        return f"a decoder of width {dim} cannot have {heads} heads"
    depth = len({name.split(".")[1] for name in found if name.startswith("blocks.")})
    with torch.device("meta"):
        whole = Decoder(encoder_dim, grid, len(found["head.weight"]), dim=dim, depth=depth, heads=heads)
    expected = {name: weight.shape for name, weight in whole.state_dict().items()}
    if {name: weight.shape for name, weight in found.items()} != expected:
        return "no decoder of the published layout"
    return ""
