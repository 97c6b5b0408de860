import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from patterngen import RunFailedError
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.training.optimiser import Optimiser, parameter_groups, warmup_cosine


@given(st.integers(1, 500), st.floats(0, 0.9))
def test_the_rate_rises_to_its_peak_and_falls(steps, warmup):
    rates = [warmup_cosine(step, steps, warmup) for step in range(steps)]
    assert all(0 < rate <= 1 for rate in rates)
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert abs(top - warmup * steps) <= 1


@pytest.mark.parametrize(
    ("step", "steps", "warmup", "rate"),
    [
        (0, 100, 0, 1),
        (50, 100, 0, 0.5),
        (0, 100, 0.1, 1 / 11),
        (9, 100, 0.1, 10 / 11),
        (10, 100, 0.1, 1),
        (55, 100, 0.1, 0.5),
        (99, 100, 0.1, 0.5 * (1 + math.cos(math.pi * 89 / 90))),
        (0, 1, 0, 1),
        (0, 1, 0.5, 2 / 3),
    ],
)
def test_corners_of_the_schedule(step, steps, warmup, rate):
    assert warmup_cosine(step, steps, warmup) == pytest.approx(rate)


def optimiser(model, **settings):
    plain = {"lr": 0.1, "steps": 10, "warmup": 0, "weight_decay": 0.05, "betas": (0.9, 0.95), "clip_grad": 0}
    return Optimiser(model, **plain | settings)


def test_vectors_are_not_decayed_and_fixed_tables_not_touched():
    vit = build_encoder(
        "vit_tiny", input_size=(16, 16), patch_size=(8, 8), channels=1, depth=1, embed_dim=16, num_heads=1
    )
    model = MaskedAutoencoder(vit, MaskedAutoencoderConfig(decoder_dim=16, decoder_depth=1))
    groups = optimiser(model).inner.param_groups
    decay = {id(weight): group["weight_decay"] for group in groups for weight in group["params"]}
    for weight in model.parameters():
        if weight.requires_grad:
            assert decay.pop(id(weight)) == (0.05 if weight.ndim > 1 else 0)
    assert not decay
    assert not vit.pos_embed.requires_grad


def test_layers_learn_slower_the_further_they_are_from_the_end():
    vit = build_encoder(
        "vit_tiny", input_size=(16, 16), patch_size=(8, 8), channels=1, depth=2, embed_dim=16, num_heads=1
    )
    model = MaskedAutoencoder(vit, MaskedAutoencoderConfig(decoder_dim=16, decoder_depth=1, target="teacher"))
    chosen = optimiser(model, layer_decay=0.5)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.zeros_like(parameter)
    chosen.update(0, torch.zeros(()))
    rate = {id(weight): group["lr"] for group in chosen.inner.param_groups for weight in group["params"]}
    rates = {name: rate.pop(id(w)) for name, w in model.named_parameters() if w.requires_grad}
    assert not rate  # every weight learns in one group, and the teacher in none
    assert rates["decoder.head.weight"] == rates["encoder.norm.weight"] == 0.1
    assert rates["encoder.blocks.1.attn.qkv.weight"] == 0.05
    assert rates["encoder.blocks.0.attn.qkv.bias"] == 0.025
    assert rates["encoder.patch_embed.proj.weight"] == rates["encoder.cls_token"] == 0.0125


def published_scale(name, blocks, decay):
    """The rate of a weight in MAE's fine-tuning, in its words: layer ids from 0, the head's is blocks + 1."""
    layer = 0 if name in ("cls_token", "pos_embed") or name.startswith("patch_embed") else blocks + 1
    if name.startswith("blocks."):
        layer = int(name.split(".")[1]) + 1
    return decay ** (blocks + 1 - layer)


@pytest.mark.parametrize("decay", [0.75, 1.0])
def test_fine_tuning_groups_weights_as_published(decay):
    vit = build_encoder(
        "vit_tiny", input_size=(16, 16), patch_size=(8, 8), channels=1, depth=3, embed_dim=16, num_heads=1
    )
    model = nn.ModuleDict({"encoder": vit, "head": nn.Linear(16, 4)})
    groups = parameter_groups(model, 0.05, decay, vit.no_weight_decay())
    found = {
        id(weight): (group["weight_decay"], group.get("lr_scale", 1.0))
        for group in groups
        for weight in group["params"]
    }
    for name, weight in vit.named_parameters():
        if weight.requires_grad:
            plain = weight.ndim == 1 or name in ("cls_token", "pos_embed")
            expected = 0.0 if plain else 0.05, pytest.approx(published_scale(name, 3, decay))
            assert found.pop(id(weight)) == expected, name
    assert [found.pop(id(weight)) for weight in model["head"].parameters()] == [(0.05, 1.0), (0.0, 1.0)]
    assert not found


def test_decay_alone_shrinks_matrices():
    model = nn.Linear(3, 2)
    before = model.weight.detach().clone(), model.bias.detach().clone()
    optimiser(model).step(0, 0 * (model.weight.sum() + model.bias.sum()))
    torch.testing.assert_close(model.weight, before[0] * (1 - 0.1 * 0.05))
    assert torch.equal(model.bias, before[1])


def test_sgd_rolls_on_with_momentum_and_decays_within_the_gradient():
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    one = optimiser(model, method="sgd", weight_decay=0.5, steps=10**9)  # so that the rate stays
    weight, velocity = 1.0, 0.0
    for step in range(3):
        one.step(step, 2 * model.weight.sum())
        velocity = 0.9 * velocity + 2 + 0.5 * weight
        weight -= 0.1 * velocity
        assert model.weight.item() == pytest.approx(weight, rel=1e-5)


def test_muon_goes_equally_far_in_every_direction_of_a_hidden_matrix():
    """All singular values of its step are about 0.2 · √max(rows, columns) · lr (Liu et al., 2025)."""
    torch.manual_seed(0)
    model = nn.ModuleDict({"blocks": nn.ModuleList([nn.Linear(48, 16)]), "head": nn.Linear(16, 3)})
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    one = optimiser(model, method="muon", weight_decay=0.0)
    one.step(0, sum((weight * torch.randn_like(weight)).sum() for weight in model.parameters()))
    rate = 0.1 * warmup_cosine(0, 10, 0)
    moved = {name: (weight - before[name]).detach() for name, weight in model.named_parameters()}
    hidden = torch.linalg.svdvals(moved.pop("blocks.0.weight")) / (0.2 * 48**0.5 * rate)
    assert hidden.tolist() == pytest.approx([1] * 16, abs=0.35)  # Newton and Schulz's five steps come so near
    for step in moved.values():  # AdamW's first: each number alike
        assert step.abs().flatten().tolist() == pytest.approx([rate] * step.numel(), rel=0.01)


def test_long_gradients_are_cut_and_reported_whole():
    model = nn.Linear(1, 1, bias=False)
    row = optimiser(model, clip_grad=1e-3).step(3, 40 * model.weight.sum())
    assert row["grad_norm"] == pytest.approx(40)
    assert row["step"] == 4
    assert row["lr"] == pytest.approx(0.1 * warmup_cosine(3, 10, 0))
    moment = next(iter(optimiser_state(model, clip_grad=1e-3, slope=40)))
    assert moment == pytest.approx(1e-4, rel=1e-3)  # (1 − 0.9) of the cut gradient


def optimiser_state(model, *, clip_grad, slope):
    one = optimiser(model, clip_grad=clip_grad)
    one.step(0, slope * model.weight.sum())
    return [state["exp_avg"].item() for state in one.inner.state.values()]


@pytest.mark.parametrize("slope", [math.nan, math.inf])
def test_a_diverging_step_is_named_and_changes_nothing(slope):
    model = nn.Linear(1, 1, bias=False)
    before = model.weight.detach().clone()
    with pytest.raises(
        RunFailedError, match=r"gradient norm (nan|inf) at step 7, learning rate 0\.0\d+: lower --lr"
    ):
        optimiser(model).step(6, slope * model.weight.sum())
    assert torch.equal(model.weight, before)
