"""The processes that train together: one alone, or those that torchrun or accelerate launch has started.

Each rank learns from its own pictures; gradients are averaged (DDP), and large models can be cut into shards
that the ranks gather block by block (FSDP2, Zhao et al., "PyTorch FSDP", VLDB 2023).
"""

import os
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn

from patterngen import MissingDependencyError
from trainer.errors import TrainerError
from trainer.training.device import choose_device


def is_first() -> bool:
    """Tell whether this process speaks for its run; the launcher says so before anyone has joined."""
    return os.environ.get("RANK", "0") == "0"


@dataclass(frozen=True)
class Ranks:
    """The place of this process among those that train together.

    Attributes:
        device: where this process computes.
        number: 0 … count − 1.
        count: how many processes there are.
        sharded: whether each holds only its part of the weights.
    """

    device: torch.device
    number: int = 0
    count: int = 1
    sharded: bool = False

    def wrap(self, model: nn.Module, forward: nn.Module) -> nn.Module:
        """Return what to call in training, so that all ranks share gradients.

        Args:
            model: whose transformer blocks are the units that are sharded.
            forward: the model, or what `torch.compile` made of it.
        """
        if self.count == 1:
            return forward
        if self.sharded:
            from torch.distributed.device_mesh import init_device_mesh
            from torch.distributed.fsdp import fully_shard

            # The model returns its predictions as a view too, which nobody changes in training.
            warnings.filterwarnings("ignore", message="FSDP2-wrapped module", category=UserWarning)
            mesh = init_device_mesh(self.device.type, (self.count,))
            for block in transformer_blocks(model):
                fully_shard(block, mesh=mesh)
            fully_shard(model, mesh=mesh)
            return model
        from torch.nn.parallel import DistributedDataParallel

        return DistributedDataParallel(
            forward,
            device_ids=[self.device] if self.device.type == "cuda" else None,
            broadcast_buffers=False,  # none changes
            gradient_as_bucket_view=True,
        )

    def syncing(self, wrapped: nn.Module, last: bool) -> AbstractContextManager[None]:
        """Return a context for one backward pass; only the last of a step sends gradients around."""
        if self.sharded:
            wrapped.set_requires_gradient_sync(last)  # type: ignore[operator]
        elif self.count > 1 and not last:
            quiet: AbstractContextManager[None] = wrapped.no_sync()  # type: ignore[operator]
            return quiet
        return nullcontext()

    def mean(self, value: Tensor) -> Tensor:
        """Average a tensor over the ranks; NaN or infinity anywhere is so everywhere."""
        if self.count == 1:
            return value
        total = value.detach().clone()
        distributed.all_reduce(total)
        return total / self.count

    def any(self, *flags: bool) -> tuple[bool, ...]:
        """Tell for each flag whether a rank has raised it; all ranks must ask together."""
        if self.count == 1:
            return flags
        raised = torch.tensor(flags, dtype=torch.int32, device=self.device)
        distributed.all_reduce(raised, distributed.ReduceOp.MAX)
        return tuple(bool(flag) for flag in raised.tolist())

    def gathered(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Put the shards of a state dict together; all ranks must ask together."""
        return {name: _gathered(value) for name, value in state.items()}

    def scattered(self, whole: Tensor, like: Tensor) -> Tensor:
        """Return this rank's part of a whole tensor, cut and placed like another one."""
        if not self.sharded or whole.shape != like.shape:
            return whole.to(like.device)
        from torch.distributed.tensor import DTensor, distribute_tensor

        assert isinstance(like, DTensor)
        # Every rank has read the whole, so none needs to send it.
        return distribute_tensor(whole.to(self.device), like.device_mesh, like.placements, src_data_rank=None)

    def has_lost_one(self, error: BaseException) -> bool:
        """Tell whether an error says that another rank has ended or no longer answers."""
        if self.count == 1 or not isinstance(error, RuntimeError):
            return False
        return isinstance(error, distributed.DistError) or any(
            word in str(error).lower() for word in ("gloo", "nccl", "connection", "timed out")
        )

    def leave(self) -> None:
        """Part from the others."""
        if self.count > 1 and distributed.is_initialized():
            distributed.destroy_process_group()


def join(device: str, *, shard: bool = False, timeout: float = 600) -> Ranks:
    """Join the processes that a launcher has started, or stay alone where none has.

    Args:
        device: as for `choose_device`; of several processes on GPUs each takes the one of its local rank.
        shard: cut the model into shards.
        timeout: seconds after which ranks that wait for a silent one give up.

    Raises:
        TrainerError: a device that several processes cannot take, or nobody to share a model with.
        MissingDependencyError: there are several processes, and accelerate is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        if shard:
            raise TrainerError(
                "--shard-model shares a model among processes, and this one is alone: start several with "
                "torchrun --nproc-per-node N -m trainer.cli pretrain …"
            )
        return Ranks(choose_device(device))
    if device.startswith("cuda:"):
        raise TrainerError(f"device {device!r}: each of several processes takes its own GPU; use cuda")
    try:
        from accelerate import PartialState
    except ModuleNotFoundError:
        raise MissingDependencyError(
            "several processes need the Python package accelerate: pip install 'patterngen[train]'"
        ) from None
    cpu = choose_device(device).type == "cpu"
    # The backend is said on CPU: accelerate would look for others that nobody has asked for.
    options: dict[str, Any] = {"backend": "gloo"} if cpu else {}
    state = PartialState(cpu=cpu, timeout=timedelta(seconds=timeout), **options)
    return Ranks(state.device, state.process_index, state.num_processes, shard)


def transformer_blocks(model: nn.Module) -> list[nn.Module]:
    """Return the transformer blocks of a model: units of a size that suits sharding and compiling."""
    from timm.models.vision_transformer import Block

    return [module for module in model.modules() if isinstance(module, Block)]


def whole(tensor: Tensor) -> Tensor:
    """Return a tensor that may lie in shards as one; all ranks must ask together."""
    full = getattr(tensor, "full_tensor", None)
    result: Tensor = full() if full is not None else tensor
    return result


def _gathered(value: Any) -> Any:
    if isinstance(value, Tensor):
        return whole(value)
    if isinstance(value, Mapping):
        return {name: _gathered(item) for name, item in value.items()}
    return value
