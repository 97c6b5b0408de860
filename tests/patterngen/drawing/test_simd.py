"""Vectors in kernels against NumPy, number by number."""

import numpy as np

from patterngen.drawing.simd import (
    WIDTH,
    all_more,
    every,
    larger,
    load,
    magnitude,
    root,
    smaller,
    store,
    where_more,
)
from patterngen.kernels.jit import kernel


@kernel
def compute(x, y, out):
    a, b, half = load(x, 1), load(y, 0), np.float32(0.5)
    store(out, 0, (a + b) * (a - half) / b)
    store(out, WIDTH, smaller(a, b))
    store(out, 2 * WIDTH, larger(a, half))
    store(out, 3 * WIDTH, root(magnitude(a)))
    store(out, 4 * WIDTH, where_more(a, b, half - a, every(half)))
    return all_more(larger(a, b), smaller(a, b)), all_more(a, b)


def test_vectors_are_computed_as_numpy_computes_and_rounds():
    x, y = np.random.default_rng(0).normal(size=(2, WIDTH + 1)).astype(np.float32)
    out, half = np.empty((5, WIDTH), np.float32), np.float32(0.5)
    assert compute(x, y, out.reshape(-1)) == (True, False)
    a, b = x[1:], y[:-1]
    expected = [
        (a + b) * (a - half) / b,
        np.minimum(a, b),
        np.maximum(a, half),
        np.sqrt(np.abs(a)),
        np.where(a > b, half - a, half),
    ]
    assert np.array_equal(out, expected)
