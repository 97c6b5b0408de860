"""Families of other people's: what they draw is looked at, and what they raise is told in one line."""

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import wraps
from typing import Any

import numpy as np

from patterngen.common.plugins import Plugin, PluginError
from patterngen.errors import PatternGenError
from patterngen.families.model.arrays import ARRAYS, Arrays
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Pictures
from patterngen.families.model.settings import setting_types
from patterngen.sizes import Size, parse_pair, spelled


def adopt(cls: type[Family], plugin: Plugin) -> None:
    """Check a plugin's family and put a guard around its making, its drawing and its arrays.

    Raises:
        PatternGenError: it lacks what every family has.
    """
    missing = [name for name in ("version", "source") if not hasattr(cls, name)]
    missing += sorted(getattr(cls, "__abstractmethods__", ()))
    if not is_dataclass(cls) or not issubclass(cls, Family) or missing:
        raise PatternGenError(
            f"{cls.__name__} is no family: derive it from Family, make it a frozen dataclass"
            + "".join(f", give it a {name}" for name in missing)
        )
    setting_types(cls)
    init, draw = cls.__init__, cls.draw

    @wraps(init)
    def made(self: Family, *args: Any, **settings: Any) -> None:
        with plugin.blamed(f"make {cls.name}"):
            init(self, *args, **settings)
            _ = self.num_classes

    @wraps(draw)
    def guarded(self: Family, seeds: Sequence[int], size: Size) -> Pictures:
        with plugin.blamed(f"draw {self.name} at size {spelled(size)}"):
            pictures = draw(self, seeds, size)
            fault = _fault(self, pictures, (len(seeds), *parse_pair(size), 3))
        if fault:
            raise PluginError(f"{plugin}: {self.name} broke the contract of families: {fault}")
        return pictures

    for name, method in {"__init__": made, "draw": guarded}.items():
        setattr(cls, name, method)
    for array, hook in ARRAYS.items():
        if getattr(cls, hook) is not getattr(Arrays, hook):
            setattr(cls, array, _blaming(plugin, getattr(cls, array)))


def _blaming(plugin: Plugin, array: Callable[[Family, Sequence[int], Size], Any]) -> Callable[..., Any]:
    @wraps(array)
    def blaming(self: Family, seeds: Sequence[int], size: Size) -> Any:
        with plugin.blamed(f"give the {array.__name__} of {self.name} at size {spelled(size)}"):
            return array(self, seeds, size)

    return blaming


def _fault(family: Family, pictures: Pictures, shape: tuple[int, int, int, int]) -> str:
    """Say in which way a batch is not what the contract promises; nothing if it is."""
    pixels, class_id = pictures.pixels, pictures.class_id
    count = shape[0]
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        return f"pixels are {pixels.dtype} {list(pixels.shape)}, not uint8 {list(shape)}"
    if len(pictures.params) != count:
        return f"{len(pictures.params)} params for {count} pictures"
    for params in pictures.params:
        for key, value in params.items():
            if type(value) not in (str, int, float, bool):
                return f"the param {key} is {type(value).__name__}, not a str, int, float or bool"
    if class_id.shape != (count,) or np.any((class_id < 0) | (class_id >= family.num_classes)):
        return f"class ids are not {count} numbers from 0 to {family.num_classes - 1}"
    return ""
