"""What a step of fine-tuning costs, and what augmentation adds to it.

`pytest benchmarks/bench_finetuning.py --benchmark-only -s`. The steps take turns on one core; ratios are of
the medians of that core's time in one run.
"""

import statistics
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.sound.logmel import LogMel
from trainer.tasks import Clip, Task
from trainer.training.device import autocast
from trainer.transfer.finetune.config import FinetuneProtocol
from trainer.transfer.finetune.training import Finetuning

CLIPS, FRAMES = 32, 208
OFF: dict[str, Any] = {"mixup": 0.0, "time_mask": 0.0, "freq_mask": 0.0, "patch_mask": 0.0, "drop_path": 0.0}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "mixup": {"mixup": 0.3},
    "crops": {"crop_time": (0.6, 1.5), "crop_freq": (0.6, 1.0)},
    "masks": {"time_mask": 0.2, "freq_mask": 0.2},
    "drop path": {"drop_path": 0.1},
    "average": {"ema": 0.999},
    "half of the patches": {"patch_mask": 0.5},
}
SETTINGS["all"] = {name: value for one in SETTINGS.values() for name, value in one.items()}


@pytest.mark.parametrize("model", ["vit_tiny"])
def bench_step(model: str, benchmark) -> None:
    """32 clips of two seconds, a step of each kind in turn."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    spectrograms = [torch.randn(80, FRAMES, generator=generator) for _ in range(2 * CLIPS)]
    clips = (Clip(Path(f"{i}.wav"), "ab"[i % 2], fold=i // CLIPS + 1) for i in range(2 * CLIPS))
    task = Task("made", tuple(clips), 2.0)
    config = EncoderConfig(
        model=model,
        input_size=(80, FRAMES),
        patch_size=(16, 16),
        channels=1,
        mean=0.0,
        std=1.0,
        logmel=LogMel(),
    )
    encoder = SoundEncoder(new_encoder(config), config)
    steps = {
        name: Finetuning(
            encoder,
            spectrograms,
            task,
            next(task.folds()),
            seed=0,
            protocol=FinetuneProtocol(**OFF | {"batch_size": CLIPS, "epochs": 1000} | settings),
            autocast=autocast(torch.device("cpu"), "auto"),
        )
        for name, settings in SETTINGS.items()
    }
    taken: dict[str, list[float]] = {name: [] for name in steps}
    augmenting: dict[str, list[float]] = {name: [] for name in steps}

    def all_of_them() -> None:
        for name, training in steps.items():
            begin = time.process_time()
            training.augmented(torch.arange(CLIPS))
            middle = time.process_time()
            training.take_step()
            augmenting[name].append(middle - begin)
            taken[name].append(time.process_time() - middle)

    all_of_them()
    benchmark.pedantic(all_of_them, rounds=5)
    plain = statistics.median(taken["plain"])
    print(f"\n{model}, {CLIPS} clips of {FRAMES} frames, one core")
    for name in steps:
        step, augment = statistics.median(taken[name]), statistics.median(augmenting[name])
        print(
            f"  {name:19} {CLIPS / step:5.0f} clips/s, {step / plain:4.2f} of a plain step; "
            f"augmenting {1000 * augment:4.1f} ms, {augment / step:5.1%}"
        )
    benchmark.extra_info["ratio"] = statistics.median(taken["all"]) / plain
