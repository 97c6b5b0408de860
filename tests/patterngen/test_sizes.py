import numpy as np
import pytest

from patterngen import DatasetSpec, PatternGenError, family
from patterngen.sizes import normal, parse_pair


@pytest.mark.parametrize(
    ("size", "read", "written"),
    [
        (8, (8, 8), 8),
        ("8x8", (8, 8), 8),
        ("80x208", (80, 208), "80x208"),
        ("3×5", (3, 5), "3x5"),
        ((np.int64(5), 3), (5, 3), "5x3"),
    ],
)
def test_sizes_are_read_and_have_one_normal_form(size, read, written):
    assert parse_pair(size) == read
    assert normal(size) == written


@pytest.mark.parametrize("size", ["80x", "0x5", "80x208x3", "", "-3", "8 20", "16385x2", "9" * 6000, (4, 0)])
def test_what_is_no_size_is_refused_before_anything_is_drawn(size):
    with pytest.raises(PatternGenError, match="size"):
        DatasetSpec(family=("perlin",), count=1, size=size)
    with pytest.raises(PatternGenError, match=r"perlin.*size"):
        family("perlin").draw([1], size)
