import pytest
import torch

from trainer.model.pixel_target import PixelTarget

TARGETS = [PixelTarget(), PixelTarget(norm_pix=True), PixelTarget(norm_pix=True, keep_mean=True)]


@pytest.mark.parametrize("target", TARGETS)
def test_pixels_undo_targets(target):
    patches = 2 + torch.randn(2, 4, 192)
    torch.testing.assert_close(target.pixels(target(patches), patches), patches)


def test_norm_pix_targets_have_mean_0_and_deviation_1_where_there_is_texture():
    target = PixelTarget(norm_pix=True)
    targets = target(3 + 10 * torch.randn(2, 4, 192))
    torch.testing.assert_close(targets.mean(dim=2), torch.zeros(2, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(targets.std(dim=2), torch.ones(2, 4), atol=1e-3, rtol=0)
    assert not target(torch.full((1, 4, 192), 5.0)).any()
