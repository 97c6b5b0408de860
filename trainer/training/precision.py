"""Precisions that may be asked for; `device` says what they mean."""

from typing import Literal

Precision = Literal["auto", "float32", "bf16"]
EmbeddingPrecision = Literal["auto", "float32", "bf16", "int8"]
"""What is not trained may be computed with in 8 bits too; see `trainer.encoders.int8`."""
