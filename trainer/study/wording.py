"""How numbers of a study are written."""

import math
from collections.abc import Sequence
from statistics import fmean

from trainer.study.correlation import FEWEST, Estimate
from trainer.study.table import Row


def estimate_text(found: Estimate, *, percent: bool = False) -> str:
    """Write an estimate and its interval; in percent, a difference of scores."""
    value = number_text(found.value, percent=percent)
    if math.isnan(found.low):
        return value if found.n >= FEWEST or math.isnan(found.value) else f"{value} (too few)"
    return f"{value} [{number_text(found.low, percent=percent)}, {number_text(found.high, percent=percent)}]"


def number_text(value: float, *, percent: bool = False) -> str:
    """Write a correlation, or in percent a difference of scores, with its sign."""
    if math.isnan(value):
        return "–"
    return (f"{100 * value:+.1f}" if percent else f"{value:+.2f}").replace("-", "−")


def p_text(value: float) -> str:
    """Write a p-value."""
    return "–" if math.isnan(value) else f"{value:.4f}" if value < 0.01 else f"{value:.3f}"


def hours_text(seconds: float) -> str:
    """Write seconds as hours."""
    return f"{seconds / 3600:.2f}"


def score_text(rows: Sequence[Row]) -> str:
    """Write the mean score of rows in percent: of one with its interval, of several with their range."""
    if not rows:
        return "–"
    scores = [100 * row.score for row in rows]
    part = "*" if any(row.folds < row.of_folds for row in rows) else ""
    if len(scores) > 1:
        return f"{fmean(scores):.1f}{part} ({min(scores):.1f} … {max(scores):.1f})"
    low, high = 100 * rows[0].low, 100 * rows[0].high
    return f"{scores[0]:.1f}{part}" + ("" if math.isnan(low) else f" [{low:.1f}, {high:.1f}]")
