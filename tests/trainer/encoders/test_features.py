from functools import partial

import numpy as np
import pytest
import torch

from patterngen import RunFailedError
from trainer.encoders import features as features_module
from trainer.encoders.feature import POOLINGS, TIME_AVERAGE, Feature
from trainer.encoders.features import embed_clips, embed_features, logmel_floor
from trainer.encoders.int8 import in_precision
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.encoders.tokens import embed_tokens
from trainer.errors import TrainerError
from trainer.sound.logmel import standardise
from trainer.training.device import autocast

pytestmark = pytest.mark.numerical


@pytest.fixture(scope="module")
def clips():
    random = torch.Generator().manual_seed(0)
    return [3 * torch.randn(32, frames, generator=random) - 4 for frames in (20, 70, 33, 70, 8, 41, 65, 20)]


@pytest.mark.parametrize("precision", ["float32", "bf16", "int8"])
def test_neighbours_order_and_cores_change_no_bit(sound_encoder, clips, precision):
    """On a CPU, whose libraries would compute a batch of another shape by another kernel."""
    cpu, features = torch.device("cpu"), [Feature((3, "logmel"), pooling) for pooling in POOLINGS]
    made = partial(embed_features, in_precision(sound_encoder, precision), autocast=autocast(cpu, precision))
    together = made(clips, features)
    alone = [made([clip], features) for clip in clips]
    turned = made(clips[::-1], features)
    threads = torch.get_num_threads()
    torch.set_num_threads(3 - min(threads, 2))
    elsewhere = made(clips, features)
    assert torch.get_num_threads() != threads  # as whoever asked for them left them
    torch.set_num_threads(threads)
    for feature in features:
        assert torch.equal(together[feature], torch.cat([one[feature] for one in alone]))
        assert torch.equal(together[feature], turned[feature].flip(0))
        assert torch.equal(together[feature], elsewhere[feature])


def gather_as_on_a_gpu(monkeypatch):
    """Compute inputs of equal length together, whichever clips they are of; in threes, as there are few."""
    monkeypatch.setattr(features_module, "_TOGETHER", 3)
    batches = features_module._batches
    monkeypatch.setattr(
        features_module, "_batches", lambda *given, **_: batches(*given, on_cpu=False, fill=True)
    )


def test_computed_together_clips_are_near_what_they_are_alone(sound_encoder, clips, monkeypatch):
    alone = embed_clips(sound_encoder, clips)
    gather_as_on_a_gpu(monkeypatch)
    assert ((embed_clips(sound_encoder, clips) - alone).norm(dim=1) < rounding(alone)).all()


def rounding(vectors):
    """How far vectors [N, D] may be from those whose sums were added up in another order.

    Twelve blocks of products of 768 terms at most: some 48·√768 roundings of 2^-24 that add up as a random
    walk does, times √48, and as much again for safety.
    """
    return 2 * (48 * 768) ** 0.5 * 2**-24 * vectors.norm(dim=1)


def by_hand(encoder: SoundEncoder, clip, layer):
    """What timm makes of each input of a clip, in its own names: [R, S, D]."""
    inputs = standardise(clip, encoder.config.mean, encoder.config.std)
    count = int(encoder.steps(torch.tensor([clip.shape[1]])))
    inputs = torch.nn.functional.pad(inputs, (0, max(0, 16 * count - clip.shape[1])))[:, : 16 * count]
    parts = []
    for chunk in inputs.split(64, dim=1):
        width = chunk.shape[1] // 16
        whole = torch.cat([chunk, torch.zeros(32, 64 - chunk.shape[1])], dim=1)
        columns = (torch.arange(8) % 4 < width).nonzero()[:, 0]
        vit = encoder.vit
        tokens = vit._pos_embed(vit.patch_embed(whole[None, None]))
        tokens = tokens[:, torch.cat([torch.zeros(1, dtype=torch.long), columns + 1])]
        for block in vit.blocks[: None if layer == "norm" else layer]:
            tokens = block(tokens)
        tokens = vit.norm(tokens) if layer == "norm" else tokens
        parts.append(tokens[0, 1:].reshape(2, width, -1))
    return torch.cat(parts, dim=1)


@pytest.mark.parametrize("together", [False, True])
def test_time_steps_come_in_order_of_time(sound_encoder, clips, together, monkeypatch):
    """The last part of a clip is as long as a whole short clip, and waits for what goes before it."""
    if together:
        gather_as_on_a_gpu(monkeypatch)
    clips = [clips[4], torch.cat([clips[1], clips[3]], dim=1), *clips]
    tokens = embed_tokens(sound_encoder, clips, ["norm"])
    for i, clip in enumerate(clips):
        with torch.no_grad():
            expected = by_hand(sound_encoder, clip, "norm").transpose(0, 1).flatten(1)
        torch.testing.assert_close(tokens[i].float(), expected, atol=4e-3, rtol=4e-3)  # float16's


def test_a_clip_that_is_not_kept_waiting_is_near(sound_encoder, clips):
    for clip in clips:
        kept = embed_clips(sound_encoder, [clip])
        assert ((embed_clips(sound_encoder, [clip], fill=False) - kept).norm() < rounding(kept)).all()


@pytest.mark.parametrize("layer", [1, 7, "norm"])
@pytest.mark.parametrize("together", [False, True])
def test_every_layer_and_pooling_is_what_it_says(sound_encoder, clips, layer, together, monkeypatch):
    if together:
        gather_as_on_a_gpu(monkeypatch)
    features = [Feature((layer,), pooling) for pooling in POOLINGS]
    found = embed_features(sound_encoder, clips, features)
    for i, clip in enumerate(clips):
        with torch.no_grad():
            tokens = by_hand(sound_encoder, clip, layer)
        rows = tokens.mean(dim=1).flatten()
        expected = {
            "concat": rows,
            "mean": tokens.mean(dim=(0, 1)),
            "concat+std": torch.cat([rows, torch.from_numpy(np.std(tokens.numpy(), axis=1)).flatten()]),
            "concat+max": torch.cat([rows, tokens.amax(dim=1).flatten()]),
        }
        for feature in features:
            torch.testing.assert_close(found[feature][i], expected[feature.pooling], atol=1e-3, rtol=1e-3)


def test_one_pass_gives_what_several_do(sound_encoder, clips):
    features = [Feature((2,)), Feature(pooling="mean"), Feature((2,), "concat+max"), TIME_AVERAGE]
    together = embed_features(sound_encoder, clips, features)
    assert list(together) == features
    for feature in features:
        assert torch.equal(together[feature], embed_features(sound_encoder, clips, [feature])[feature])
    assert torch.equal(
        together[TIME_AVERAGE], embed_clips(sound_encoder, clips)
    )  # of a folder that names none


@pytest.mark.parametrize("pooling", POOLINGS)
def test_layers_together_are_each_of_them_one_after_the_other(sound_encoder, clips, pooling):
    fused = Feature((9, "logmel", 3, "norm"), pooling)
    assert fused.layers == (3, 9, "norm", "logmel")
    found = embed_features(sound_encoder, clips, [fused])[fused]
    single = [embed_features(sound_encoder, clips, [part])[part] for part in fused.parts]
    assert torch.equal(found, torch.cat(single, dim=1))
    assert found.shape == (len(clips), sum(fused.sizes(rows=2, width=192, bands=32)))
    assert torch.equal(found[:, -64:], logmel_floor(clips))


def test_what_the_log_mel_gives_needs_no_network(sound_encoder, clips, monkeypatch):
    feature = Feature(("logmel",), "mean")
    monkeypatch.setattr(SoundEncoder, "layers", pytest.fail)
    expected = np.stack(
        [np.concatenate([np.mean(c, axis=1), np.std(c, axis=1)]) for c in map(np.array, clips)]
    )
    np.testing.assert_allclose(embed_features(sound_encoder, clips, [feature])[feature], expected, rtol=1e-5)
    assert embed_features(sound_encoder, [], [feature])[feature].shape == (0, 64)


def test_blocks_behind_the_last_that_is_asked_are_not_computed(sound_encoder, clips):
    seen = []
    hooks = [
        block.register_forward_hook(lambda *_, number=number: seen.append(number))
        for number, block in enumerate(sound_encoder.vit.blocks, 1)
    ]
    embed_features(sound_encoder, clips[:1], [Feature((2, 4))])
    for hook in hooks:
        hook.remove()
    assert seen == [1, 2, 3, 4]


def test_a_small_deviation_beside_a_large_mean_is_not_lost(sound_encoder, clips):
    """By sums of squares in float32, 1000 ± 0.01 would have a deviation of 0 or of 0.2."""
    pool = features_module._Pool(1, 2 * 3)
    pool.keep("concat+std")
    random = np.random.default_rng(0)
    parts = [(1000 + 0.01 * random.standard_normal((1, 2, steps, 3))).astype(np.float32) for steps in (9, 4)]
    for part in parts:
        pool.add([0], part.shape[2], pool.over_time(torch.from_numpy(part)))
    expected = np.concatenate(parts, axis=2).astype(np.float64).std(axis=2).ravel()
    np.testing.assert_allclose(pool.pooled("concat+std", rows=2)[0, 6:], expected, rtol=0.02)


def test_layers_that_an_encoder_has_not_are_said(sound_encoder, clips):
    with pytest.raises(TrainerError, match="the encoder: has no layer 13; give 1 … 12, norm or logmel"):
        embed_features(sound_encoder, clips, [Feature((2, 13))], label=None)


def test_an_encoder_that_gives_nan_is_not_scored(sound_encoder, clips):
    with pytest.raises(RunFailedError, match="broken: the encoder gives NaN"):
        embed_features(sound_encoder, [torch.full((32, 20), torch.nan)], [Feature()], label="broken")


def test_the_floor_is_mean_and_deviation_of_each_band():
    clip = torch.tensor([[1.0, 3.0], [5.0, 5.0]])
    assert logmel_floor([clip, clip + 1]).tolist() == [[2, 5, 1, 0], [3, 6, 1, 0]]
