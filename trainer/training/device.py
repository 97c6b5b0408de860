"""Where and in which precision to compute."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch
from torch import nn

from trainer.errors import TrainerError
from trainer.training.precision import EmbeddingPrecision

_TRIED = 512  # rows and columns of the matrices that are multiplied to compare precisions


def choose_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` is the GPU if there is one.

    Raises:
        TrainerError: a name torch does not know, or a device this machine lacks.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.partition(":")[0] not in ("cpu", "cuda"):
        raise TrainerError(f"device {name!r}: unknown; use auto, cpu, cuda or cuda:N")
    try:
        # Putting something there is the only question that every kind of absence answers with no.
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError):
        found = f"{torch.cuda.device_count()} CUDA GPUs"
        raise TrainerError(f"device {name!r}: torch finds {found} here; use --device cpu") from None


@cache
def computes_bf16(device: torch.device) -> bool:
    """Tell whether a device multiplies matrices in bfloat16 faster than in float32.

    CPUs with AMX do, by far, and AMD's with AVX-512 by twice; Intel's with AVX-512 and no AMX take twice as
    long. Where the instructions alone do not tell, both are tried, once, in some milliseconds: the two lie so
    far apart that noise does not decide.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    found = torch.cpu.get_capabilities()
    if found.get("amx_bf16"):
        return True
    return bool(found.get("avx512_bf16")) and _product_seconds(torch.bfloat16) < _product_seconds(
        torch.float32
    )


def _product_seconds(kind: torch.dtype) -> float:
    """Return the shortest of a few times that a product of two matrices takes on the CPU."""
    # Not drawn at random: asking for a precision must not move anybody's random numbers.
    matrix = torch.linspace(-1, 1, _TRIED**2).view(_TRIED, _TRIED).to(kind)
    seconds = []
    for _ in range(8):
        begin = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def rounds_to(device: torch.device, precision: EmbeddingPrecision) -> str:
    """Return the precision of matrix products in words: ``bf16 on cpu``."""
    if precision == "int8":
        return f"int8 on {device.type}"
    bf16 = precision == "bf16" or (precision == "auto" and computes_bf16(device))
    return f"{'bf16' if bf16 else 'float32'} on {device.type}"


def autocast(
    device: torch.device, precision: EmbeddingPrecision
) -> Callable[[], AbstractContextManager[object]]:
    """Return a factory of contexts in which matrix products run in the asked precision.

    For int8 that is float32, of what the encoder itself does not do in 8 bits.

    Raises:
        TrainerError: int8 on a GPU.
    """
    if precision == "int8" and device.type != "cpu":
        raise TrainerError(f"precision int8 is for CPUs, and this is {device.type}; use bf16")
    if rounds_to(device, precision).startswith("bf16"):
        return lambda: torch.autocast(device.type, torch.bfloat16)
    return nullcontext


def suit_attention(model: nn.Module, device: torch.device) -> None:
    """Let timm's attention blocks use what is faster on a device, in training.

    torch's fused attention spends a third of a tiny model's step on CPU in its backward pass, whose
    sequences are short; plain matrix products halve that. On a GPU the fused one wins.
    """
    for module in model.modules():
        if hasattr(module, "fused_attn"):
            module.fused_attn = device.type != "cpu"  # type: ignore[assignment]
