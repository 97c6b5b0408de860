"""Tables of results."""

import math
from collections.abc import Sequence

from rich.table import Table

from trainer.results.rows import Result


def results_table(results: Sequence[Result]) -> Table:
    """Lay results out one below the other, scores in percent."""
    table = Table(title=None)
    for column in ("task", "protocol", "encoder"):
        table.add_column(column)
    for column in ("score, %", "± 95 % CI", "folds", "seeds", "s"):
        table.add_column(column, justify="right")
    for row in results:
        spread = "–" if math.isnan(row.ci95) else f"{100 * row.ci95:.1f}"
        values = [100 * value for value in row.folds.values()]
        table.add_row(
            *(row.task, row.protocol, row.encoder),
            f"{100 * row.score:.1f}",
            spread,
            f"{min(values):.0f} … {max(values):.0f}" if len(values) > 1 else "1",
            str(row.seeds),
            f"{row.seconds:.0f}",
        )
    return table
