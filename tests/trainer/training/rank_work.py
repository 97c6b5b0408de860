"""What each of two ranks does for test_ranks.py: the same steps with whole and with sharded weights."""

import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from tests.shallow import SHALLOW, shallow_model
from trainer.data.loader import PictureBatch
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.pretrain import finish
from trainer.pretraining.run import Pretraining
from trainer.training.ranks import Ranks, join, whole

STEPS = 2


def settings(patterns: str, out: Path, **changes) -> PretrainConfig:
    plain = {
        "model": SHALLOW, "image_size": 16, "patch_size": 8, "steps": 9, "batch_size": 4, "workers": 0,
        "decoder_dim": 16, "decoder_depth": 1, "lr": 1e-3, "warmup": 0.0, "device": "cpu",
        "precision": "float32", "ema": 0.5, "target": "teacher", "rank_timeout": 60.0,
    }  # fmt: skip
    return PretrainConfig(data=(patterns,), out=str(out), **plain | changes)


def learn(training: Pretraining, pictures: torch.Tensor, steps: int = STEPS) -> dict[str, torch.Tensor]:
    """Take steps on this rank's part of pictures [B, C, H, W]; return losses and the whole gradients."""
    own = pictures.chunk(training.ranks.count)[training.ranks.number]
    parts = [
        PictureBatch(
            pictures=part,
            classes=torch.zeros(len(part), dtype=torch.int64),
            rolls=torch.empty(len(part), 0, 0),
            views=part[:, :0, :0, :0],
        )
        for part in own.chunk(training.config.accumulate)
    ]
    found = {}

    def record(*_):
        for name, weight in training.model.named_parameters():
            if weight.grad is not None:
                found[f"{training.step}.{name}"] = whole(weight.grad).clone()

    hook = training.optimiser.inner.register_step_pre_hook(record)
    for step in range(steps):
        found[f"loss {step}"] = torch.tensor(training.take_step(parts)["loss"], dtype=torch.float64)
    hook.remove()
    return found


def state(training: Pretraining) -> dict[str, torch.Tensor]:
    """Return the weights and their average."""
    tensors = training.model.state_dict() | {f"average.{k}": v for k, v in training.average.weights.items()}
    return {name: whole(tensor).clone() for name, tensor in tensors.items()}


def main(patterns: str, given: Path, out: Path) -> None:
    torch.set_num_threads(1)
    pictures = load_file(given)["pictures"]
    ranks = join("cpu", timeout=60)
    assert ranks.any(ranks.number == 1, False) == (True, False)
    assert ranks.mean(torch.tensor(float(ranks.number))).item() == 0.5
    for name in ("whole", "sharded"):
        config = settings(patterns, out / name, shard_model=name == "sharded")
        place = Ranks(ranks.device, ranks.number, ranks.count, config.shard_model)
        training = Pretraining(config, place)
        results = learn(training, pictures)
        training.save()
        going_on = learn(training, pictures, 1), state(training)
        resumed = Pretraining(
            replace(config, resume=str(out / name / "checkpoints/step-000000002.pt")), place
        )
        again = learn(resumed, pictures, 1), state(resumed)
        for one, other in zip(going_on, again, strict=True):
            assert one.keys() == other.keys()
            for key in one:
                assert torch.equal(one[key], other[key]), f"{name}: {key} differs after a stop"
        finish(training)
        if ranks.number == 0:
            save_file(results, out / f"{name}.safetensors")
    ranks.leave()


if __name__ == "__main__":
    with shallow_model():
        main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
