import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.families.automaton import RING, rule_tables, step


def moved(cells, table, states=2, radius=1):
    out = np.empty_like(cells)
    step(cells, out, table, states, radius)
    return out


@given(st.integers(0, 255), st.lists(st.integers(0, 1), min_size=1, max_size=40))
def test_an_elementary_rule_is_the_binary_number_of_what_follows(rule, cells):
    """Wolfram's numbering: bit 4·left + 2·middle + right of the rule."""
    tables, _ = rule_tables("elementary", 2, 1)
    cells = np.array(cells, np.uint8)
    neighbourhood = 4 * np.roll(cells, 1) + 2 * cells + np.roll(cells, -1)
    assert moved(cells, tables[rule]).tolist() == (rule >> neighbourhood & 1).tolist()


@pytest.mark.parametrize(("states", "radius"), [(2, 1), (3, 2), (6, 4)])
@given(data=st.data())
def test_a_totalistic_rule_sees_the_sum_alone(states, radius, data):
    tables, _ = rule_tables("totalistic", states, radius)
    table = data.draw(st.sampled_from(list(tables)))
    cells = np.array(data.draw(st.lists(st.integers(0, states - 1), min_size=1, max_size=40)), np.uint8)
    sums = sum(np.roll(cells.astype(int), k) for k in range(-radius, radius + 1))
    assert moved(cells, table, states, radius).tolist() == table[sums].tolist()
    assert table.max() < states


def test_rule_90_draws_pascals_triangle_modulo_2():
    tables, _ = rule_tables("elementary", 2, 1)
    cells = np.zeros(99, np.uint8)
    cells[49] = 1
    row = np.array([1])
    for _ in range(40):
        cells = moved(cells, tables[90])
        row = np.convolve(row, [1, 0, 1]) % 2
        middle = len(row) // 2
        assert cells[49 - middle : 50 + middle].tolist() == row.tolist()


def test_entropies_are_those_that_are_known():
    """Rules that permute an end cell keep what is drawn by lot so (Wolfram, 1984); constants keep nothing."""
    _, entropies = rule_tables("elementary", 2, 1)
    permutive = [rule for rule in range(256) if all((rule >> k & 1) != (rule >> k + 4 & 1) for k in range(4))]
    assert len(permutive) == 16
    assert entropies[permutive].min() > 0.97
    assert entropies[[0, 255, 8, 32, 128]].max() == 0
    assert entropies[250] < 0.05  # a chessboard
    assert 0.2 < entropies[110] < 0.97  # between order and disorder
    assert RING % 2


def test_time_runs_to_the_right():
    drawer = family("automaton?rules=elementary&cell=3")
    tables, _ = rule_tables("elementary", 2, 1)
    for field, params in zip(
        drawer.field(range(20), (60, 90)), drawer.draw(range(20), (60, 90)).params, strict=True
    ):
        cells = field[::3, ::3].astype(np.uint8)
        assert np.array_equal(field, cells.repeat(3, 0).repeat(3, 1))
        for before, after in zip(cells.T, cells.T[1:], strict=False):
            assert np.array_equal(moved(np.ascontiguousarray(before), tables[params["rule"]]), after)


def test_rules_are_chosen_by_the_disorder_they_keep():
    _, entropies = rule_tables("totalistic", 3, 1)
    calm, wild = (
        family(f"automaton?entropy_low={low}&entropy_high={high}").draw(range(200), 8).class_id
        for low, high in ((0.2, 0.4), (0.8, 1))
    )
    assert entropies[calm].min() >= 0.2
    assert entropies[calm].max() <= 0.4 < 0.8 <= entropies[wild].min()
    assert len(set(calm)) > 10
    with pytest.raises(
        PatternGenError, match=r"^automaton: no rule has an entropy of 0\.03 to 0\.0301: widen"
    ):
        family("automaton?rules=elementary&entropy_low=0.03&entropy_high=0.0301")
