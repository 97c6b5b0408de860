"""Masked pre-training on synthetic pictures, and transfer of what was learned to sound.

The public names stand in ``__init__.pyi``. Each is loaded when first used, so that ``trainer --help`` does
not wait for torch.
"""

from typing import Any

import lazy_loader

from patterngen.errors import missing_package

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        raise missing_package(error, "train") from error
