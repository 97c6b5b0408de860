"""Where the encoders of an evaluation lie, and the random starts that they are compared with.

An encoder may be another one for each fold: pre-trained on recordings, it must not have met the clips that it
is tested on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trainer import digests
from trainer.encoders.config import EncoderConfig
from trainer.encoders.exported import encoder_file
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError
from trainer.results.names import BASELINES, parse_named_path

FOLD = "{fold}"
"""Stands in a path for the number of the fold that its encoder may be tested on, counted from 1."""


class EncoderOfFolds(SoundEncoder):
    """An encoder for each fold; taken as one, it is that of the first.

    Attributes:
        of_fold: the encoders, of equal architecture, by the names of folds.
    """

    def __init__(self, of_fold: Mapping[str, SoundEncoder]) -> None:
        first = next(iter(of_fold.values()))
        super().__init__(first.vit, first.config, first.load_report)
        self.of_fold = dict(of_fold)
        self.eval()

    @property
    def sha256(self) -> str:
        """SHA-256 of the digests of all."""
        return digests.of_values(*(encoder.sha256 for encoder in self.of_fold.values()))


def path_of_fold(path: Path, number: int) -> Path:
    """Return where the encoder for a fold (from 1) lies: the path itself unless it holds ``{fold}``."""
    return Path(str(path).replace(FOLD, str(number)))


def encoder_paths(runs: Sequence[str]) -> dict[str, Path]:
    """Read where encoders lie, by name; of those for single folds it is not asked whether they are there.

    Args:
        runs: each PATH or NAME=PATH.

    Raises:
        TrainerError: two of the same name, a name of a baseline, or nothing there.
    """
    found: dict[str, Path] = {}
    for text in runs:
        name, path = parse_named_path(text)
        if name.startswith(BASELINES):
            raise TrainerError(
                f"--run {text}: {name!r} is the name of what encoders are compared with; give NAME=PATH"
            )
        if name in found:
            raise TrainerError(f"--run {text}: two encoders are named {name!r}; give NAME=PATH")
        if FOLD not in str(path):
            encoder_file(path)
        found[name] = path
    return found


def one_of_folds(name: str, encoders: Mapping[str, SoundEncoder]) -> SoundEncoder:
    """Join the encoders for single folds.

    Args:
        name: what the user calls them together.
        encoders: by the names of their folds.

    Raises:
        TrainerError: they are not of one architecture.
    """
    kinds = {encoder.config for encoder in encoders.values()}
    if len(kinds) > 1:
        raise TrainerError(f"--run {name}: the encoders for single folds differ in model, input or settings")
    return EncoderOfFolds(encoders)


def baselines(name: str, encoders: Mapping[str, SoundEncoder]) -> dict[str, SoundEncoder]:
    """Name the random starts that encoders are compared with, each with an encoder of its architecture.

    Encoders that share all but their weights share one; only where there are several do their names tell
    which.
    """
    kinds: dict[EncoderConfig, SoundEncoder] = {}
    for encoder in encoders.values():
        kinds.setdefault(replace(encoder.config, feature=None), encoder)
    if len(kinds) == 1:
        return {name: encoder for encoder in kinds.values()}  # noqa: B035 (there is just one)
    short = Counter(_architecture(config) for config in kinds)
    named: Counter[str] = Counter()
    result = {}
    for config, encoder in kinds.items():
        words = _architecture(config)
        if short[words] > 1:
            stride = "" if config.stride is None else " every {}×{}".format(*config.stride)
            words += " on {}×{}".format(*config.input_size) + stride
        named[words] += 1
        result[f"{name} {words}" + f" ({named[words]})" * (named[words] > 1)] = encoder
    return result


def _architecture(config: EncoderConfig) -> str:
    return "{} {}×{}".format(config.model, *config.patch_size)
