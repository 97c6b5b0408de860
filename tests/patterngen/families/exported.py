"""A small encoder as our trainer exports one, for the family that needs it."""

import json
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

SIDE, PATCH = 32, 8

CONFIG = {
    "model": "vit_tiny",
    "input_size": [SIDE, SIDE],
    "patch_size": [PATCH, PATCH],
    "channels": 3,
    "mean": 0.5,
    "std": 0.25,
    "logmel": None,
}


@cache
def _folder():
    return tempfile.TemporaryDirectory(prefix="encoder-")  # removed when the tests end


@cache
def small_encoder():
    """Write an encoder with random weights, once, and return its folder; an empty one without torch."""
    folder = Path(_folder().name)
    try:
        import timm
        from safetensors.numpy import save_file
    except ImportError:
        return str(folder)
    vit = timm.create_model(
        "vit_tiny_patch16_224",
        img_size=SIDE,
        patch_size=PATCH,
        num_classes=0,
        global_pool="",
        device="meta",
    )
    rng = np.random.default_rng(0)
    state = {
        name: rng.standard_normal(tuple(tensor.shape), np.float32) * 0.05 + ("norm" in name)
        for name, tensor in vit.state_dict().items()
    }
    save_file(
        {name: np.asarray(array, np.float32) for name, array in state.items()}, folder / "encoder.safetensors"
    )
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return str(folder)
