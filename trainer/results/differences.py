"""Paired differences: how much better one encoder is than another on the same clips."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from patterngen.errors import unknown_name
from trainer.results.rows import Result


@dataclass(frozen=True)
class Differences:
    """Differences as results whose score is one, in [−1, 1], and what had no counterpart."""

    results: list[Result]
    notes: tuple[str, ...]


def differences(results: Sequence[Result], against: str) -> Differences:
    """Take the score of one encoder off those of all others, task by task and protocol by protocol.

    Only scores on the same clips and folds are compared. Where there are several results of that encoder
    (random weights of several architectures, several settings), the one with equal settings is taken.

    Args:
        results: of all encoders.
        against: the name of one; ``random`` and ``scratch`` stand for those of any architecture.

    Raises:
        PatternGenError: none of the results is of that encoder.
    """
    known = sorted({row.encoder for row in results})
    bases = [row for row in results if row.encoder == against or row.encoder.startswith(f"{against} ")]
    if not bases:
        raise unknown_name("encoder of these results", against, known, "trainer results DIR")
    found: list[Result] = []
    alone: list[str] = []
    for row in results:
        if any(row is base for base in bases):
            continue
        base = _counterpart(row, bases)
        if base is None:
            alone.append(f"{row.encoder} ({row.task}, {row.protocol})")
        else:
            found.append(_difference(row, base))
    if not alone:
        return Differences(found, ())
    more = f" and {len(alone) - 5} more" if len(alone) > 5 else ""
    told = f"without a counterpart of {against} on the same clips and folds: {', '.join(alone[:5])}{more}."
    return Differences(found, (told,))


def _counterpart(row: Result, bases: Sequence[Result]) -> Result | None:
    def common(each: Result) -> tuple[object, ...]:
        return each.task, each.protocol, each.data_sha256, each.protocol_sha256, each.folds.keys()

    found = [base for base in bases if common(base) == common(row)]
    alike = [base for base in found if base.settings == row.settings]
    return alike[0] if len(alike) == 1 else found[0] if len(found) == 1 else None


def _difference(row: Result, base: Result) -> Result:
    """Return a result whose score is the difference; it has an interval where both were resampled alike."""
    low = high = math.nan
    resampled = None
    if row.resampled and base.resampled and row.resampled.clips == base.resampled.clips:
        resampled = row.resampled.minus(base.resampled)
        low, high = resampled.interval()
    return replace(
        row,
        score=row.score - base.score,
        folds={name: score - base.folds[name] for name, score in row.folds.items()},
        low=low,
        high=high,
        groups=row.groups if resampled else 0,
        resampled=resampled,
    )
