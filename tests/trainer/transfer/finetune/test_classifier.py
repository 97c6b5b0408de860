from copy import deepcopy

import torch
from timm.layers import DropPath
from torch.nn.functional import pad

from trainer.sound.logmel import standardise
from trainer.transfer.finetune.classifier import (
    Classifier,
    add_drop_path,
    all_patches,
    embed_patches,
    predict,
)
from trainer.transfer.finetune.inputs import filled_up


def test_predictions_keep_their_order_and_the_mode(small_encoder, low_or_high):
    torch.manual_seed(0)
    model = Classifier(deepcopy(small_encoder), 3).train()
    clips = low_or_high[0][:6]
    together = predict(model, clips)
    alone = torch.cat([predict(model, [clip]) for clip in clips])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    assert model.training


def logits(model, clip):
    """What the classifier makes of a whole clip, filled up to whole time steps with zero, at once."""
    encoder = model.encoder
    inputs = standardise(clip, encoder.config.mean, encoder.config.std)
    width = encoder.width(int(encoder.steps(torch.tensor([clip.shape[1]]))))
    inputs = pad(inputs, (0, max(0, width - clip.shape[1])))[None, :, :width]
    return model.head(model.norm(encoder(inputs).mean(dim=1)))


def test_long_clips_are_predicted_by_one_batch_of_inputs_at_a_time(small_encoder):
    torch.manual_seed(0)
    model = Classifier(deepcopy(small_encoder), 3)
    add_drop_path(model.encoder, 0.5)
    clips = [torch.randn(32, frames) - 6 for frames in [300, 20, 330, 1300]]
    with torch.no_grad():
        expected = torch.cat([logits(model.eval(), clip) for clip in clips])
    seen = []  # tokens that are computed together, but for class tokens
    model.encoder.vit.blocks[0].register_forward_hook(
        lambda _, inputs, __: seen.append(len(inputs[0]) * (inputs[0].shape[1] - 1))
    )
    torch.testing.assert_close(predict(model.train(), clips), expected, atol=1e-5, rtol=0)
    assert max(seen) <= 512 < sum(seen)
    assert model.encoder.training


def test_features_of_all_patches_are_those_of_the_encoder(small_encoder):
    inputs = torch.randn(3, 32, 64)
    steps = torch.tensor([4, 4, 4])
    with torch.no_grad():
        embedded = embed_patches(small_encoder, inputs, *all_patches(steps, small_encoder.rows))
        expected = small_encoder(inputs).mean(dim=1)
    torch.testing.assert_close(embedded, expected, atol=1e-5, rtol=1e-5)


def test_fewer_patches_are_fewer_tokens(small_encoder, monkeypatch):
    """What is masked is not computed."""
    seen = []
    block = small_encoder.vit.blocks[0]
    hook = block.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].shape[1]))
    for kept in (4, 1):
        index = torch.zeros(2, 2, kept, dtype=torch.int64)
        embed_patches(small_encoder, torch.randn(2, 32, 64), index, torch.ones_like(index, dtype=torch.bool))
    hook.remove()
    assert seen == [1 + 2 * 4, 1 + 2 * 1]


def test_later_blocks_are_skipped_more_often(small_encoder):
    encoder = deepcopy(small_encoder)
    add_drop_path(encoder, 0.3)
    rates = [module.drop_prob for module in encoder.vit.modules() if isinstance(module, DropPath)]
    assert rates == [0, 0, 0.15, 0.15, 0.3, 0.3]
    inputs = torch.randn(8, 32, 64)
    with torch.no_grad():
        torch.testing.assert_close(encoder.eval()(inputs), small_encoder(inputs))
        assert not torch.equal(encoder.train()(inputs), small_encoder(inputs))


def test_a_batch_is_filled_up_with_silence_to_whole_patches(small_encoder):
    clips = [torch.ones(32, 20), torch.ones(32, 39), torch.ones(32, 41)]
    for count, width in (
        (1, 20),
        (2, 39),
        (3, 48),
    ):  # 20 and 39 frames are 1 and 2 patches: half of one counts
        batch, frames = filled_up(clips[:count], small_encoder, -9.0)
        assert batch.shape == (count, 32, width)
        assert frames.tolist() == [20, 39, 41][:count]
        own = torch.arange(width) < frames[:, None]
        assert (batch[own[:, None].expand_as(batch)] == 1).all()
        assert (batch[~own[:, None].expand_as(batch)] == -9).all()
