"""What to do when memory runs out: find the batch that would have fitted."""

import gc
from collections.abc import Callable

import torch


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that a device, or this computer, has no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    # torch has no class of its own for its allocator on CPU.
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def fitting_batch(too_large: int, trial: Callable[[int], None]) -> int:
    """Halve a batch that was too large until one fits.

    Args:
        too_large: the batch that did not fit.
        trial: does the work of a step on so many pictures, and raises as torch does where memory runs out.

    Returns:
        The largest of its halves, quarters … that fits; 0 if not even one picture does.
    """
    gc.collect()  # what the failed step has left behind
    batch = too_large // 2
    while batch and not _fits(batch, trial):
        batch //= 2
    return batch


def _fits(batch: int, trial: Callable[[int], None]) -> bool:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    try:
        trial(batch)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return False
    return True
