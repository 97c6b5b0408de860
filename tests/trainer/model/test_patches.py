import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.model.patches import patchify, take, unpatchify


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3]))
def test_unpatchify_undoes_patchify(rows, columns, height, width, channels):
    images = torch.rand(2, channels, rows * height, columns * width)
    patches = patchify(images, (height, width))
    assert patches.shape == (2, rows * columns, channels * height * width)
    assert torch.equal(unpatchify(patches, (height, width), (rows, columns)), images)


def test_patches_are_counted_row_by_row():
    image = torch.arange(24.0).reshape(1, 1, 4, 6)
    patches = patchify(image, (2, 3))
    assert patches[0, 0].tolist() == [0, 1, 2, 6, 7, 8]
    assert patches[0, 1].tolist() == [3, 4, 5, 9, 10, 11]
    assert patches[0, 2].tolist() == [12, 13, 14, 18, 19, 20]


def test_each_picture_has_its_own_choice():
    tokens = torch.arange(12.0).reshape(2, 3, 2)
    assert take(tokens, torch.tensor([[2, 0], [1, 1]])).tolist() == [[[4, 5], [0, 1]], [[8, 9], [8, 9]]]
