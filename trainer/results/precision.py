"""Mean average precision of clips that count by weights, for many weightings at once."""

import numpy as np
from numpy.typing import NDArray


def mean_average_precision(
    targets: NDArray[np.integer], outputs: NDArray[np.number], weights: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the macro mean average precision under each weighting, [R].

    Of a class it is the sum over thresholds of precision times gain in recall; clips of equal outputs pass a
    threshold together, as in scikit-learn's ``average_precision_score``.

    Args:
        targets: 0/1 [n, C].
        outputs: [n, C], larger for likelier classes.
        weights: of clips, at least 0, [n, R]; a class without a positive clip of some weight is left out of
            the mean, and where there is none at all the score is NaN.
    """
    total, present = np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    for target, output in zip(targets.T, outputs.T, strict=True):
        if not target.any():
            continue
        order = np.argsort(-output, kind="stable")
        hit = target[order] > 0
        # The last clip of those with equal outputs, and of these places the ones with a positive clip.
        last = np.append(np.flatnonzero(np.diff(output[order])), len(order) - 1)
        block = np.searchsorted(last, np.flatnonzero(hit))
        ends, first = np.unique(block, return_index=True)
        starts = np.append(0, last[ends][:-1] + 1)
        stop = last[ends][-1] + 1
        passed = np.cumsum(np.add.reduceat(weights[order[:stop]], starts, axis=0), axis=0)
        gained = np.add.reduceat(weights[order[hit]], first, axis=0)
        found = np.cumsum(gained, axis=0)
        own = found[-1]
        precision = np.divide(found, passed, out=np.zeros_like(found), where=passed > 0)
        some = own > 0
        total += np.divide((gained * precision).sum(axis=0), own, out=np.zeros_like(own), where=some)
        present += some
    return np.divide(total, present, out=np.full_like(total, np.nan), where=present > 0)
