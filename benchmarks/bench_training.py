"""What a training step costs beside the published recipe, and what its pictures cost.

`pytest benchmarks/bench_training.py --benchmark-only -s`. A step of ours and one of the plain implementation
take turns, on the same two cores, with the same model, decoder and batch; ratios are of medians in one run.
The tables tell both the time on the clock and the time of the cores, which a busy machine stretches less; for
that, let threads sleep while they wait: OMP_WAIT_POLICY=PASSIVE.
"""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from published.mae_reference import PlainMAE, optimiser
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from patterngen import DatasetSpec, RunOptions, render, select
from trainer.data.contract import Reader
from trainer.data.loader import batches
from trainer.data.pixels import Framing
from trainer.data.shards import Shards
from trainer.data.stream import PictureStream
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.training.device import autocast, computes_bf16, suit_attention
from trainer.training.optimiser import Optimiser

CPU = torch.device("cpu")
THREADS = 2
ROUNDS = 3
BATCHES = {"vit_tiny": 16, "vit_small": 16, "vit_base": 16}
"""A step of each takes seconds, so that what is done once a step does not count for much."""
PUBLISHED_DECODER = {"decoder_dim": 512, "decoder_depth": 8, "decoder_heads": 16}

every_model = pytest.mark.parametrize("model", list(BATCHES))
Step = Callable[[], object]


@pytest.fixture(autouse=True, scope="module")
def one_core() -> Iterator[None]:
    """Give steps all cores, whatever ran before; the loader's rates are of the time of one core anyway."""
    torch.set_num_threads(THREADS)
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    yield
    os.sched_setaffinity(0, before)


class Seconds(NamedTuple):
    clock: float
    cores: float


def timed(step: Step) -> Seconds:
    clock, cores = time.perf_counter(), time.process_time()
    step()
    return Seconds(time.perf_counter() - clock, time.process_time() - cores)


def median(rounds: list[Seconds]) -> Seconds:
    return Seconds(*(statistics.median(column) for column in zip(*rounds, strict=True)))


def plain_step(model: str, images: Tensor) -> Step:
    """A step of the published recipe."""
    torch.manual_seed(0)
    plain = PlainMAE(model)
    adamw = optimiser(plain, 1e-4)

    def step() -> None:
        loss = plain(images)
        loss.backward()
        adamw.step()
        adamw.zero_grad()
        loss.item()

    return step


def our_step(model: str, images: Tensor, **settings: Any) -> Step:
    """A step of `trainer pretrain` with the published decoder, as it runs on this machine by default."""
    torch.manual_seed(0)
    encoder = build_encoder(model, input_size=(224, 224), patch_size=(16, 16), channels=3)
    ours = MaskedAutoencoder(encoder, MaskedAutoencoderConfig(norm_pix=True, **PUBLISHED_DECODER, **settings))
    suit_attention(ours, CPU)
    adamw = Optimiser(
        ours, lr=1e-4, steps=10**6, warmup=0.0, weight_decay=0.05, betas=(0.9, 0.95), clip_grad=1.0
    )
    precision = autocast(CPU, "auto")

    def step() -> None:
        with precision():
            loss = ours(images).loss
        loss.backward()
        adamw.update(0, loss.detach())

    return step


STEPS = {
    "plain": plain_step,
    "ours": our_step,
    # Another recipe, and so no part of the comparison: what leaving out work gains.
    "cross": partial(our_step, decoder="cross", predict_share=0.25),
}


def pictures(count: int) -> Tensor:
    return torch.randn(count, 3, 224, 224, generator=torch.Generator().manual_seed(1))


def flops(kind: str, model: str) -> float:
    """Floating-point operations of the matrix products of a step, per picture."""
    step = STEPS[kind](model, pictures(1))
    with FlopCounterMode(display=False) as counter:
        step()
    return float(counter.get_total_flops())


def peak(kind: torch.dtype) -> float:
    """Operations per second of one core in the product of large matrices."""
    a, b = torch.randn(2, 2048, 2048).to(kind)
    rounds = [timed(lambda: a @ b) for _ in range(8)]
    return 2 * 2048**3 / min(seconds.cores for seconds in rounds)


def peak_memory(kind: str, model: str, answer: "multiprocessing.Queue[float]") -> None:
    """Say how much memory two steps need beyond what was there before the model, in GiB."""
    torch.set_num_threads(THREADS)
    images = pictures(BATCHES[model])
    before = most_memory()
    step = STEPS[kind](model, images)
    step()
    step()
    answer.put(most_memory() - before)


def most_memory() -> float:
    """The largest memory of this process so far, in GiB; what `resource` tells is its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 2**20


def memory_of(kind: str, model: str) -> float:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[float] = context.Queue()
    process = context.Process(target=peak_memory, args=(kind, model, answer))
    process.start()
    result = answer.get(timeout=600)
    process.join()
    return result


@every_model
def bench_step(model: str, benchmark) -> None:
    count = BATCHES[model]
    images = pictures(count)
    steps = {kind: make(model, images) for kind, make in STEPS.items()}
    taken: dict[str, list[Seconds]] = {kind: [] for kind in STEPS}
    for step in steps.values():
        step()

    def both() -> None:
        for kind, step in steps.items():
            taken[kind].append(timed(step))

    benchmark.pedantic(both, rounds=ROUNDS)
    medians = {kind: median(rounds) for kind, rounds in taken.items()}
    ratio = Seconds(*(a / b for a, b in zip(medians["plain"], medians["ours"], strict=True)))
    print(f"\n{model}, {count} pictures of 224², {THREADS} threads")
    for kind, seconds in medians.items():
        dtype = torch.bfloat16 if kind != "plain" and computes_bf16(CPU) else torch.float32
        best = peak(dtype)
        share = flops(kind, model) * count / seconds.cores / best
        print(
            f"  {kind:6} {count / seconds.clock:6.2f} images/s on the clock,"
            f" {count / seconds.cores:6.2f} per core; {share:4.0%} of the {best / 1e9:.0f} GFLOP/s"
            f" of a core in {str(dtype)[6:]};"
            f" peak memory {memory_of(kind, model):.2f} GiB"
        )
    print(f"  ours is {ratio.clock:.2f}× as fast on the clock, {ratio.cores:.2f}× by the time of the cores")
    benchmark.extra_info["ratio"] = ratio.cores


# --- objectives --------------------------------------------------------------------------------

OBJECTIVES: dict[str, dict[str, Any]] = {
    "pixels": {},
    "pixels + contrast of two masks": {"contrast": 0.3},
    "pixels + prediction with SIGReg": {"contrast": 0.3, "contrast_loss": "lejepa"},
    "pixels + piano roll by the final norm": {"piano_roll": 1.0},
    "pixels + piano roll by block 6": {"piano_roll": 0.3, "piano_roll_layer": 6},
    "random projection": {"target": "random-projection"},
    "teacher": {"target": "teacher"},
    "classes, by a fifth of the patches": {"target": "classes"},
    "classes, by all": {"target": "classes", "mask_ratio": 0.0},
}
"""Settings beside those of the shipped encoders: 80 % masked, half of that predicted by the cross decoder."""
SHIPPED = {"mask_ratio": 0.8, "norm_pix": True, "keep_mean": True, "decoder": "cross", "predict_share": 0.5}


def objective_step(changes: dict[str, Any], images: Tensor) -> Step:
    """Make a step of `vit_tiny` on 80 × 208 by an objective."""
    settings = SHIPPED | changes
    if settings.get("target") == "classes":
        settings |= {"decoder": "self", "predict_share": 1.0}
    encoder = build_encoder("vit_tiny", input_size=(80, 208), patch_size=(16, 16), channels=1)
    model = MaskedAutoencoder(encoder, MaskedAutoencoderConfig(**settings), num_classes=1000)
    adamw = Optimiser(
        model, lr=1e-4, steps=10**6, warmup=0.0, weight_decay=0.05, betas=(0.9, 0.95), clip_grad=1.0
    )
    classes = torch.arange(len(images))

    def step() -> None:
        with autocast(CPU, "auto")():
            loss = model(images, torch.Generator().manual_seed(0), classes).loss
        loss.backward()
        adamw.update(1, loss.detach())
        model.after_step()

    return step


def bench_objectives(benchmark) -> None:
    """Let a step of each objective take turns on one core: images per second, beside those of pixels."""
    torch.set_num_threads(1)
    images = torch.randn(32, 1, 80, 208, generator=torch.Generator().manual_seed(1))
    steps = {name: objective_step(changes, images) for name, changes in OBJECTIVES.items()}
    taken: dict[str, list[Seconds]] = {name: [] for name in steps}
    for step in steps.values():
        step()

    def each() -> None:
        for name, step in steps.items():
            taken[name].append(timed(step))

    benchmark.pedantic(each, rounds=15)
    torch.set_num_threads(THREADS)
    rates = {name: 32 / median(rounds).cores for name, rounds in taken.items()}
    print("\nvit_tiny, 32 pictures of 80 × 208, one core")
    for name, rate in rates.items():
        print(f"  {name:38} {rate:6.1f} images/s, {rate / rates['pixels']:.2f} of pixels")


# --- pictures ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pictures") / "set"
    families = ("dead-leaves-mixed", "perlin", "fbm", "stat-spectrum")
    render(DatasetSpec(family=families, count=600, samples_per_shard=200), RunOptions(out=str(folder)))
    return folder


@pytest.mark.parametrize("augment", ["none", "crop", "mae"])
@pytest.mark.parametrize("channels", [3, 1])
def bench_loader(augment: str, channels: int, dataset: Path, benchmark) -> None:
    """Read, decode and augment a batch in this process: pictures per second of one core."""
    count = 100
    stream = PictureStream(
        source=Shards(shards=select(str(dataset)), seed=0, buffer=200),
        framing=Framing(size=(224, 224), channels=channels, augment=augment),
        batch_size=count,
    )
    torch.set_num_threads(1)
    ready = iter(stream)
    next(ready)
    rounds = []
    benchmark.pedantic(lambda: rounds.append(timed(partial(next, ready))), rounds=7)
    torch.set_num_threads(THREADS)
    rate = count / median(rounds).cores
    benchmark.extra_info["images_per_second"] = rate
    print(f"\nloader, {augment}, {channels} channels: {rate:.0f} pictures/s per core")


def bench_reading(dataset: Path, benchmark) -> None:
    """Read the shards without decoding: samples per second of one core."""
    samples = Shards(shards=select(str(dataset)), seed=0, buffer=200).samples(Reader(0, 1), 0)
    rounds = []
    benchmark.pedantic(lambda: rounds.append(timed(lambda: list(islice(samples, 300)))), rounds=7)
    print(f"\nreading alone: {300 / median(rounds).cores:.0f} samples/s per core")


def bench_waiting(dataset: Path, benchmark) -> None:
    """Train a tiny model on pictures that another process reads: the share of time spent waiting for them."""
    stream = PictureStream(
        source=Shards(shards=select(str(dataset)), seed=0, buffer=200),
        framing=Framing(size=(224, 224), channels=3, augment="mae"),
        batch_size=32,
    )
    read = batches(stream, 1)
    encoder = build_encoder("vit_tiny", input_size=(224, 224), patch_size=(16, 16), channels=3)
    model = MaskedAutoencoder(
        encoder, MaskedAutoencoderConfig(norm_pix=True)
    )  # with the decoder that is trainer's default
    suit_attention(model, CPU)
    adamw = Optimiser(
        model, lr=1e-4, steps=10**6, warmup=0.0, weight_decay=0.05, betas=(0.9, 0.95), clip_grad=1.0
    )
    waits, steps = [], []
    precision = autocast(CPU, "auto")

    def step() -> None:
        begin = time.perf_counter()
        batch = next(read)
        waits.append(time.perf_counter() - begin)
        images = batch.pictures.float() / 255 - 0.5
        with precision():
            loss = model(images).loss
        loss.backward()
        adamw.update(0, loss.detach())
        steps.append(time.perf_counter() - begin)

    benchmark.pedantic(step, rounds=20, warmup_rounds=5)
    share = sum(waits[5:]) / sum(steps[5:])
    print(
        f"\ntiny, {32 / statistics.median(steps):.0f} images/s on {os.cpu_count()} cores, one process"
        f" reading: {share:.1%} of the time waiting for pictures"
    )
