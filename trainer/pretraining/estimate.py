"""What a pre-training run will cost, from a few real steps of it: memory, images per second, days."""

import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from patterngen.common.progress import Progress
from patterngen.sizes import parse_pair
from trainer.errors import TrainerError
from trainer.pretraining import measure
from trainer.pretraining.build import build_model
from trainer.pretraining.config import settings_of_run
from trainer.pretraining.estimate_config import EstimateConfig
from trainer.pretraining.loop import failure, next_pictures
from trainer.pretraining.plan import Plan, plan
from trainer.pretraining.run import Pretraining
from trainer.pretraining.run_words import duration
from trainer.training.optimiser import Optimiser

_SAFE = 0.9
"""Share of the memory that a batch may fill: allocators leave gaps."""
_MOST_SECONDS, _READ_SECONDS = 60.0, 1.0


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes that one process takes.

    Attributes:
        weights: numbers of encoder, decoder and whatever else is trained, with an average if one is kept.
        gradients: a number for each weight that is trained.
        optimiser: AdamW's two moments of each weight.
        activations: what the forward pass of one batch keeps for the backward pass, without torch.compile.
        peak: the most that was measured, everything included: on a GPU of its tensors, else of the process.
        available: what there is; None if nobody says.
        fitting_batch: about the largest batch that fits.
    """

    weights: int
    gradients: int
    optimiser: int
    activations: int
    peak: int
    available: int | None
    fitting_batch: int | None


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run will cost on machines like this one.

    Attributes:
        plan: what its settings come to.
        batch_size: pictures that one process takes at a time.
        processes: how many train together.
        parameters: numbers that are trained.
        memory: bytes of one process.
        step_seconds: median time of a step without waiting for pictures.
        read_per_second: pictures that one process's readers deliver while nothing else is done.
        seconds: length of the whole run.
        data_wait: share of it spent waiting for pictures.
        flops_per_image: operations of matrix products in a step, forward and back.
        peak_flops: operations per second of the device in the product of large matrices.
        precision: ``bfloat16`` or ``float32``.
        device: what was measured.
        measured: number of steps that were timed.
    """

    plan: Plan
    batch_size: int
    processes: int
    parameters: int
    memory: Memory
    step_seconds: float
    read_per_second: float
    seconds: float
    data_wait: float
    flops_per_image: int
    peak_flops: float
    precision: str
    device: str
    measured: int

    @property
    def images(self) -> int:
        """Pictures seen in the whole run."""
        return self.plan.steps * self.plan.batch

    @property
    def images_per_second(self) -> float:
        """Speed of all processes together, waiting included."""
        return self.images / self.seconds

    @property
    def share_of_peak(self) -> float:
        """Share of the device's matrix peak that a step reaches."""
        own = self.plan.batch / self.processes
        return self.flops_per_image * own / self.step_seconds / self.peak_flops

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self) | {
            "images": self.images,
            "images_per_second": self.images_per_second,
            "share_of_peak": self.share_of_peak,
        }

    def __str__(self) -> str:
        memory = self.memory
        parts = ("weights", "gradients", "optimiser", "activations")
        each = ", ".join(f"{name} {_size(getattr(memory, name))}" for name in parts)
        fits = "" if memory.available is None else f" of {_size(memory.available)}"
        if memory.fitting_batch is not None:
            fits += f"; the largest batch that fits is about {memory.fitting_batch}"
        many = f" by {self.processes} processes" if self.processes > 1 else ""
        lines = {
            "model": f"{self.parameters / 1e6:.1f} M parameters, {self.flops_per_image / 1e9:.3g} GFLOP per "
            "picture and step",
            "memory": f"{each} (batch {self.batch_size})",
            "": f"peak {_size(memory.peak)}{fits}",
            "speed": f"{self.images_per_second:.4g} images/s{many}: {self.share_of_peak:.0%} of the "
            f"{self.peak_flops / 1e9:.0f} GFLOP/s in {self.precision} that matrix products reach on "
            f"{self.device}",
            "data": f"{self.read_per_second:.4g} pictures/s are read by one process; {self.data_wait:.1%} of "
            "the time waiting for them",
            "length": f"{self.plan.steps} steps of {self.plan.batch} pictures, peak learning rate "
            f"{self.plan.lr:.3g}, warm-up {self.plan.warmup:.4g} steps",
            "time": f"{duration(self.seconds)}, from {self.measured} steps",
        }
        return "\n".join(f"{title:<9} {line}" for title, line in lines.items())


def estimate(config: EstimateConfig) -> Estimate:
    """Take some real steps of a run, on its pictures and at its batch, and keep nothing of them.

    Raises:
        TrainerError: settings or data that cannot work.
        RunFailedError: out of memory; says which batch fits.
    """
    with tempfile.TemporaryDirectory(prefix="estimate-") as folder:
        settings = replace(settings_of_run(config), out=folder, resume="never")
        training = Pretraining(settings)
        if training.ranks.count > 1:
            raise TrainerError("estimate measures one process: leave out torchrun and give --processes")
        try:
            return _measured(training, config)
        except (RuntimeError, MemoryError) as error:
            known = failure(training, error)
            if known is None:
                raise
            reason = known
        finally:
            training.ranks.leave()
    raise reason


def _measured(training: Pretraining, config: EstimateConfig) -> Estimate:
    planned = plan(config, pictures=training.source.count, ranks=config.processes)
    per_step = config.batch_size * config.accumulate
    device, size = training.device, parse_pair(config.image_size)
    saved = [_saved(training, count) for count in (2, 4)]
    per_picture = (saved[1] - saved[0]) // 2
    measure.forget_peak(device)
    steps = _step_seconds(training, config)
    peak = measure.peak_memory(device)
    reading = _read_per_second(training)
    step = statistics.median(steps)
    # Readers work beside the model; without any, reading and learning take turns.
    whole = max(step, per_step / reading) if config.workers else step + per_step / reading
    activations = saved[0] + per_picture * (config.batch_size - 2)
    with training.autocast():
        kind = torch.bfloat16 if torch.is_autocast_enabled(device.type) else torch.float32
    weights = sum(weight.nbytes for weight in training.model.parameters())
    gradients = sum(weight.nbytes for weight in _trained(training.optimiser))
    available = measure.available_memory(device)
    return Estimate(
        plan=planned,
        batch_size=config.batch_size,
        processes=config.processes,
        parameters=sum(weight.numel() for weight in _trained(training.optimiser)),
        memory=Memory(
            weights=weights * (2 if config.ema else 1),
            gradients=gradients,
            optimiser=2 * gradients,
            activations=activations,
            peak=peak,
            available=available,
            fitting_batch=None
            if available is None
            else max(0, int((_SAFE * available - (peak - activations)) // per_picture)),
        ),
        step_seconds=step,
        read_per_second=reading,
        seconds=whole * planned.steps,
        data_wait=1 - step / whole,
        flops_per_image=measure.flops_per_picture(
            build_model(training.config, 1, training.source.num_classes), (config.channels, *size)
        ),
        peak_flops=measure.matrix_peak(device, kind),
        precision=str(kind).removeprefix("torch."),
        device=torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"this CPU with {torch.get_num_threads()} threads",
        measured=len(steps),
    )


def _step_seconds(training: Pretraining, config: EstimateConfig) -> list[float]:
    """Take steps as a run does and return how long each takes, without waiting for pictures."""
    training.model.train()
    begin, taken = time.perf_counter(), []
    with Progress(config.measured_steps, unit="steps", label="estimate") as progress:
        for number in range(config.measured_steps + 1):
            pictures = next_pictures(training)
            start = time.perf_counter()
            training.take_step(pictures)  # whose result is a number, so a GPU has done its work
            if number:  # the first fills caches, and compiles where that was asked for
                taken.append(time.perf_counter() - start)
                progress.advance()
                if time.perf_counter() - begin > _MOST_SECONDS:
                    break
    return taken


def _read_per_second(training: Pretraining) -> float:
    """Return how many pictures a second the readers deliver for as long as nothing else is done."""
    for _ in range(4 * training.config.workers):
        next(training.batches)  # they had time to read these ahead
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < _READ_SECONDS:
        count += len(next(training.batches).pictures)
    return count / (time.perf_counter() - begin)


def _saved(training: Pretraining, count: int) -> int:
    encoder = training.encoder_config
    images = torch.zeros(count, encoder.channels, *encoder.input_size, device=training.device)
    with training.autocast():
        return measure.activation_bytes(training.model, images)


def _trained(optimiser: Optimiser) -> list[torch.Tensor]:
    return [weight for group in optimiser.inner.param_groups for weight in group["params"]]


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
