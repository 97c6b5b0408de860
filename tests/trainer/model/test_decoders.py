import pytest
import torch

from tests.autoencoders import autoencoder, seed
from trainer.errors import TrainerError

pytestmark = pytest.mark.numerical


@pytest.mark.parametrize(("share", "count"), [(0.25, 3), (0.5, 6), (1.0, 12), (0.01, 1)])
def test_a_share_of_the_hidden_patches_is_predicted(share, count):
    model = autoencoder(decoder="cross", predict_share=share)
    result = model(torch.randn(4, 3, 32, 32))
    predicted = result.prediction.any(dim=2)
    assert (predicted.sum(dim=1) == count).all()
    assert not (predicted & ~result.mask).any()
    all_of_them = model.eval()(torch.randn(4, 3, 32, 32))
    assert torch.equal(all_of_them.prediction.any(dim=2), all_of_them.mask)


def test_hidden_patches_do_not_see_each_other():
    model, images = autoencoder(decoder="cross", predict_share=0.25), torch.randn(4, 3, 32, 32)
    masks = model.draw_masks(4, seed())
    some, whole = model(images, masks), model.eval()(images, masks)
    asked = some.prediction.any(dim=2)
    torch.testing.assert_close(some.prediction[asked], whole.prediction[asked])


@pytest.mark.parametrize("options", [{"predict_share": 0.5}, {"decoder": "cross", "predict_share": 0.0}])
def test_a_share_that_cannot_be_is_refused(options):
    with pytest.raises(TrainerError, match="predict_share = 0"):
        autoencoder(**options)


@pytest.mark.parametrize(("dim", "heads"), [(10, 1), (16, 3)])
def test_a_decoder_that_cannot_be_is_refused(dim, heads):
    with pytest.raises(TrainerError, match=f"decoder_dim = {dim} must be a multiple of 4 and of {heads}"):
        autoencoder(decoder_dim=dim, decoder_heads=heads)
