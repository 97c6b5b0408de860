"""What resampled scores come to: percentile intervals, paired differences, averages over tasks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from trainer import digests

_LEVEL = 0.975


@dataclass(frozen=True, eq=False)
class Resampled:
    """A score on many resamples of its test clips.

    Attributes:
        values: the score on each [R], in [0, 1]; differences of scores in [−1, 1].
        freedom: degrees of freedom: groups that were drawn, less one.
        clips: digest of what was drawn from. Where it is equal, entry r of two scores is of the same draw.
    """

    values: NDArray[np.float64]
    freedom: float
    clips: str

    def interval(self) -> tuple[float, float]:
        """Return the percentile interval of 95 %, widened as small samples need.

        The bootstrap of n draws has a variance too small by (n − 1) / n, and normal quantiles where Student's
        belong; the tails are taken further out by both: at Φ(−√(n / (n − 1)) t) with n − 1 degrees of freedom
        (the expanded percentile interval of Hesterberg, "What teachers should know about the bootstrap", The
        American Statistician 69, 2015).
        """
        student = float(stdtrit(self.freedom, _LEVEL))
        tail = float(ndtr(-math.sqrt((self.freedom + 1) / self.freedom) * student))
        low, high = np.nanquantile(self.values, [tail, 1 - tail])
        return float(low), float(high)

    def minus(self, other: "Resampled") -> "Resampled":
        """Return the difference on the same draws of the same clips.

        Raises:
            ValueError: they were not drawn from the same clips.
        """
        if self.clips != other.clips:
            raise ValueError("not of the same clips")
        count = min(len(self.values), len(other.values))
        return Resampled(self.values[:count] - other.values[:count], self.freedom, self.clips)


def mean_of(several: Sequence[Resampled]) -> Resampled:
    """Return the mean of scores on several tasks, with the degrees of freedom of Satterthwaite."""
    count = min(len(each.values) for each in several)
    values = np.mean([each.values[:count] for each in several], axis=0)
    spread = np.array([each.values.var() for each in several])
    freedom = np.array([each.freedom for each in several])
    total = float((spread**2 / freedom).sum())
    common = float(spread.sum()) ** 2 / total if total > 0 else float(freedom.min())
    return Resampled(values, common, digests.of_values(*(each.clips for each in several)))
