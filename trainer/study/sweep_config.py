"""Settings of `trainer sweep`: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass, fields
from typing import Any

from patterngen import PatternGenError
from patterngen.common.config import read_typed
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.study.grid import combinations
from trainer.study.part import PartConfig


@dataclass(frozen=True, kw_only=True)
class SweepConfig(PartConfig, PretrainConfig):
    """Settings of `pretrain` that all runs share, and those to vary."""

    over: tuple[str, ...]
    """A setting and its values: mask_ratio=0.5,0.75. Of several settings, every combination is a run."""
    task: str | None = None
    """Score every finished run by a linear probe on this task too, as `transfer probe` does."""
    root: str | None = None
    """Folder of the task's clips."""
    json: bool = False
    """Print the rows of the table as JSON."""

    def __post_init__(self) -> None:
        PretrainConfig.__post_init__(self)
        if (self.task is None) != (self.root is None):
            raise TrainerError("--task and --root belong together: give both, or neither")
        _ = self.part  # which checks itself
        parse_axes(self.over)


def parse_axes(over: tuple[str, ...]) -> dict[str, list[Any]]:
    """Read ``name=value,value``, each value as YAML and of its setting's type.

    Raises:
        TrainerError: no such setting, one that runs of a sweep cannot differ in, or values that it cannot
            have.
    """
    axes: dict[str, list[Any]] = {}
    for text in over:
        name, equals, values = text.partition("=")
        name = name.strip().removeprefix("--").replace("-", "_")
        if not equals or not values:
            raise TrainerError(f"--over {text}: give a setting and its values, as mask_ratio=0.5,0.75")
        if name in axes or name in ("out", "resume", "stop_at"):
            what = "is varied already" if name in axes else "is not for a sweep to vary"
            raise TrainerError(f"--over {text}: {name} {what}")
        # Each value of a setting that takes several (--data) is one that stands alone.
        many = any(f.name == name and isinstance(f.default, tuple) for f in fields(PretrainConfig))
        try:
            axes[name] = [
                (value,) if many else read_typed(name, value, PretrainConfig, f"--over {text}")
                for value in values.split(",")
            ]
        except PatternGenError as error:
            raise TrainerError(str(error)) from None
    if not axes:
        raise TrainerError("--over asks for 0 runs: give a setting and its values, as mask_ratio=0.5,0.75")
    combinations(axes, "--over")
    return axes
