"""Where in somebody else's checkpoint the encoder lies: in which of its dictionaries, below which prefix.

Training scripts keep weights as they have them: in ``{"model_state_dict": …}`` beside an optimiser, with the
names that DistributedDataParallel, ``torch.compile`` or a class around the encoder have put something before.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from trainer.errors import TrainerError

ANCHOR = "patch_embed.proj.weight"
"""What every encoder has, and once."""
_WRAPPERS = re.compile(r"(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
"""What torch puts into names, before any part of a model, and never means anything by."""
_DEEPEST = 4
"""Dictionaries in one another that are looked into."""
_TOP = "."
"""The name of what lies in no dictionary and below no prefix."""


@dataclass(frozen=True)
class Located:
    """Weights that were found.

    Attributes:
        place: the dictionaries and the prefix that they lie below, with dots between them.
        weights: floating-point tensors, by their names without the prefix.
        beside: tensors of the same dictionary that have another prefix, by their whole names.
        found: what was taken off the names and where they were found, for people; empty if nothing was.
    """

    place: str
    weights: Mapping[str, Tensor]
    beside: Mapping[str, Tensor]
    found: str


def locate(content: Mapping[object, object], source: str | Path, key: str | None = None) -> Located:
    """Find the weights of an encoder.

    Args:
        content: of a checkpoint.
        source: named in messages.
        key: which weights are meant where there are several: how their place begins.

    Returns:
        The weights. Where there is no encoder, the first dictionary of tensors: what they lack is said
        elsewhere.

    Raises:
        TrainerError: no tensors, none at the key, or several encoders; names their places.
    """
    dictionaries = list(_dictionaries(content, (), set()))
    if not dictionaries:
        raise TrainerError(f"{source}: holds no weights by name")
    found = [located for path, weights in dictionaries for located in _encoders(path, weights)]
    meant = [one for one in found if key is None or f"{one.place}.".startswith(f"{key}.") or one.place == key]
    if len(meant) == 1:
        return meant[0]
    places = ", ".join(one.place for one in meant or found)
    if key is not None and not meant:
        there = f"there are {places}" if found else f"no {ANCHOR} lies anywhere in it"
        raise TrainerError(f"{source}: no encoder lies at --checkpoint-key {key}: {there}")
    if meant:
        raise TrainerError(
            f"{source}: holds {len(meant)} encoders, {places}: import the one that is meant, by `trainer "
            "import --checkpoint-key PLACE`"
        )
    path, weights = dictionaries[0]
    return Located(".".join(path) or _TOP, weights, {}, "")


def _dictionaries(
    content: Mapping[object, object], path: tuple[str, ...], seen: set[int]
) -> Iterator[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Yield the dictionaries that hold floating-point tensors, and the keys that lead to each."""
    seen.add(id(content))
    weights = {
        str(name): value
        for name, value in content.items()
        if isinstance(value, Tensor) and value.is_floating_point()
    }
    if weights:
        yield path, weights
    for name, value in content.items():
        if isinstance(value, Mapping) and id(value) not in seen and len(path) < _DEEPEST:
            yield from _dictionaries(value, (*path, str(name)), seen)


def _encoders(path: tuple[str, ...], weights: Mapping[str, Tensor]) -> Iterator[Located]:
    """Yield the encoders in one dictionary."""
    plain = {_WRAPPERS.sub("", name): tensor for name, tensor in weights.items()}
    if len(plain) < len(weights):  # a model beside itself: which of them is for the user to say
        plain = dict(weights)
    wrappers = sorted({found for name in weights.keys() - plain.keys() for found in _WRAPPERS.findall(name)})
    for name in plain:
        if not f".{name}".endswith(f".{ANCHOR}"):
            continue
        prefix = name.removesuffix(ANCHOR)
        off = [*wrappers, *([prefix] if prefix else [])]
        where = f"found in {'.'.join(path)}" if path else ""
        without = f"taken off the names: {', '.join(off)}" if off else ""
        yield Located(
            ".".join([*path, *filter(None, [prefix.rstrip(".")])]) or _TOP,
            {own.removeprefix(prefix): tensor for own, tensor in plain.items() if own.startswith(prefix)},
            {own: tensor for own, tensor in plain.items() if not own.startswith(prefix)},
            "; ".join(filter(None, [where, without])),
        )
