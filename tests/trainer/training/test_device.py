import pytest
import torch

import trainer.training.device
from trainer.errors import TrainerError
from trainer.training.device import autocast, choose_device, computes_bf16


def test_auto_finds_something_to_compute_on():
    device = choose_device("auto")
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "meta", "cuda:x", "cpu:", "", "cuda:99"])
def test_a_device_that_is_not_there_is_named(name):
    with pytest.raises(TrainerError, match=f"device '{name}'"):
        choose_device(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_no_gpu_is_said():
    with pytest.raises(TrainerError, match="device 'cuda': torch finds 0 CUDA GPUs here; use --device cpu"):
        choose_device("cuda")


def test_precision_is_that_of_matrix_products():
    one = torch.ones(2, 2)
    with autocast(torch.device("cpu"), "float32")():
        assert (one @ one).dtype == torch.float32
    with autocast(torch.device("cpu"), "bf16")():
        assert (one @ one).dtype == torch.bfloat16
        assert (one + one).dtype == torch.float32


@pytest.mark.parametrize(
    ("capabilities", "bf16_seconds", "faster"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, None, True),
        ({"avx512_bf16": True}, 0.5, True),
        ({"avx512_bf16": True}, 2.0, False),  # Intel's without AMX
        ({}, None, False),
    ],
)
def test_auto_takes_bf16_only_where_it_is_faster(monkeypatch, capabilities, bf16_seconds, faster):
    seconds = {torch.bfloat16: bf16_seconds, torch.float32: 1.0}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    monkeypatch.setattr(trainer.training.device, "_product_seconds", seconds.__getitem__)
    assert computes_bf16.__wrapped__(torch.device("cpu")) is faster


def test_asking_for_a_precision_moves_no_random_numbers():
    torch.manual_seed(0)
    expected = torch.rand(())
    torch.manual_seed(0)
    computes_bf16.__wrapped__(torch.device("cpu"))
    assert torch.rand(()) == expected
