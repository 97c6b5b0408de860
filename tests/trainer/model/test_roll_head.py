import math
from itertools import islice

import numpy as np
import pytest
import torch

from patterngen import DatasetFolder, PatternGenError, family
from patterngen.sizes import PITCHES
from tests.drawn import draw
from tests.shallow import SHALLOW
from trainer.data.contract import Reader
from trainer.data.sources import open_sources
from trainer.errors import TrainerError
from trainer.model.roll_head import RollHead
from trainer.pretraining.build import build_model
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.pretrain import pretrain
from trainer.training.metrics_log import read_metrics

AXIS = "mel_scale=slaney&f_min_low=50&f_min_high=50&f_max_low=8000&f_max_high=8000"


@pytest.mark.numerical
def test_its_error_is_the_cross_entropy_of_each_pitch():
    """A pitch that sounds for a quarter of a step, and is said to sound with p: −¼ log p − ¾ log(1 − p)."""
    head = RollHead(8, (2, 3))
    rolls = torch.zeros(1, PITCHES, 12)
    rolls[0, 5, 4] = 1
    scores = torch.full((1, 3, PITCHES), -math.inf).nan_to_num(neginf=-200.0)
    scores[0, 1, 5] = math.log(0.3 / 0.7)
    expected = -(math.log(0.3) + 3 * math.log(0.7)) / 4
    assert head.loss(scores, rolls).item() == pytest.approx(expected / 3)


@pytest.mark.numerical
def test_a_step_is_told_by_its_own_patches_and_each_row_by_itself():
    head = RollHead(4, (2, 3))
    torch.nn.init.normal_(head.linear.weight)
    tokens = torch.randn(1, 1 + 6, 4)
    before = head(tokens)
    tokens[:, 1 + 4] += 1  # the second row's patch at the second step
    changed = (head(tokens) != before).any(2)[0]
    assert changed.tolist() == [False, True, False]
    assert torch.allclose((head(tokens) - before)[0, 1], head.linear.weight[:, 4:].sum(1), atol=1e-5)


def settings(out, **changes):
    plain = {
        "draw": (f"spectro?scene=chirps&{AXIS}",), "model": SHALLOW, "image_size": "80x32",
        "patch_size": "80x4", "channels": 1, "steps": 60, "batch_size": 16, "workers": 0, "log_every": 1,
        "lr": 2e-3, "decoder_dim": 16, "decoder_depth": 1, "show_every": 0, "piano_roll": 1.0,
        "mask_ratio": 0.5,
    }  # fmt: skip
    return PretrainConfig(out=str(out), **plain | changes)


def test_pitches_are_learned(tmp_path):
    """Saying how often each pitch sounds costs what their entropies sum to; looking costs less."""
    run = pretrain(settings(tmp_path / "run", steps=150))
    source = open_sources((), settings("").draw, size=(80, 32), seed=99, rolls=True)
    rolls = np.stack([sample.roll for sample in islice(source.samples(Reader(0, 1), 0), 256)])
    often = rolls.mean((0, 2), dtype=float).clip(1e-9, 1 - 1e-9)
    blind = -(often * np.log(often) + (1 - often) * np.log(1 - often)).sum()
    last = np.mean([row["piano_roll"] for row in read_metrics(run)[-20:]])
    assert last < 0.7 * blind


def test_blocks_after_the_layer_that_tells_learn_nothing_of_pitches():
    plain = {"piano_roll_layer": 1, "model": "vit_tiny", "image_size": "16x32", "patch_size": "16x4"}
    config = settings("", **plain)
    model = build_model(config, 1)
    rolls = torch.zeros(2, PITCHES, 32)
    model(torch.randn(2, 1, 16, 32), torch.Generator().manual_seed(0), rolls=rolls).roll.backward()
    blocks = model.encoder.blocks
    assert blocks[0].attn.qkv.weight.grad is not None
    assert all(weight.grad is None for block in blocks[1:] for weight in block.parameters())
    with pytest.raises(TrainerError, match=r"^--piano-roll-layer 13: the encoder has 12 blocks$"):
        build_model(settings("", **plain | {"piano_roll_layer": 13}), 1)
    for name in ("piano_roll_layer", "piano_roll_channels"):
        with pytest.raises(
            TrainerError, match=f"^--{name.replace('_', '-')} says where .*: give --piano-roll too$"
        ):
            settings("", **{"piano_roll": 0.0, name: 1})


@pytest.mark.numerical
def test_other_channels_are_not_looked_at():
    head = RollHead(4, (2, 3), channels=3)
    torch.nn.init.normal_(head.linear.weight)
    tokens = torch.randn(1, 1 + 6, 4)
    before = head(tokens)
    tokens[:, :, 3] += 1
    assert torch.equal(head(tokens), before)
    tokens[:, :, 2] += 1
    assert not torch.equal(head(tokens), before)
    with pytest.raises(TrainerError, match=r"^--piano-roll-channels 5: the encoder has 4 channels$"):
        RollHead(4, (2, 3), channels=5)


def test_a_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    whole = pretrain(settings(tmp_path / "whole", steps=6))
    pretrain(settings(tmp_path / "parts", steps=6, stop_at=3))
    parts = pretrain(settings(tmp_path / "parts", steps=6))
    told = [[(row["loss"], row["piano_roll"]) for row in read_metrics(run)] for run in (whole, parts)]
    assert told[0] == told[1]


def test_what_has_no_roll_is_refused(tmp_path):
    with pytest.raises(PatternGenError, match=r"^perlin has no piano_roll; these families have: spectro$"):
        open_sources((), ("spectro", "perlin"), size=(16, 16), seed=0, rolls=True)
    job = tmp_path / "job.yaml"
    job.write_text("family: [spectro]\ncount: 4\nsize: 32\n")
    with pytest.raises(TrainerError, match=r"draws 32x32, and --image-size is 16x16: make"):
        open_sources((), (str(job),), size=(16, 16), seed=0, rolls=True)
    folders = [str(draw(tmp_path / name, name, count=2, size=16)) for name in ("perlin", "spectro")]
    with pytest.raises(PatternGenError, match=r"^perlin has no piano_roll; these families have: spectro$"):
        open_sources((folders[0],), size=(16, 16), seed=0, rolls=True)
    with pytest.raises(
        TrainerError, match=r"spectro holds 16x16, and --image-size is 32x32: make them equal$"
    ):
        open_sources((folders[1],), size=(32, 32), seed=0, rolls=True)


def test_pictures_in_shards_have_the_rolls_of_their_seeds(tmp_path):
    folder = draw(tmp_path / "set", f"spectro?{AXIS}", count=7, size="40x32", samples_per_shard=4)
    source = open_sources((str(folder),), size=(40, 32), seed=0, rolls=True)
    rolls = {sample.key: sample.roll for sample in islice(source.samples(Reader(0, 1), 0), 7)}
    rows = DatasetFolder.open(str(folder)).manifest(["key", "seed"]).to_pydict()
    expected = family(f"spectro?{AXIS}").piano_roll(rows["seed"], (40, 32))
    assert sorted(rolls) == rows["key"]
    assert all(np.array_equal(rolls[key], roll) for key, roll in zip(rows["key"], expected, strict=True))
    run = pretrain(
        settings(
            tmp_path / "run", data=(str(folder),), draw=(), image_size="40x32", patch_size="40x4", steps=2
        )
    )
    assert all(row["piano_roll"] > 0 for row in read_metrics(run))


@pytest.mark.parametrize("changes", [{"mirror": True}, {"augment": "mae"}])
def test_pictures_that_are_not_as_they_were_drawn_are_refused(changes):
    with pytest.raises(TrainerError, match=r"^--piano-roll knows the tones of whole pictures"):
        settings("run", **changes)
