from functools import partial

import pytest
import torch

from patterngen import RunFailedError
from trainer.encoders import features as features_module
from trainer.encoders.adapt import SoundEncoder
from trainer.encoders.features import POOLINGS, Feature, embed_clips, embed_features, logmel_floor
from trainer.encoders.int8 import in_precision
from trainer.sound.logmel import standardise
from trainer.training.device import autocast

pytestmark = pytest.mark.numerical


@pytest.fixture(scope="module")
def clips():
    random = torch.Generator().manual_seed(0)
    return [3 * torch.randn(32, frames, generator=random) - 4 for frames in (20, 70, 33, 70, 8, 41, 65, 20)]


@pytest.mark.parametrize("precision", ["float32", "bf16", "int8"])
def test_neighbours_order_and_cores_change_no_bit(ear, clips, precision):
    """On a CPU, whose libraries would compute a batch of another shape by another kernel."""
    cpu, features = torch.device("cpu"), [Feature(3, pooling) for pooling in POOLINGS]
    made = partial(embed_features, in_precision(ear, precision), autocast=autocast(cpu, precision))
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
    monkeypatch.setattr(features_module, "_batches", lambda *given, **_: batches(*given, on_cpu=False))


def test_computed_together_clips_are_near_what_they_are_alone(ear, clips, monkeypatch):
    alone = embed_clips(ear, clips)
    gather_as_on_a_gpu(monkeypatch)
    # Twelve blocks of products whose sums, of 768 terms at most, are rounded in another order: some 48·√768
    # roundings of 2^-24 that add up as a random walk does, times √48, and as much again for safety.
    bound = 2 * (48 * 768) ** 0.5 * 2**-24 * alone.norm(dim=1)
    assert ((embed_clips(ear, clips) - alone).norm(dim=1) < bound).all()


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
        for block in vit.blocks[: layer or None]:
            tokens = block(tokens)
        tokens = tokens if layer else vit.norm(tokens)
        parts.append(tokens[0, 1:].reshape(2, width, -1))
    return torch.cat(parts, dim=1)


@pytest.mark.parametrize("layer", [1, 7, None])
@pytest.mark.parametrize("together", [False, True])
def test_every_layer_and_pooling_is_what_it_says(ear, clips, layer, together, monkeypatch):
    if together:
        gather_as_on_a_gpu(monkeypatch)
    features = [Feature(layer, pooling) for pooling in ("concat", "mean", "concat+std", "concat+max")]
    found = embed_features(ear, clips, features)
    for i, clip in enumerate(clips):
        with torch.no_grad():
            tokens = by_hand(ear, clip, layer)
        rows = tokens.mean(dim=1).flatten()
        expected = {
            "concat": rows,
            "mean": tokens.mean(dim=(0, 1)),
            "concat+std": torch.cat([rows, tokens.std(dim=1, correction=0).flatten()]),
            "concat+max": torch.cat([rows, tokens.amax(dim=1).flatten()]),
        }
        for feature in features:
            torch.testing.assert_close(found[feature][i], expected[feature.pooling], atol=1e-3, rtol=1e-3)


def test_one_pass_gives_what_several_do(ear, clips):
    features = [Feature(2), Feature(None, "mean"), Feature(2, "concat+max"), Feature()]
    together = embed_features(ear, clips, features)
    assert list(together) == features
    for feature in features:
        assert torch.equal(together[feature], embed_features(ear, clips, [feature])[feature])
    assert torch.equal(together[Feature()], embed_clips(ear, clips))


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        (Feature(), ""),
        (Feature(3), "layer 3"),
        (Feature(None, "mean"), "mean"),
        (Feature(3, "concat+std"), "layer 3, concat+std"),
    ],
)
def test_a_feature_in_words_says_what_is_not_the_default(feature, text):
    assert str(feature) == text


def test_an_encoder_that_gives_nan_is_not_scored(ear, clips):
    with pytest.raises(RunFailedError, match="broken: the encoder gives NaN"):
        embed_clips(ear, [torch.full((32, 20), torch.nan)], label="broken")


def test_the_floor_is_mean_and_deviation_of_each_band():
    clip = torch.tensor([[1.0, 3.0], [5.0, 5.0]])
    assert logmel_floor([clip, clip + 1]).tolist() == [[2, 5, 1, 0], [3, 6, 1, 0]]
