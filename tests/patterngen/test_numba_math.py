"""Elementary functions for kernels against the C library's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.numba_math import cos_sin, exp, log, power


@given(st.floats(-1000, 1000))
def test_cosine_and_sine_of_turns(turns):
    rest = math.fmod(turns, 1.0)  # exact, where 2π·turns is not
    c, s = cos_sin(turns)
    assert c == pytest.approx(math.cos(2 * math.pi * rest), abs=2e-15)
    assert s == pytest.approx(math.sin(2 * math.pi * rest), abs=2e-15)


@given(st.integers(-40, 40))
def test_quarter_turns_are_exact(quarters):
    assert cos_sin(quarters / 4) == [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters % 4]


@given(st.floats(1e-300, 1e300), st.floats(-300, 300), st.floats(1e-6, 1e6), st.floats(-20, 20))
def test_logarithm_exponential_power(positive, exponent, base, by):
    assert log(positive) == pytest.approx(math.log(positive), rel=1e-15, abs=1e-15)
    assert exp(exponent) == pytest.approx(math.exp(exponent), rel=1e-13)
    assert power(base, by) == pytest.approx(base**by, rel=1e-13)
