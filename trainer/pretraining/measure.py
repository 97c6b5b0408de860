"""What a step costs a machine: operations, memory, and what the machine could do at best."""

import re
import time
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

_SIDE = {"cpu": 2048, "cuda": 8192}
_ROUNDS = 20


def flops_per_picture(model: nn.Module, shape: tuple[int, int, int]) -> int:
    """Count the floating-point operations of matrix products in one step, forward and back, per picture.

    Nothing is computed: the model and its input have shapes only. A multiplication and an addition are two.

    Args:
        model: a `MaskedAutoencoder`; it is moved to the meta device and is of no use afterwards.
        shape: of a picture, (C, H, W).
    """
    model = model.to("meta").train()
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(2, *shape, device="meta")).loss.backward()
    return int(counter.get_total_flops()) // 2


def matrix_peak(device: torch.device, kind: torch.dtype) -> float:
    """Return operations per second in the product of two large matrices, the best of some rounds."""
    side = _SIDE[device.type]
    a = torch.ones(side, side, dtype=kind, device=device)
    best = min(_timed_product(a) for _ in range(_ROUNDS))
    return 2.0 * side**3 / best


def _timed_product(a: Tensor) -> float:
    _wait(a.device)
    begin = time.perf_counter()
    _ = a @ a
    _wait(a.device)
    return time.perf_counter() - begin


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def activation_bytes(model: nn.Module, images: Tensor) -> int:
    """Return how much memory a forward pass keeps for the backward pass, weights not counted."""
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    saved: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        _loss = model(images).loss  # named, so that what it keeps stays where it is while it is counted
    return sum(saved.values())


def forget_peak(device: torch.device) -> None:
    """Begin to measure `peak_memory` anew."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    with suppress(OSError):  # not Linux, or not allowed: the peak then counts from the start of the process
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets VmHWM, see proc(5)


def peak_memory(device: torch.device) -> int:
    """Return the most bytes that tensors took on a GPU, or this process on a CPU, since `forget_peak`."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    found = _kilobytes(Path("/proc/self/status"), "VmHWM")
    if found is None:
        import resource  # what is left where there is no /proc; bytes on macOS, kilobytes elsewhere

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found


def available_memory(device: torch.device) -> int | None:
    """Return how many bytes a run could take on a device at the most; None if nobody says."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    free = _kilobytes(Path("/proc/meminfo"), "MemAvailable")
    own = _kilobytes(Path("/proc/self/status"), "VmRSS")
    if free is None or own is None:
        return None
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii"))
    except (OSError, ValueError):  # no control group, or one without a limit
        return free + own
    return min(free + own, limit)


def _kilobytes(file: Path, name: str) -> int | None:
    """Read a line such as ``VmHWM:  12 kB``, in bytes."""
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB", file.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
