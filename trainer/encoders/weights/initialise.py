"""Start a run from weights instead of random numbers: ``trainer pretrain --init``."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from trainer.encoders.adapt import sum_channels
from trainer.encoders.weights.importing import read_weights
from trainer.encoders.weights.layouts import Weights
from trainer.encoders.weights.load_report import TensorRecord, load_report
from trainer.errors import TrainerError
from trainer.model.mae import MaskedAutoencoder
from trainer.model.positions import fit_positions


@torch.no_grad()
def initialise(model: MaskedAutoencoder, source: str | Path) -> tuple[str, ...]:
    """Start a model from weights: the encoder always, the decoder if it is of the same make.

    Channels are summed or spread, patches resampled (Beyer et al., "FlexiViT", CVPR 2023), and positions
    computed afresh (sin-cos) or interpolated for another grid.

    Args:
        model: of any input size, patch and number of channels.
        source: see `read_weights`.

    Returns:
        What happened to every tensor, for people.

    Raises:
        TrainerError: no weights there, or those of an encoder of another size.
    """
    weights = read_weights(source)
    vit = model.encoder
    there, here = weights.encoder["norm.weight"], vit.norm.weight
    if len(there) != len(here) or len(weights.encoder) != len(vit.state_dict()):
        raise TrainerError(f"{source}: is a {weights.config.model}: give --model {weights.config.model}")
    grid = tuple(
        size // side for size, side in zip(weights.config.input_size, weights.config.patch_size, strict=True)
    )
    fit = _Fit((grid[0], grid[1]), model.grid)
    vit.load_state_dict(fit.all(weights.encoder, vit.state_dict(), "encoder."))
    decoder = model.decoder
    wanted = {} if decoder is None else decoder.state_dict()
    reason = "this target has none" if decoder is None else _other_make(weights, wanted, decoder.heads)
    if decoder is None or reason:
        fit.leave(weights.decoder, reason)
    else:
        decoder.load_state_dict(wanted | fit.all(weights.decoder, wanted, "decoder."))
    if model.teacher is not None:
        model.teacher.reset(vit)
    left = [record for record in weights.records if record.status == "left"]
    return load_report([*left, *fit.records], weights.found)


class _Fit:
    """Weights made to fit a model of another input, and what happened to each."""

    def __init__(self, old: tuple[int, int], new: tuple[int, int]) -> None:
        self.old, self.new = old, new
        self.records: list[TensorRecord] = []

    def all(
        self, given: Mapping[str, Tensor], wanted: Mapping[str, Tensor], prefix: str
    ) -> dict[str, Tensor]:
        """Fit tensors to the shapes that are wanted; those that cannot be are left out."""
        result = {}
        for name, tensor in given.items():
            fitted, how = self._one(name, tensor, wanted[name])
            fits = fitted.shape == wanted[name].shape
            if fits:
                result[name] = fitted
            record = TensorRecord(
                prefix + name,
                tuple(tensor.shape),
                ("adapted" if how else "taken") if fits else "left",
                how if fits else f"{tuple(wanted[name].shape)} here",
            )
            self.records.append(record)
        return result

    def leave(self, given: Mapping[str, Tensor], reason: str) -> None:
        for name, tensor in given.items():
            self.records.append(TensorRecord(f"decoder.{name}", tuple(tensor.shape), "left", reason))

    def _one(self, name: str, tensor: Tensor, wanted: Tensor) -> tuple[Tensor, str]:
        if name == "pos_embed":
            return fit_positions(tensor, self.old, self.new)
        if name == "patch_embed.proj.weight" and tensor.shape != wanted.shape:
            return _fit_patches(tensor, wanted)
        return tensor, ""


def _fit_patches(weight: Tensor, wanted: Tensor) -> tuple[Tensor, str]:
    """Fit a patch embedding [D, C, ph, pw] to other channels and another patch."""
    said, channels = [], wanted.shape[1]
    if weight.shape[1] != channels:
        said.append(f"{weight.shape[1]} channels summed into {channels}")
        # The sum over channels answers gray pictures as before, however many channels repeat them.
        weight = sum_channels(weight).expand(-1, channels, -1, -1) / channels
    if weight.shape[2:] != wanted.shape[2:]:
        from timm.layers import resample_patch_embed

        sides = ["×".join(map(str, shape[2:])) for shape in (weight.shape, wanted.shape)]
        said.append(f"patch {sides[0]} → {sides[1]}, resampled")
        weight = resample_patch_embed(weight, list(wanted.shape[2:]))
    return weight, "; ".join(said)


def _other_make(weights: Weights, wanted: Mapping[str, Tensor], heads: int) -> str:
    """Say in what a decoder differs from the wanted one beyond input and output; nothing if in nothing."""
    free = ("pos_embed", "head.weight", "head.bias")
    given = weights.decoder
    shapes = [
        {name: tensor.shape for name, tensor in state.items() if name not in free}
        for state in (given, wanted)
    ]
    if given and (shapes[0] != shapes[1] or given.keys() != wanted.keys()):
        return "the decoder here is of another kind, width or depth"
    if given and weights.decoder_heads != heads:
        return f"the decoder here has {heads} heads, not {weights.decoder_heads}"
    return ""
