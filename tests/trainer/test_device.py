import pytest
import torch

from trainer.device import autocast, choose_device
from trainer.errors import TrainerError


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
