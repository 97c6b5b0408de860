import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from patterngen import family
from patterngen.jobs.seeds import image_draw
from tests.autoencoders import autoencoder, seed, train
from tests.shallow import shallow_settings
from trainer.data.pixels import luma
from trainer.errors import TrainerError
from trainer.model.contrast import info_nce
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics

pytestmark = pytest.mark.numerical


def test_the_loss_by_hand():
    one = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    other = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    similarity = [[0.6, 0.0], [0.8, 1.0]]  # cosines: rows of the one, columns of the other

    def cost(scores, partner):
        return -math.log(math.exp(scores[partner] / 0.5) / sum(math.exp(score / 0.5) for score in scores))

    rows = (cost(similarity[0], 0) + cost(similarity[1], 1)) / 2
    columns = (cost([0.6, 0.8], 0) + cost([0.0, 1.0], 1)) / 2
    assert info_nce(one, other, 0.5).item() == pytest.approx((rows + columns) / 2, rel=1e-6)


def test_vectors_that_tell_nothing_cost_the_logarithm_of_the_batch():
    same = torch.ones(7, 5)
    assert info_nce(same, same, 0.1).item() == pytest.approx(math.log(7))


def test_partners_that_are_alone_alike_cost_nothing():
    assert info_nce(torch.eye(6), torch.eye(6), 0.01).item() < 1e-6


def test_the_contrastive_term_is_added_by_its_weight():
    model = autoencoder(contrast=0.25)
    result = model(torch.randn(4, 3, 32, 32))
    assert result.loss.item() == pytest.approx((result.error + 0.25 * result.contrast).item())
    assert result.contrast > 0
    assert autoencoder()(torch.randn(2, 3, 32, 32)).contrast == 0


def test_contrast_hides_other_patches_in_each_of_two_views_and_learns_from_both():
    model, images = autoencoder(contrast=0.25), torch.randn(4, 3, 32, 32)
    masks = model.draw_masks(4, seed())
    assert masks.shape == (2, 4, 16)
    assert not torch.equal(masks[0].sort(dim=1).values[:, :4], masks[0][:, :4])
    assert not torch.equal(masks[0], masks[1])
    alone = [autoencoder()(images, masks[view][None]).error for view in (0, 1)]
    torch.testing.assert_close(model(images, masks).error, sum(alone) / 2)


def test_the_second_masks_hide_the_views_that_are_given():
    model, images, views = autoencoder(contrast=0.25), torch.randn(4, 3, 32, 32), torch.randn(4, 3, 32, 32)
    masks = model.draw_masks(4, seed())
    pairs = ((images, 0), (views, 1))
    alone = [autoencoder()(shown, masks[place][None]).error for shown, place in pairs]
    torch.testing.assert_close(model(images, masks, views=views).error, sum(alone) / 2)
    torch.testing.assert_close(model(images, masks, views=images).loss, model(images, masks).loss)


def test_a_run_compares_the_two_views_that_a_family_draws(tmp_path):
    asked = {"draw": ("spectro",), "image_size": "16x32", "channels": 1, "contrast": 0.5, "views": True}
    config = shallow_settings(None, tmp_path / "whole", steps=4, **asked)
    batch = next(Pretraining(config).batches)
    seeds = [image_draw(0, index, 2)[0] for index in range(4)]
    drawn = family("spectro").draw_views(seeds, (16, 32))
    for shown, pictures in zip((batch.pictures, batch.views), drawn, strict=True):
        assert np.array_equal(shown[:, 0], [luma(pixels) for pixels in pictures.pixels])
    whole = pretrain(config)
    pretrain(replace(config, out=str(tmp_path / "parts"), stop_at=2))
    parts = pretrain(replace(config, out=str(tmp_path / "parts")))
    told = [[row["loss"] for row in read_metrics(run)] for run in (whole, parts)]
    assert told[0] == told[1]
    for changes in ({"contrast": 0.0}, {"data": ("set",), "draw": ()}, {"piano_roll": 1.0}):
        with pytest.raises(
            TrainerError, match=r"^--views are drawn to be compared: give --draw and --contrast"
        ):
            replace(config, **changes)


def test_contrast_makes_views_alike_and_pictures_unlike():
    model, images = autoencoder(channels=1, contrast=1.0), torch.randn(16, 1, 4, 4).repeat(1, 1, 8, 8)
    before = model(images, seed(9)).contrast.item()
    train(model, images, 60, lr=1e-3)
    after = model(images, seed(9)).contrast.item()
    assert after < 0.5 * before
