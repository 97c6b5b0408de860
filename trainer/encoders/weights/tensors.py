"""Read tensors from files of strangers: never unpickle, take no memory that the file does not fill."""

import argparse
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from patterngen.errors import first_line
from patterngen.storage.names import path_in_text
from trainer.encoders.weights.locating import Located, locate
from trainer.errors import TrainerError
from trainer.tensor_files import damage


def read_tensors(path: Path, key: str | None = None) -> Located:
    """Read the weights of an encoder from a ``.safetensors`` file, or from what ``torch.save`` wrote.

    Args:
        path: the file.
        key: where in it, as `trainer.encoders.weights.locating.locate` takes it.

    Returns:
        Floating-point tensors by name, on the CPU, mapped from the file and not copied.

    Raises:
        TrainerError: nothing there, a file that is cut short, holds pickled objects or tensors larger than
            itself, no weights, or several encoders.
    """
    if path.is_dir():
        raise TrainerError(
            f"{path}: is a folder; give a file of weights (runs and exported encoders are taken as they are)"
        )
    if not path.is_file():
        raise TrainerError(f"{path}: no such file")
    content = _safetensors(path) if path.suffix == ".safetensors" else _pickle_free(path)
    if not isinstance(content, Mapping):
        raise TrainerError(f"{path}: holds {type(content).__name__}, where weights by name were expected")
    located = locate(content, path, key)
    for name, tensor in [*located.weights.items(), *located.beside.items()]:
        # A view of a few bytes may claim any shape: what is not in the file is not there.
        dense = tensor.layout == torch.strided and tensor.device.type == "cpu"
        if not dense or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise TrainerError(
                f"{path}: {name} claims shape {tuple(tensor.shape)}, which the file cannot fill"
            )
    return located


def _safetensors(path: Path) -> object:
    try:
        with path_in_text(path) as named:
            return load_file(named)
    except (SafetensorError, OSError, ValueError) as error:
        raise TrainerError(f"{path}: cut short, or not safetensors ({first_line(error)})") from None


def _pickle_free(path: Path) -> object:
    if not zipfile.is_zipfile(path):
        raise TrainerError(
            f"{path}: cut short, or not what torch.save writes since 2020; load it where you trust it and "
            "save it again, best as safetensors"
        )
    if (wrong := damage(path)) is not None:
        raise TrainerError(f"{path}: damaged ({wrong}); fetch it again")
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals([argparse.Namespace]):
            # The namespace is where training scripts keep their arguments. Of a foreign pickle torch warns
            # at length; it is refused below.
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError:
        raise TrainerError(
            f"{path}: holds pickled objects, which could run anything, or is damaged; not loaded"
        ) from None
    except Exception as error:
        # A hostile file reaches many corners of torch; whatever it raises there, nothing was loaded.
        raise TrainerError(f"{path}: damaged, or not a checkpoint ({first_line(error)})") from None
