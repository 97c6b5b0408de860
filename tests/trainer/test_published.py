"""A second opinion: the published recipe in plain float32 learns as ours does, step for step."""

import torch
from published.mae_reference import PlainMAE, optimiser

from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.training.device import autocast
from trainer.training.optimiser import Optimiser

SIZE, PATCH = 32, 8
DECODER = {"decoder_dim": 32, "decoder_depth": 2, "decoder_heads": 2}
STEPS = 50
TOLERANCE = {"float32": 1e-3, "bf16": 2e-2}
"""Largest share by which a loss may differ from the published recipe's, by precision."""


def published_names(state):
    """Our tensors by the names of the published checkpoints."""
    renamed = {}
    for name, value in state.items():
        if name.startswith("encoder."):
            renamed[name.removeprefix("encoder.")] = value
        elif name == "decoder.mask_token":
            renamed["mask_token"] = value
        else:
            renamed[name.replace("decoder.", "decoder_", 1).replace("decoder_head", "decoder_pred")] = value
    for name in ("decoder_pred.weight", "decoder_pred.bias"):  # there, the colours of a pixel lie together
        numbers = renamed[name].reshape(3, PATCH * PATCH, -1).transpose(0, 1)
        renamed[name] = numbers.reshape(renamed[name].shape)
    return renamed


def test_fifty_losses_agree():
    torch.manual_seed(0)
    plain = PlainMAE("vit_tiny", size=SIZE, patch=PATCH, **DECODER)
    ours, learning = {}, {}
    for precision in TOLERANCE:
        encoder = build_encoder("vit_tiny", input_size=(SIZE, SIZE), patch_size=(PATCH, PATCH), channels=3)
        ours[precision] = MaskedAutoencoder(
            encoder, MaskedAutoencoderConfig(norm_pix=True, norm_pix_eps=1e-6, **DECODER)
        )
        ours[precision].load_state_dict(ours["float32"].state_dict())
        learning[precision] = Optimiser(
            ours[precision],
            lr=1e-3,
            steps=STEPS,
            warmup=0.1,
            weight_decay=0.05,
            betas=(0.9, 0.95),
            clip_grad=0.0,
        )
    plain.load_state_dict(published_names(ours["float32"].state_dict()))
    adamw = optimiser(plain, 1e-3)
    random = torch.Generator().manual_seed(1)
    pictures = torch.nn.functional.interpolate(
        torch.randn(8, 3, 6, 6, generator=random), (SIZE, SIZE), mode="bicubic"
    )
    losses = []
    for step in range(STEPS):
        noise = torch.rand(8, (SIZE // PATCH) ** 2, generator=random)
        published = plain(pictures, noise)
        losses.append([published.item()])
        for precision, model in ours.items():
            with autocast(torch.device("cpu"), precision)():
                loss = model(pictures, noise.argsort(dim=1)[None]).loss
            loss.backward()
            row = learning[precision].update(step, loss.detach())
            losses[-1].append(row["loss"])
        for group in adamw.param_groups:
            group["lr"] = row["lr"]
        published.backward()
        adamw.step()
        adamw.zero_grad()
    curves = torch.tensor(losses)
    assert (curves[-5:].mean(0) < 0.9 * curves[:5].mean(0)).all()
    worst = ((curves[:, 1:] / curves[:, :1]) - 1).abs().amax(0)
    assert (worst < torch.tensor(list(TOLERANCE.values()))).all(), worst
