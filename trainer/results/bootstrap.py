"""The bootstrap of scores: over groups of test clips, and over seeds where there are several.

Clips of one speaker or recording stand or fall together, so whole groups are drawn, with replacement, as many
as there are; a clip without a group is its own (Davison and Hinkley, "Bootstrap methods and their
application", 1997, section 3.8). Groups are drawn over all folds together: where each fold is one speaker,
draws within a fold would find no spread at all. A clip counts by one over the clips of its fold, so that
the score on the clips as they are is the mean over folds, whatever their sizes:

    score(w) = Σ_f m_f(w) s_f(w) / Σ_f m_f(w),

with s_f the score on the drawn clips of fold f, m_f the mean weight of its clips. What is drawn depends on
the clips alone, so that scores of two encoders on the same clips are compared draw by draw.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from patterngen.terminal import print_notice
from trainer import digests
from trainer.errors import TrainerError
from trainer.results.intervals import Resampled
from trainer.results.precision import mean_average_precision
from trainer.results.predictions import Predictions, load_predictions
from trainer.results.rows import Evaluation, Result

RESAMPLES = 4000
_FEWEST = 200
_NUMBERS = 1 << 29
"""Clips × classes × resamples of one mean average precision, at most; but never less than `_FEWEST`."""
_BLOCK = 1 << 22  # groups × resamples that lie in memory at a time

Counts = NDArray[np.float64]


class _Groups:
    """The groups of a result's test clips, numbered over all folds."""

    def __init__(self) -> None:
        self.folds: dict[str, NDArray[np.intp]] = {}
        self._numbers: dict[tuple[str, str, int], int] = {}
        self._told: list[object] = []

    def add(self, fold: str, found: Predictions) -> None:
        """Number the groups of a fold's clips."""
        # A clip without a group is its own.
        own = [(name, "", 0) if name else ("", fold, i) for i, name in enumerate(found.groups)]
        self.folds[fold] = np.array([self._numbers.setdefault(each, len(self._numbers)) for each in own])
        self._told.append((fold, found.clips, found.groups))

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def sha256(self) -> str:
        return digests.of_values(*self._told)


class _Read:
    """What the bootstrap needs of a result: its groups, and for accuracy how often each was right."""

    def __init__(self, result: Result) -> None:
        self.by_seed: dict[int, dict[str, Evaluation]] = defaultdict(dict)
        for row in result.rows:
            self.by_seed[row.seed][row.fold] = row
        self.folds = sorted(result.folds)
        self.groups = _Groups()
        self.sizes: dict[str, int] = {}
        correct: dict[tuple[int, str], NDArray[np.bool_]] = {}
        for fold in self.folds:
            for seed, rows in self.by_seed.items():
                found = _checked(rows[fold])
                if fold not in self.sizes:
                    self.groups.add(fold, found)
                    self.sizes[fold] = len(found.clips)
                    self.multi_label = found.multi_label
                    self.classes = len(found.classes)
                elif len(found.clips) != self.sizes[fold]:
                    raise TrainerError(f"{result.task}, {result.encoder}: seeds were tested on other clips")
                if not found.multi_label:
                    correct[seed, fold] = found.outputs == found.targets
        self.clips = self.groups.sha256
        self.shares = self._sums({fold: np.ones(size) for fold, size in self.sizes.items()})
        seeds = self.by_seed if correct else ()
        self.hits = np.array(
            [self._sums({fold: correct[seed, fold] for fold in self.folds}) for seed in seeds]
        )

    def _sums(self, by_fold: Mapping[str, NDArray[np.bool_] | Counts]) -> Counts:
        """Sum over the clips of each group, a clip by one over those of its fold."""
        sums = np.zeros(len(self.groups))
        for fold, values in by_fold.items():
            sums += np.bincount(self.groups.folds[fold], values / self.sizes[fold], len(self.groups))
        return sums


def with_intervals(results: Iterable[Result]) -> list[Result]:
    """Give results the interval of their scores, where what was predicted of each clip is at hand.

    Predictions that are damaged are named in one line each; those results have no interval.
    """
    found = list(results)
    read: dict[str, dict[int, _Read]] = defaultdict(dict)
    for number, result in enumerate(found):
        try:
            if result.rows and all(row.predictions is not None for row in result.rows):
                one = _Read(result)
                if len(one.groups) > 1:
                    read[one.clips][number] = one
        except FileNotFoundError:
            continue  # made before predictions were kept
        except TrainerError as error:
            print_notice(f"no interval: {error}")
    for same in read.values():
        for number, resampled in _bootstrapped(same):
            low, high = resampled.interval()
            found[number] = replace(
                found[number],
                low=max(low, 0.0),
                high=min(high, 1.0),
                groups=len(same[number].groups),
                resampled=resampled,
            )
    return found


def _checked(row: Evaluation) -> Predictions:
    """Return a row's predictions.

    Raises:
        FileNotFoundError: they were not kept.
        TrainerError: damaged, or not those of the row.
    """
    found = row.predictions
    if not isinstance(found, Predictions):
        assert found is not None
        path = found
        found = load_predictions(path)
        if found is None:
            raise FileNotFoundError(path)
        if abs(_score(found) - row.score) > 1e-6:
            raise TrainerError(
                f"{path}: gives a score of {_score(found):.4f}, its row {row.score:.4f}; evaluate again"
            )
    return found


def _score(found: Predictions) -> float:
    if not found.multi_label:
        return float((found.outputs == found.targets).mean())
    return float(mean_average_precision(found.targets, found.outputs, np.ones((len(found.clips), 1)))[0])


def _bootstrapped(same: dict[int, _Read]) -> Iterator[tuple[int, Resampled]]:
    """Resample results on the same clips together, so that what is drawn is drawn once."""
    one = next(iter(same.values()))
    by_hits = {number: read for number, read in same.items() if not read.multi_label}
    parts: dict[int, list[Counts]] = defaultdict(list)
    for weights in _draws(one.clips, len(one.groups), RESAMPLES) if by_hits else ():
        drawn = (weights @ one.shares)[:, None]
        for number, read in by_hits.items():  # one by one: rounding knows nothing of who else is there
            parts[number].append((weights @ read.hits.T) / drawn)
    for number, read in by_hits.items():
        yield number, _over_seeds(np.concatenate(parts[number]), read)
    for number, read in same.items():
        if read.multi_label:
            yield number, _over_seeds(_resampled_precision(read), read)


def _draws(key: str, groups: int, count: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each group is drawn, in blocks [B, G] of `count` resamples."""
    rng = np.random.default_rng(int(key[:16], 16))
    block = max(1, _BLOCK // groups)
    for begin in range(0, count, block):
        rows = min(block, count - begin)
        drawn = rng.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * groups).reshape(rows, groups).astype(float)


def _resampled_precision(read: _Read) -> NDArray[np.float64]:
    """Return the mean average precision on every resample, for every seed, [R, S]."""
    clips = sum(read.sizes.values())
    count = max(_FEWEST, min(RESAMPLES, _NUMBERS // max(1, clips * read.classes)))
    total = np.zeros((count, len(read.by_seed)))
    mass = np.zeros(count)
    for fold in read.folds:
        for s, rows in enumerate(read.by_seed.values()):
            found, begin = _checked(rows[fold]), 0
            for weights in _draws(read.clips, len(read.groups), count):
                own = weights[:, read.groups.folds[fold]]
                rows_ = slice(begin, begin + len(own))
                begin += len(own)
                of_fold = own.mean(axis=1)
                # A clip's weights side by side, as its place among the outputs is what they are taken by; how
                # often a group was drawn, and sums of it, are whole numbers in float32 too.
                by_clip = np.ascontiguousarray(own.T, np.float32)
                total[rows_, s] += of_fold * mean_average_precision(found.targets, found.outputs, by_clip)
                mass[rows_] += of_fold * (s == 0)
    return total / mass[:, None]


def _over_seeds(scores: NDArray[np.float64], read: _Read) -> Resampled:
    """Draw seeds too [R, S] → [R].

    Their deviations are enlarged by √(S / (S − 1)), as the bootstrap of so few draws is too narrow by it.
    """
    seeds = sorted(read.by_seed)
    count = len(seeds)
    mean = scores.mean(axis=1)
    if count > 1:
        order = np.argsort(list(read.by_seed))
        rng = np.random.default_rng(int(digests.of_values(read.clips, seeds)[:16], 16))
        drawn = rng.multinomial(count, np.full(count, 1 / count), len(scores)) / count
        mean = mean + np.sqrt(count / (count - 1)) * ((drawn - 1 / count) * scores[:, order]).sum(axis=1)
    return Resampled(mean, len(read.groups) - 1, read.clips)
