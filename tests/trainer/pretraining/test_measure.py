import mmap

import psutil
import pytest
import torch
from torch import nn

from tests.shallow import shallow_settings
from trainer.pretraining import measure
from trainer.pretraining.build import build_model

CPU = torch.device("cpu")


class Squares(nn.Module):
    """A loss of one matrix product, as a masked autoencoder gives it."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 5, bias=False)

    def forward(self, images):
        self.loss = self.layer(images.flatten(1)).square().mean()
        return self


def test_operations_of_a_matrix_product_are_counted_by_hand():
    # Forward 2·6·5 for each picture; back as much again for the weight, and nothing for the input.
    assert measure.flops_per_picture(Squares(), (1, 2, 3)) == 2 * 2 * 6 * 5


def test_operations_grow_with_what_is_visible(patterns, tmp_path):
    counts = [
        measure.flops_per_picture(
            build_model(shallow_settings(patterns, tmp_path, mask_ratio=ratio), 1), (3, 16, 16)
        )
        for ratio in (0.25, 0.5, 0.75)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 1.5 * counts[2]


def test_what_the_backward_pass_needs_is_counted_by_hand():
    images = torch.randn(4, 1, 2, 3)
    # The input of the layer and that of the square, in float32; the weight is not counted.
    assert measure.activation_bytes(Squares(), images) == 4 * (4 * 6 + 4 * 5)


def test_activations_grow_by_the_picture(patterns, tmp_path):
    model = build_model(shallow_settings(patterns, tmp_path), 1)
    kept = [measure.activation_bytes(model, torch.zeros(count, 3, 16, 16)) for count in (2, 4, 8)]
    assert kept[2] - kept[1] == pytest.approx(2 * (kept[1] - kept[0]), rel=0.01)


def test_the_peak_holds_what_was_needed():
    measure.forget_peak(CPU)
    before = psutil.Process().memory_info().rss  # not the peak: not every system forgets that
    size = 128 << 20
    with mmap.mmap(-1, size) as fresh:  # not from what an allocator has kept
        fresh.write(b"1" * size)
        # Half of it, for the system may take back other pages meanwhile.
        assert measure.peak_memory(CPU) >= before + size / 2
    available = measure.available_memory(CPU)
    assert available is None or available > measure.peak_memory(CPU)


def test_the_peak_of_matrix_products_is_that_of_a_processor(monkeypatch):
    monkeypatch.setitem(measure._SIDE, "cpu", 256)
    assert 1e8 < measure.matrix_peak(CPU, torch.float32) < 1e15
