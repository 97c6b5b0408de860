"""Synthetic patterns, drawn fast into WebDataset shards, each picture with its Total Variation.

The public names stand in ``__init__.pyi``. Each is loaded when first used: importing the package costs next
to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
