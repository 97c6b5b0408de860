"""Each augmentation changes its input, and keeps what a clip is recognised by."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.transfer.finetune.augment import mixup, patch_mask, resized_crop, shift_in_time, spec_augment

SILENCE = -9.0
NONE = (1.0, 1.0)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def batch():
    """Five clips of 12 bands and different lengths, filled up with silence to 40 frames."""
    frames = torch.tensor([40, 31, 40, 9, 1])
    clips = torch.randn(5, 12, 40, generator=generator()) - 5
    clips = clips.masked_fill((torch.arange(40) >= frames[:, None])[:, None], SILENCE)
    return clips.clamp(min=SILENCE), frames


def augmented(name, clips, frames, seed):
    random = generator(seed)
    if name == "shift":
        shifted = [
            shift_in_time(clip, chunk=32, hop=16, silence=SILENCE, generator=random)[:, :30] for clip in clips
        ]
        return torch.stack(shifted)
    if name == "mixup":
        return mixup(clips, torch.eye(len(clips)), frames, alpha=1.0, generator=random)[0]
    if name == "mask":
        return spec_augment(clips, frames, time=0.5, freq=0.5, fill=0.0, generator=random)
    time, freq = {"time crop": ((0.5, 1.5), NONE), "band crop": (NONE, (0.5, 0.9))}[name]
    return resized_crop(clips, frames, time=time, freq=freq, silence=SILENCE, generator=random)


@pytest.mark.parametrize("name", ["shift", "mixup", "mask", "time crop", "band crop"])
def test_each_changes_its_input_anew_and_repeats_with_its_seed(name, batch):
    clips, frames = batch
    before = clips.clone()
    first, second, again = (augmented(name, clips, frames, seed) for seed in (1, 2, 1))
    assert torch.equal(clips, before)  # what was given stays as it was
    assert not torch.equal(first, clips[:, :, : first.shape[2]])
    assert not torch.equal(first, second)
    assert torch.equal(first, again)


# Shift --------------------------------------------------------------------------------------------------


@given(st.integers(1, 200), st.integers(0, 2**31))
def test_a_shift_moves_a_clip_and_keeps_what_it_says(frames, seed):
    clip = torch.arange(2.0 * frames).reshape(2, frames)
    before = clip.clone()
    moved = shift_in_time(clip, chunk=64, hop=16, silence=SILENCE, generator=generator(seed))
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
    random = generator()
    drawn = set()
    for _ in range(300):
        moved = shift_in_time(clip, chunk=64, hop=16, silence=SILENCE, generator=random)
        drawn.add(moved.shape[1] - frames if frames < 64 else int(moved[0, 0]) - 1)
    assert drawn == set(shifts)


# Mixup --------------------------------------------------------------------------------------------------


@given(st.integers(2, 9), st.floats(0.05, 5), st.integers(0, 2**31))
def test_powers_and_targets_are_mixed_in_the_same_shares(count, alpha, seed):
    # Clip i sounds in band i alone, so that the mixture tells what it was made of.
    clips = torch.full((count, count, 3), -40.0)
    clips[torch.arange(count), torch.arange(count)] = torch.linspace(-3, 0, 3)
    targets = torch.eye(count)
    frames = torch.arange(1, count + 1)
    mixed, named, longest = mixup(clips, targets, frames, alpha=alpha, generator=generator(seed))
    heard = (mixed - clips.max()).exp()[:, :, 2]
    torch.testing.assert_close(heard, named, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(named.sum(dim=1), torch.ones(count))
    assert (named.diagonal() > 0).any()
    assert ((named > 1e-6).sum(dim=1) <= 2).all()
    for row, own in enumerate(longest.tolist()):
        partners = {i for i in range(count) if named[row, i] > 0}
        assert own >= max(frames[i] for i in partners)


def test_where_nothing_sounds_a_mixture_is_silent_and_it_is_never_louder_than_both(batch):
    clips, frames = batch
    mixed, _, _ = mixup(clips, torch.eye(5), frames, alpha=1.0, generator=generator())
    assert mixed.min() >= SILENCE - 1e-4
    assert mixed.max() <= clips.max() + 1e-4
    silent = torch.full((2, 3, 4), SILENCE)
    mixed, _, _ = mixup(silent, torch.eye(2), torch.tensor([4, 4]), alpha=1.0, generator=generator())
    torch.testing.assert_close(mixed, silent)


def test_clips_of_several_labels_keep_them_in_shares():
    targets = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    _, named, _ = mixup(torch.zeros(2, 1, 1), targets, torch.ones(2), alpha=1.0, generator=generator())
    torch.testing.assert_close(named[:, 1], torch.ones(2))  # both have it
    torch.testing.assert_close(named[:, 0] + named[:, 2], torch.ones(2))


def test_shares_follow_the_beta_distribution():
    count = 4000
    _, named, _ = mixup(
        torch.zeros(count, 1, 1),
        torch.stack([torch.ones(count), torch.zeros(count)], dim=1),
        torch.ones(count),
        alpha=0.5,
        generator=generator(),
    )
    assert torch.allclose(named[:, 0], torch.ones(count))  # all clips are alike, and so are mixtures
    targets = torch.arange(float(count))[:, None]
    _, named, _ = mixup(
        torch.zeros(count, 1, 1), targets, torch.ones(count), alpha=0.5, generator=generator()
    )
    step = (named - targets)[:, 0]  # (1 − λ)·distance for clips whose partner comes after them
    distance = step.max().round()
    share = 1 - step[step >= 0] / distance
    assert np.var(share.numpy()) == pytest.approx(1 / (4 * (2 * 0.5 + 1)), rel=0.1)


def test_a_clip_alone_stays_as_it_is():
    clip = torch.randn(1, 3, 4)
    mixed, named, frames = mixup(clip, torch.ones(1, 1), torch.tensor([4]), alpha=0.3, generator=generator())
    torch.testing.assert_close(mixed, clip)
    assert (named, frames) == (torch.ones(1, 1), torch.tensor([4]))


# Random resized crop ------------------------------------------------------------------------------------


@given(st.floats(0.2, 2), st.floats(0.2, 2), st.integers(1, 30), st.integers(0, 2**31))
def test_a_crop_invents_nothing(time, freq, own, seed):
    clips = torch.rand(3, 8, 30, generator=generator(seed)) - 5
    frames = torch.tensor([own, 30, 30])
    clips[0, :, own:] = SILENCE
    crop = resized_crop(
        clips, frames, time=(time, time), freq=(freq, freq), silence=SILENCE, generator=generator(seed)
    )
    assert crop.shape == clips.shape
    assert crop.min() >= SILENCE - 1e-4
    assert crop.max() <= clips.max() + 1e-4


def test_a_crop_of_all_is_all(batch):
    clips, frames = batch
    crop = resized_crop(clips, frames, time=NONE, freq=NONE, silence=SILENCE, generator=generator())
    torch.testing.assert_close(crop, clips, atol=2e-5, rtol=0)


@pytest.mark.parametrize("size", [0.5, 2.0])
def test_what_is_stretched_in_time_keeps_its_pitch_and_order(size):
    # A tone in band 3 that grows louder: part of it still grows, by half or twice as much a frame.
    clip = torch.full((1, 8, 40), SILENCE)
    clip[0, 3] = torch.linspace(-4, 0, 40)
    crop = resized_crop(
        clip, torch.tensor([40]), time=(size, size), freq=NONE, silence=SILENCE, generator=generator(3)
    )[0]
    assert (crop[[0, 1, 2, 4, 5, 6, 7]] - SILENCE).abs().max() < 1e-3
    inside = crop[3][crop[3] > -3.9]
    slope = inside.diff()[1:-2]
    torch.testing.assert_close(slope, torch.full_like(slope, 4 / 39 * size), atol=1e-3, rtol=0)


def test_a_crop_ends_with_the_clip_and_not_with_the_batch():
    clips = torch.full((1, 2, 100), SILENCE)
    clips[:, :, :20] = 0.0
    for seed in range(20):
        crop = resized_crop(
            clips, torch.tensor([20]), time=(0.5, 0.5), freq=NONE, silence=SILENCE, generator=generator(seed)
        )
        assert crop[:, :, 1:19].min() > -5  # at most the edges are mixed with silence


# SpecAugment --------------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 3), st.integers(0, 2**31))
def test_masks_cover_whole_frames_and_bands_no_wider_than_asked(time, freq, masks, seed):
    clips = torch.rand(4, 10, 25, generator=generator(seed))
    frames = torch.tensor([25, 20, 3, 1])
    masked = spec_augment(
        clips, frames, time=time, freq=freq, masks=masks, fill=7.0, generator=generator(seed)
    )
    hidden = masked == 7.0
    assert torch.equal(masked[~hidden], clips[~hidden])
    columns, rows = hidden.all(dim=1), hidden.all(dim=2)
    assert torch.equal(hidden, columns[:, None, :] | rows[:, :, None])
    for i, own in enumerate(frames.tolist()):
        if not columns[i].all():  # all bands could be hidden too
            assert rows[i].sum() <= masks * int(freq * 10)
        if not rows[i].all():
            assert columns[i, :own].sum() <= masks * int(time * own)
            assert not columns[i, own:].any()


def test_masks_reach_every_place():
    clips = torch.zeros(2000, 6, 9)
    masked = spec_augment(clips, torch.full((2000,), 9), time=0.3, freq=0.3, fill=1.0, generator=generator())
    hidden = masked.mean(dim=0)
    assert hidden.min() > 0.1
    counts = masked.all(dim=1).sum(dim=1)
    assert set(counts.tolist()) >= {0, 1, 2}


# Patch masking ------------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 13), min_size=1, max_size=6),
    st.integers(1, 5),
    st.floats(0, 0.95),
    st.integers(0, 2**31),
)
def test_every_band_keeps_equally_many_of_a_clips_own_patches(steps, rows, share, seed):
    index, own = patch_mask(torch.tensor(steps), rows, share, generator(seed))
    for count, places, real in zip(steps, index, own, strict=True):
        kept = max(1, round((1 - share) * count))
        for row, mask in zip(places, real, strict=True):
            seen = row[mask].tolist()
            assert len(seen) == len(set(seen)) == pytest.approx(kept, abs=1)
            assert all(0 <= step < count for step in seen)
        assert (real.sum(dim=1) == real[0].sum()).all()


def test_masked_patches_are_drawn_anew_for_each_clip_and_row():
    index, _ = patch_mask(torch.full((8,), 12), 3, 0.5, generator())
    chosen = {tuple(sorted(row.tolist())) for clip in index for row in clip}
    assert index.shape == (8, 3, 6)
    assert len(chosen) > 12
    assert not torch.equal(index, patch_mask(torch.full((8,), 12), 3, 0.5, generator(1))[0])
