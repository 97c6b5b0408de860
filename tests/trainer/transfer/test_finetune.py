from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from patterngen import RunFailedError
from trainer.errors import TrainerError
from trainer.tasks import Clip, Task
from trainer.transfer.finetune import (
    Classifier,
    FinetuneProtocol,
    finetune_fold,
    mixed_batches,
    predict,
    shift_in_time,
)

SILENCE = -9.0


@given(st.integers(1, 200), st.integers(0, 2**31))
def test_a_shift_moves_a_clip_and_keeps_what_it_says(frames, seed):
    clip = torch.arange(2.0 * frames).reshape(2, frames)
    before = clip.clone()
    random = torch.Generator().manual_seed(seed)
    moved = shift_in_time(clip, chunk=64, hop=16, silence=SILENCE, generator=random)
    assert torch.equal(clip, before)
    if frames >= 64:  # one input's worth of it, from anywhere
        start = int(moved[0, 0])
        assert torch.equal(moved, clip[:, start : start + 64])
    else:  # all of it, after less than a patch of silence, and no more than one input
        lead = moved.shape[1] - frames
        assert 0 <= lead < 16
        assert moved.shape[1] <= 64
        assert (moved[:, :lead] == SILENCE).all()
        assert torch.equal(moved[:, lead:], clip)


@pytest.mark.parametrize(("frames", "shifts"), [(40, range(16)), (60, range(5)), (64, [0]), (70, range(7))])
def test_every_shift_is_drawn(frames, shifts):
    clip = torch.arange(1.0, 1 + frames)[None]
    random = torch.Generator().manual_seed(0)
    drawn = set()
    for _ in range(300):
        moved = shift_in_time(clip, chunk=64, hop=16, silence=SILENCE, generator=random)
        drawn.add(moved.shape[1] - frames if frames < 64 else int(moved[0, 0]) - 1)
    assert drawn == set(shifts)


# --- training ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def low_or_high():
    """Sounds in the lower or the upper bands, of different lengths; folds 1 and 2."""
    rng = torch.Generator().manual_seed(0)
    spectrograms, clips = [], []
    for i in range(24):
        sound = torch.randn(32, 20 + 3 * i, generator=rng) - 6
        sound[:16] += 8 * (i % 2)
        spectrograms.append(sound)
        clips.append(Clip(Path(f"{i}.wav"), ["high", "low"][i % 2], fold=i // 12 + 1))
    return spectrograms, Task("made", tuple(clips), 1.0)


def finetune(ear, made, seed=0, **settings):
    spectrograms, task = made
    protocol = FinetuneProtocol(**{"epochs": 6, "batch_size": 6, "lr": 5e-4} | settings)
    return finetune_fold(ear, spectrograms, task, next(task.folds()), seed=seed, protocol=protocol)


def test_a_simple_task_is_learned_and_the_encoder_given_is_not_changed(ear, low_or_high):
    before = {name: tensor.clone() for name, tensor in ear.state_dict().items()}
    assert finetune(ear, low_or_high) > 0.9
    assert all(torch.equal(tensor, before[name]) for name, tensor in ear.state_dict().items())
    assert not ear.training


def test_equal_seeds_give_equal_models(ear, low_or_high, monkeypatch):
    outputs = []

    def told(outputs_, targets):
        outputs.append(outputs_)
        return 0.0

    monkeypatch.setattr("trainer.transfer.finetune.score", told)
    for seed in (3, 3, 4):
        finetune(ear, low_or_high, seed=seed, epochs=1)
    assert np.array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


def test_test_clips_are_never_learned_from(ear, low_or_high, monkeypatch):
    spectrograms, task = low_or_high
    test = set(next(task.folds()).test.tolist())
    poisoned = [
        torch.full_like(clip, torch.nan) if i in test else clip for i, clip in enumerate(spectrograms)
    ]
    weights = []
    monkeypatch.setattr(
        "trainer.transfer.finetune.predict",
        lambda model, clips, **_: (
            weights.append(model.head.weight.detach().clone()) or torch.zeros(len(clips), 2)
        ),
    )
    for clips in (spectrograms, poisoned):
        finetune(ear, (clips, task), epochs=1)
    assert torch.equal(*weights)
    assert weights[1].isfinite().all()


def test_predictions_keep_their_order(ear, low_or_high):
    torch.manual_seed(0)
    model = Classifier(ear, 3)
    clips = low_or_high[0][:6]
    together = predict(model, clips)
    alone = torch.cat([predict(model, [clip]) for clip in clips])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_a_training_that_diverges_ends_as_a_failed_run(ear, low_or_high):
    spectrograms, task = low_or_high
    with pytest.raises(RunFailedError, match=r"loss nan .* at step 1"):
        finetune(ear, ([torch.full_like(clip, torch.nan) for clip in spectrograms], task))


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 0}, {"lr": -1}, {"warmup": 1.5}])
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        FinetuneProtocol(**wrong)


@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 2**31))
def test_an_epoch_deals_every_training_clip_once(count, batch_size, seed):
    random = torch.Generator().manual_seed(seed)
    train = torch.arange(10, 10 + count)
    steps = torch.randint(1, 14, (400,), generator=random)
    batches = mixed_batches(train, steps, batch_size, random)
    assert torch.equal(torch.cat(batches).sort().values, train)
    assert len(batches) == -(-count // batch_size)


def test_clips_of_like_length_share_batches():
    random = torch.Generator().manual_seed(0)
    steps = torch.randint(1, 14, (512,), generator=random)
    filled = sum(
        int(steps[batch].max()) * len(batch) for batch in mixed_batches(torch.arange(512), steps, 64, random)
    )
    shuffled = torch.randperm(512, generator=random).split(64)
    unsorted = sum(int(steps[batch].max()) * len(batch) for batch in shuffled)
    assert filled < 0.75 * unsorted
