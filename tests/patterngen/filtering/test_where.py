"""Conditions typed by a user."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.filtering.where import parse_where

TABLE = pa.table({"tv": [0.01, 0.05, 0.2], "family": ["perlin", "fbm", "fbm"], "seed": [1, 2, 3]})


def holds(text):
    condition = parse_where(text, TABLE.column_names)
    return condition.holds(TABLE.select(condition.columns)).to_pylist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tv < 0.1", [True, True, False]),
        ("0.02 < tv < 0.1", [False, True, False]),
        ("family != 'perlin' and seed >= 3", [False, False, True]),
        ("not (family == 'fbm' or tv > 1)", [True, False, False]),
        ("seed in (1, 3)", [True, False, True]),
        ("family not in ['fbm']", [True, False, False]),
        ("seed / 2 == 0.5", [True, False, False]),
        ("-tv * 2 + 1 - seed < -1.2", [False, False, True]),
    ],
)
def test_it_holds_where_it_should(text, expected):
    assert holds(text) == expected


@given(st.floats(0, 0.3), st.floats(0, 0.3))
def test_it_agrees_with_python(a, b):
    expected = [a <= tv < b or seed == 2 for tv, seed in zip((0.01, 0.05, 0.2), (1, 2, 3), strict=True)]
    assert holds(f"{a!r} <= tv < {b!r} or seed == 2") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tw < 0.1", "did you mean tv"),
        ("tv = 0.1", "compare with =="),
        ("tv <", "cannot be read"),
        ("", "cannot be read"),
        ("__import__('os').remove('x')", "not understood"),
        ("tv.__class__", "not understood"),
        ("[tv for tv in (1, 2)]", "not understood"),
        ("tv ** 2 < 1", "not understood"),
        ("tv if seed else 1", "not understood"),
        ("tv in family", "list of values"),
        ("family < 3", "family < 3"),
        ("tv + 1", "not yes or no"),
        ("(" * 500 + "tv" + ")" * 500 + " < 1", "cannot be read"),
        ("seed == 9223372036854775808", "64 bits"),
        ("tv < 1 or " * 2000 + "tv < 1", "characters"),
    ],
)
def test_what_is_not_a_condition_is_refused_in_one_line(text, said):
    with pytest.raises(PatternGenError, match=said) as caught:
        holds(text)
    assert "\n" not in str(caught.value)
