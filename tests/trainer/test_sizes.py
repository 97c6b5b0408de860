import pytest

from trainer.sizes import parse_pair


@pytest.mark.parametrize(("text", "size"), [(8, (8, 8)), ("80x208", (80, 208)), ("3×5", (3, 5))])
def test_sizes_are_read(text, size):
    assert parse_pair(text) == size
