from patterngen.commands.stats import stats_table
from tests.patterngen.dataset.test_stats import stats


def test_the_table_has_a_row_per_family_and_one_for_all():
    assert stats_table(stats([0.1, 0.2])).row_count == 1
    assert stats_table(stats([0.1], [0.2, 0.3])).row_count == 3
