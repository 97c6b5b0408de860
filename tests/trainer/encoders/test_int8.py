import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from trainer.encoders import int8
from trainer.encoders.feature import TIME_AVERAGE, Feature
from trainer.encoders.features import embed_clips, embed_features
from trainer.encoders.int8 import Int8Linear, in_precision
from trainer.errors import TrainerError
from trainer.training.device import autocast

pytestmark = pytest.mark.numerical


def made(inputs, outputs, seed=0, *, bias=True):
    torch.manual_seed(seed)
    return nn.Linear(inputs, outputs, bias=bias).eval()


@given(
    inputs=st.integers(2, 40),
    outputs=st.integers(1, 40),
    rows=st.integers(1, 40),
    spread=st.floats(1e-3, 1e3),
    seed=st.integers(0, 99),
    bias=st.booleans(),
)
@torch.no_grad()
def test_no_product_is_further_off_than_its_roundings(inputs, outputs, rows, spread, seed, bias):
    layer = made(inputs, outputs, seed, bias=bias)
    given_rows = spread * torch.randn(rows, inputs)
    largest, heaviest = given_rows.abs().amax(dim=1), layer.weight.abs().amax(dim=1)
    # Each factor is off by half a step of 1/127 of the largest at most: |xw − x'w'| ≤ |x||Δw| + |w'||Δx|.
    bound = inputs * largest[:, None] * heaviest * (2 * 0.5 / 127 + 0.25 / 127**2)
    far = (Int8Linear(layer)(given_rows) - layer(given_rows)).abs()
    assert (far <= bound * 1.001 + 1e-6).all()


@pytest.mark.parametrize("without_vnni", [False, True])
@pytest.mark.parametrize("inputs", [2, 64, 3000])
@torch.no_grad()
def test_products_of_the_largest_bytes_are_exact(inputs, without_vnni, monkeypatch):
    """Wherever: before VNNI, CPUs cut pairs of products off at 16 bits."""
    if without_vnni:
        monkeypatch.setattr("trainer.encoders.int8._bytes_are_exact", lambda: False)
    bytes_ = torch.full((3, inputs), 127, dtype=torch.int8)
    bytes_[1] = -127
    bytes_[2, ::2] = 126
    expected = bytes_.long() @ bytes_.long().t()
    assert torch.equal(int8._product(bytes_, bytes_.t().contiguous()).long(), expected)


@torch.no_grad()
def test_what_8_bits_can_hold_is_exact():
    layer = made(16, 5)
    layer.weight.copy_(torch.randint(-127, 128, (5, 16)))
    layer.weight[:, 0] = 127
    layer.bias.copy_(torch.arange(5))
    rows = torch.randint(-127, 128, (3, 4, 16)).float()
    rows[..., 1] = -127
    torch.testing.assert_close(Int8Linear(layer)(rows), layer(rows), rtol=1e-6, atol=0)


@torch.no_grad()
def test_a_row_does_not_depend_on_those_beside_it():
    layer = Int8Linear(made(24, 8))
    rows = torch.randn(6, 24)
    loud = torch.cat([rows[:1], 1e4 * rows[1:]])
    assert layer(loud)[0].equal(layer(rows)[0])
    assert layer(rows[:1])[0].equal(layer(rows)[0])


@torch.no_grad()
def test_a_row_of_zeros_gives_the_bias_and_nan_stays():
    layer = made(8, 3)
    rows = torch.zeros(2, 8)
    rows[1, 2] = torch.nan
    found = Int8Linear(layer)(rows)
    assert found[0].equal(layer.bias)
    assert found[1].isnan().all()


def test_embeddings_are_nearly_those_of_float32(sound_encoder):
    before = sound_encoder.sha256
    clips = [torch.randn(32, frames, generator=torch.Generator().manual_seed(frames)) for frames in (40, 150)]
    rounded = in_precision(sound_encoder, "int8")
    features = [TIME_AVERAGE, Feature((3,))]
    expected, found = (
        embed_features(model, clips, features, label=None) for model in (sound_encoder, rounded)
    )
    for feature in features:
        assert not found[feature].equal(expected[feature])
        assert torch.cosine_similarity(found[feature], expected[feature]).min() > 0.999
    assert embed_clips(rounded, clips[:1]).equal(found[TIME_AVERAGE][:1])
    assert sound_encoder.sha256 == before


def test_every_linear_layer_of_the_blocks_is_rounded(sound_encoder):
    rounded = in_precision(sound_encoder, "int8")
    assert not any(isinstance(module, nn.Linear) for module in rounded.vit.blocks.modules())
    assert sum(isinstance(module, Int8Linear) for module in rounded.modules()) == 4 * len(
        sound_encoder.vit.blocks
    )
    assert all(
        in_precision(sound_encoder, precision) is sound_encoder for precision in ("auto", "float32", "bf16")
    )


def test_a_gpu_is_told_to_take_another():
    with pytest.raises(TrainerError, match="precision int8 is for CPUs, and this is cuda; use bf16"):
        autocast(torch.device("cuda"), "int8")
