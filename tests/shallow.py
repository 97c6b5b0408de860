"""An encoder of two blocks, for tests of all that happens around one: six times cheaper than `vit_tiny`."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from timm.models import register_model
from timm.models.vision_transformer import VisionTransformer, vit_tiny_patch16_224

from trainer.model.encoder import MODELS

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
