"""Settings and files that a run cannot begin with, each told in one line."""

from pathlib import PurePath

import pytest
import torch

from patterngen import PatternGenError
from tests.shallow import shallow_settings
from trainer.errors import TrainerError
from trainer.pretraining.pretrain import pretrain


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mask_ratio": 1.0}, "mask_ratio = 1.0 must lie between 0 and 1"),
        ({"mask_ratio": 0.01}, "mask ratio 0.01 leaves 4 of 4 patches visible"),
        ({"image_size": 20}, "height 20 is not a multiple of the patch's height 8"),
        ({"image_size": "16x20"}, "width 20 is not a multiple"),
        ({"image_size": "big"}, "image_size = big: give pixels as 128"),
        ({"patch_size": 0}, "patch_size = 0"),
        ({"image_size": 32}, "is 24×24, smaller than --image-size 32x32"),
        ({"model": "vit_smal"}, "unknown model 'vit_smal'"),
        ({"steps": 0}, "steps = 0 must be at least 1"),
        ({"steps": None}, "give --epochs, --steps or --images"),
        ({"epochs": 2.0}, "--epochs and --steps say the same in two ways"),
        ({"images": 40, "epochs": 2.0}, "--epochs, --steps and --images say the same"),
        ({"lr": 1e-3, "blr": 1e-3}, "--lr and --blr say the same"),
        ({"blr": 0.0}, "blr = 0.0 must be more than 0"),
        ({"warmup_steps": 2, "warmup_epochs": 1.0}, "--warmup-steps and --warmup-epochs"),
        ({"warmup_steps": 7}, "a warm-up of 7 steps is longer than the run of 6"),
        ({"accumulate": 0}, "accumulate = 0 must be at least 1"),
        ({"ema": 1.0}, "ema = 1 would keep the first weights"),
        ({"layer_decay": 1.5}, "layer_decay = 1.5 must be more than 0 and at most 1"),
        ({"keep_checkpoints": 0}, "keep_checkpoints = 0"),
        ({"save_minutes": -1.0}, "save_minutes = -1.0"),
        ({"shard_model": True}, "--shard-model shares a model among processes.*torchrun"),
        ({"resume": "/nowhere.pt"}, "/nowhere.pt: no such checkpoint"),
        ({"stop_at": 0}, "stop_at = 0 must be at least 1"),
        ({"workers": -1}, "workers = -1 must be at least 0"),
        ({"seed": -1}, "seed = -1 must be from 0"),
        ({"seed": 1 << 40}, "seed = 1099511627776 must be from 0"),
        ({"lr": float("nan")}, "lr = nan"),
        ({"warmup": 2}, "warmup = 2 must be from 0 to 1"),
        ({"tv_min": 1.9}, "nothing of .* is kept"),
        ({"workers": 4}, "3 shards cannot feed 1 ranks × 4 workers"),
        ({"decoder_dim": 10}, "decoder"),
        ({"patterns": "/nowhere"}, "no such folder"),
    ],
)
def test_settings_that_cannot_work_are_named(patterns, tmp_path, change, said):
    with pytest.raises(PatternGenError, match=said) as error:
        pretrain(shallow_settings(**{"patterns": patterns, "out": tmp_path / "run"} | change))
    assert "\n" not in str(error.value)


def test_a_checkpoint_that_is_a_pickle_is_not_resumed(patterns, tmp_path):
    folder = tmp_path / "run" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save({"encoder": PurePath("here"), "step": 1}, folder / "step-000000001.pt")
    with pytest.raises(TrainerError, match="holds pickled objects"):
        pretrain(shallow_settings(patterns, tmp_path / "run"))
