"""What `render` is asked on the command line or in a file: what to draw and how, as one flat list."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self, TypeVar

from tyro.conf import Positional

from patterngen._version import __version__
from patterngen.common.config import to_yaml
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.metrics import TV_DEFINITION

C = TypeVar("C", bound=type[Any])

_BEFORE = {"out": "count", "set": "device", "shader_dir": "device"}
"""Flags that stand where one looks for them, each before another."""


def in_order(cls: C) -> C:
    """Class decorator: show the flags in the order in which one thinks of them, not class by class."""
    order = list(cls.__dataclass_fields__)
    for name, other in _BEFORE.items():
        order.remove(name)
        order.insert(order.index(other), name)
    cls.__dataclass_fields__ = {name: cls.__dataclass_fields__[name] for name in order}
    return cls


@in_order
@dataclass(frozen=True, kw_only=True)
class RenderConfig(RunOptions, DatasetSpec):
    """What to draw and how, as one flat list of settings."""

    family: Positional[tuple[str, ...]]
    """NAME[?setting=value&…][=SHARE], one or more. Shares are weights, 1 unless given.
    `smooth:NAME` sets each picture's Total Variation, `mixup:NAME,NAME` mixes pictures."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        _ = self.spec, self.run  # which check themselves

    @classmethod
    def joined(cls, spec: DatasetSpec, run: RunOptions) -> Self:
        """Return the flat list of a definition and of how it is drawn."""
        return cls(**vars(spec) | vars(run))

    @property
    def spec(self) -> DatasetSpec:
        """What to draw."""
        return DatasetSpec(**{field.name: getattr(self, field.name) for field in fields(DatasetSpec)})

    @property
    def run(self) -> RunOptions:
        """How to draw it."""
        return RunOptions(**{field.name: getattr(self, field.name) for field in fields(RunOptions)})


def job_file(spec: DatasetSpec, out: str) -> str:
    """Return the text of a dataset's ``job.yaml``: its definition, resolved, and where it was drawn to."""
    flat = RenderConfig.joined(spec.resolved, RunOptions(out=out))
    text = to_yaml(flat, without=asdict(flat).keys() - asdict(spec).keys() - {"out"})
    return f"# patterngen {__version__}\n# tv_definition: {TV_DEFINITION}\n{text}"
