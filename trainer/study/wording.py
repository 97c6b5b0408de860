"""How numbers of a study are written."""

import math
from collections.abc import Sequence
from statistics import fmean

from trainer.study.correlation import Estimate
from trainer.study.table import Row


def estimate_text(found: Estimate, *, percent: bool = False) -> str:
    """Write an estimate and its interval; in percent, a difference of scores."""
    value = number_text(found.value, percent=percent)
    if math.isnan(found.low):
        return value if math.isnan(found.value) else f"{value} (too few)"
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


def score_text(rows: Sequence[Row], *, gain: bool = False) -> str:
    """Write the mean score or gain of rows in percent: of one its interval too, of several their range."""
    value, low, high = ("gain", "gain_low", "gain_high") if gain else ("score", "low", "high")
    form = "{:+.1f}" if gain else "{:.1f}"
    numbers = [100 * getattr(row, value) for row in rows]
    if not numbers or any(map(math.isnan, numbers)):
        return "–"
    part = "*" if any(row.folds < row.of_folds for row in rows) else ""
    if len(numbers) > 1:
        text = f"{form}{part} ({form} … {form})".format(fmean(numbers), min(numbers), max(numbers))
    else:
        ends = [100 * getattr(rows[0], end) for end in (low, high)]
        text = form.format(numbers[0]) + part
        if not math.isnan(ends[0]):
            text += f" [{form}, {form}]".format(*ends)
    return text.replace("-", "−")
