"""Weights from elsewhere, read and brought into our layout: `trainer import`.

An imported folder is an exported encoder with its decoder beside it: ``encoder.safetensors``, ``config.json``
and, if there was one, ``decoder.safetensors``.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError
from torch import Tensor

from patterngen.errors import first_line
from patterngen.sizes import parse_pair
from patterngen.storage.files import write_atomic
from trainer.encoders.checkpoint import (
    encoder_state,
    is_checkpoint,
    load_checkpoint,
    newest_checkpoint,
    saved_settings,
)
from trainer.encoders.exported import WEIGHTS, export_encoder, load_encoder
from trainer.encoders.shipped import located
from trainer.encoders.weights.import_config import ImportConfig
from trainer.encoders.weights.layouts import Weights, translate
from trainer.encoders.weights.load_report import TensorRecord, load_report
from trainer.encoders.weights.locating import locate
from trainer.encoders.weights.tensors import read_tensors
from trainer.errors import TrainerError, check_folder
from trainer.tensor_files import dump_tensors, load_tensors

DECODER = "decoder.safetensors"


def import_weights(config: ImportConfig) -> tuple[str, ...]:
    """Write published weights as an encoder of ours, with its decoder if there is one.

    Returns:
        Where the weights were found, and what happened to every tensor, for people.

    Raises:
        TrainerError: no weights there, weights that cannot be trusted, not of a plain ViT, or of several.
    """
    check_folder(config.out)
    size = None if config.image_size is None else parse_pair(config.image_size, "image_size")
    if is_checkpoint(Path(config.checkpoint)):
        raise TrainerError(
            f"{config.checkpoint}: is a checkpoint of `trainer pretrain`: --init and --run take it as it is"
        )
    weights = _foreign(config.checkpoint, size, config.decoder_heads, config.checkpoint_key)
    encoder_config = replace(weights.config, mean=config.mean, std=config.std)
    folder = Path(config.out)
    export_encoder(folder, encoder_config, weights.encoder)
    if weights.decoder:
        write_atomic(folder / DECODER, dump_tensors(weights.decoder, {"heads": str(weights.decoder_heads)}))
    return load_report(weights.records, weights.found)


def read_weights(source: str | Path) -> Weights:
    """Read weights from a run, a checkpoint of it, an exported or imported folder, or a published file.

    A shipped encoder is such a folder, by its name.

    Raises:
        TrainerError: nothing there, or nothing that can be trusted.
    """
    path = located(source)
    if path.is_dir() and (path / WEIGHTS).exists():
        config, encoder = load_encoder(path)
        decoder, heads = _load_decoder(path / DECODER) if (path / DECODER).exists() else ({}, 1)
        return Weights(config=config, encoder=encoder, decoder=decoder, decoder_heads=heads)
    if path.is_dir():
        own = newest_checkpoint(path)
    else:
        own = (path, load_checkpoint(path)) if is_checkpoint(path) else None
    if own is not None:
        file, checkpoint = own
        return Weights(
            config=checkpoint.encoder,
            encoder=encoder_state(checkpoint, file),
            decoder=_below(checkpoint.model, "decoder."),
            decoder_heads=saved_settings(checkpoint, file).get("decoder_heads", 1),
        )
    if path.is_dir():
        raise TrainerError(f"{path}: holds neither {WEIGHTS} nor checkpoints/step-*.pt")
    return _foreign(str(source), None, decoder_heads=16)


def _foreign(
    source: str, size: tuple[int, int] | None, decoder_heads: int, key: str | None = None
) -> Weights:
    """Read published weights from a file, or by the name of a timm model."""
    import timm

    by_name = not Path(source).exists() and timm.is_model(source.partition(".")[0])
    located = locate(_fetch(source), source, key) if by_name else read_tensors(Path(source), key)
    weights = translate(located.weights, source, input_size=size, decoder_heads=decoder_heads)
    beside = [TensorRecord(name, tuple(t.shape), "left", "lies beside") for name, t in located.beside.items()]
    return replace(weights, records=(*weights.records, *beside), found=located.found)


def _fetch(name: str) -> Mapping[object, object]:
    """Let timm fetch the weights of a model of its own."""
    import timm

    try:
        state: Mapping[object, object] = timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:
        # Hubs fail in their own ways, each with exceptions of its library.
        raise TrainerError(
            f"{name}: timm cannot fetch its weights ({first_line(error)}); give the path of a .safetensors "
            "of it"
        ) from None
    return state


def _load_decoder(path: Path) -> tuple[dict[str, Tensor], int]:
    try:
        tensors, metadata = load_tensors(path)
        return tensors, int(metadata["heads"])
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read as an imported decoder ({error})") from None


def _below(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
