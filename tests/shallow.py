"""An encoder of two blocks, for tests of all that happens around one: six times cheaper than `vit_tiny`.

`shallow_settings` are those of a short run that trains one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from timm.models import register_model
from timm.models.vision_transformer import VisionTransformer, vit_tiny_patch16_224

from trainer.model.encoder import MODELS
from trainer.pretraining.config import PretrainConfig

SHALLOW = "vit_shallow"


@register_model
def vit_shallow(pretrained: bool = False, **options) -> VisionTransformer:
    return vit_tiny_patch16_224(pretrained, **{"depth": 2} | options)


@contextmanager
def shallow_model() -> Iterator[None]:
    """Let `SHALLOW` be one of our models for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, SHALLOW, SHALLOW)
        yield


def shallow_settings(patterns, out, **changes) -> PretrainConfig:
    """Settings of six steps on a folder of pictures, or None where the changes say what is learned from."""
    plain = {
        "model": SHALLOW, "image_size": 16, "patch_size": 8, "steps": 6, "batch_size": 4, "workers": 0,
        "log_every": 1, "decoder_dim": 16, "decoder_depth": 1,
    }  # fmt: skip
    data = () if patterns is None else (str(patterns),)
    return PretrainConfig(out=str(out), **{"data": data} | plain | changes)
