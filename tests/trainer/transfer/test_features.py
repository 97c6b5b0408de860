import pytest
import torch

from patterngen import RunFailedError
from trainer.adapt import SoundEncoder
from trainer.logmel import standardise
from trainer.transfer.features import Feature, embed, embed_features, logmel_floor


@pytest.fixture(scope="module")
def clips():
    random = torch.Generator().manual_seed(0)
    return [3 * torch.randn(32, frames, generator=random) - 4 for frames in (20, 70, 33, 70, 8, 41, 65, 20)]


def test_an_embedding_is_its_clips_alone(ear, clips):
    together = embed(ear, clips)
    alone = torch.cat([embed(ear, [clip]) for clip in clips])
    assert together.shape == (len(clips), ear.dim)
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(embed(ear, clips, batch_size=1), alone, atol=0, rtol=0)


def test_the_order_of_clips_changes_no_bit(ear, clips):
    turned = embed(ear, clips[::-1], batch_size=1).flip(0)
    assert torch.equal(turned, embed(ear, clips, batch_size=1))
    assert torch.equal(embed(ear, clips), embed(ear, clips))


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
def test_every_layer_and_pooling_is_what_it_says(ear, clips, layer):
    features = [Feature(layer, pooling) for pooling in ("concat", "mean", "concat+std", "concat+max")]
    found = embed_features(ear, clips, features, batch_size=3)
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
    assert torch.equal(together[Feature()], embed(ear, clips))


def test_the_embedding_of_training_is_that_of_probing(ear, clips):
    with torch.no_grad():
        torch.testing.assert_close(embed(ear, clips), ear.embed(clips), atol=1e-5, rtol=0)


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
        embed(ear, [torch.full((32, 20), torch.nan)], label="broken")


def test_the_floor_is_mean_and_deviation_of_each_band():
    clip = torch.tensor([[1.0, 3.0], [5.0, 5.0]])
    assert logmel_floor([clip, clip + 1]).tolist() == [[2, 5, 1, 0], [3, 6, 1, 0]]
