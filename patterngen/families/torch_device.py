"""Where the families that need torch compute, and how their pictures come out the same every time."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from patterngen.errors import MissingDependencyError

if TYPE_CHECKING:
    import torch


_LIMITS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS")
"""Variables that keep torch's libraries from instructions that the processor has: others round otherwise."""


@dataclass(frozen=True)
class Backend:
    """A processor as torch sees it.

    Attributes:
        device: the first GPU, or the CPU.
        dtype: type of weights and activations: bfloat16 where the processor multiplies in it, else float32.
        batch: pictures drawn together. Always as many, because a kernel chosen for another number rounds
            otherwise; on a CPU one, which is as fast as many.
        name: what a manifest calls it, e.g. ``"torch 2.9.0 cpu avx512_bf16"``.
    """

    device: "torch.device"
    dtype: "torch.dtype"
    batch: int
    name: str


@cache
def backend() -> Backend:
    """Return what this process draws on.

    Raises:
        MissingDependencyError: torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingDependencyError(
            f"this family draws with torch ({error}): pip install 'patterngen[train]'"
        ) from None
    version = f"torch {torch.__version__.partition('+')[0]}"
    if torch.cuda.is_available():
        bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
        name, batch = torch.cuda.get_device_name(), 16
    else:
        found = torch.cpu.get_capabilities()
        unit = next((unit for unit in ("amx_bf16", "avx512_bf16") if found.get(unit)), None)
        bf16, batch = unit is not None, 1
        name = f"cpu {unit or torch.backends.cpu.get_cpu_capability().lower()}"
    device = torch.device("cuda" if batch > 1 else "cpu")
    # The name of a unit that multiplies in bf16 says so itself.
    precision = "" if name.endswith("bf16") else (" bf16" if bf16 else " float32")
    told = "".join(f" {os.environ[variable]}" for variable in _LIMITS if os.environ.get(variable))
    name = f"{version} {name}{precision}{told if batch == 1 else ''}"
    return Backend(device, torch.bfloat16 if bf16 else torch.float32, batch, name)


@contextmanager
def repeatable() -> Iterator[None]:
    """Have torch add up in the same order whatever else the process does.

    Sums are split between threads in float32, so this keeps to one, as every worker does anyway; cuDNN
    would else choose its kernels by their speed of the moment.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.set_num_threads(threads)


def batches(networks: Sequence[int], width: int) -> Iterator[list[int]]:
    """Yield which pictures of a batch are drawn together: `width` places in it, of one network.

    Where a network has no more pictures, its last one fills up the batch.

    Args:
        networks: which one each picture of the batch has.
        width: how many pictures are drawn together.
    """
    places: dict[int, list[int]] = {}
    for place, network in enumerate(networks):
        places.setdefault(network, []).append(place)
    for members in places.values():
        for start in range(0, len(members), width):
            chosen = members[start : start + width]
            yield chosen + chosen[-1:] * (width - len(chosen))
