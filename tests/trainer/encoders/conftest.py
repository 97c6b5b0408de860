import pytest
import torch

from trainer.encoders.config import EncoderConfig, new_encoder

CONFIG = EncoderConfig(
    model="vit_tiny", input_size=(16, 32), patch_size=(16, 16), channels=1, mean=0.25, std=0.5
)


@pytest.fixture(scope="module")
def weights():
    """The weights of such an encoder, untrained."""
    torch.manual_seed(0)
    return new_encoder(CONFIG).state_dict()


@pytest.fixture
def _no_gradients():
    with torch.no_grad():
        yield
