"""How OpenGL draws here: on what, and how patiently.

None of it belongs to a family's settings, for none of it says what a picture is. It is set around the
drawing: `with drawing(Options(device="gpu")): …`
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from patterngen.errors import PatternGenError
from patterngen.shaders.render.devices import check_device

BUDGET = 3.0
"""Seconds that a picture of up to 512 × 512 samples may take, unless the user says otherwise."""


@dataclass(frozen=True)
class Options:
    """How OpenGL draws."""

    device: str = "auto"
    """``auto``, ``cpu``, ``gpu``, or one of several GPUs: ``gpu:1``."""
    budget: float | None = None
    """Seconds that one picture may take, of the processor's time where that draws; None gives `BUDGET`
    seconds to small pictures and more to larger ones, by their number of samples."""

    def __post_init__(self) -> None:
        check_device(self.device)
        if self.budget is not None and not 0.01 <= self.budget <= 86400.0:
            raise PatternGenError(f"shader budget {self.budget:g}: give 0.01 … 86400 seconds for one picture")

    def seconds(self, samples: int) -> float:
        """Return the budget of a picture of so many samples."""
        return self.budget or BUDGET * max(1.0, samples / 512**2)


@contextmanager
def drawing(options: Options) -> Iterator[None]:
    """Draw with these options inside."""
    token = _options.set(options)
    try:
        yield
    finally:
        _options.reset(token)


def current() -> Options:
    """Return the options that hold now."""
    return _options.get(_DEFAULT)


_options: ContextVar[Options] = ContextVar("options")
_DEFAULT = Options()
