"""What happened to each tensor on the way from a file into a model."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Fate:
    """What happened to one tensor.

    Attributes:
        name: in the file.
        shape: in the file.
        fate: ``taken`` as it was, ``adapted``, or ``left``.
        how: in what way it was adapted, or why it was left.
    """

    name: str
    shape: tuple[int, ...]
    fate: Literal["taken", "adapted", "left"]
    how: str = ""


def account(fates: Iterable[Fate], found: str = "") -> tuple[str, ...]:
    """Say what happened to every tensor, one line for those of all blocks that are alike.

    Args:
        fates: of the tensors.
        found: where they were, if there is something to say about that.
    """
    groups: dict[Fate, list[int]] = defaultdict(list)
    count = {"taken": 0, "adapted": 0, "left": 0}
    for fate in fates:
        count[fate.fate] += 1
        numbers = re.findall(r"blocks\.(\d+)\.", fate.name)
        pattern = re.sub(r"blocks\.\d+\.", "blocks.*.", fate.name)
        groups[Fate(pattern, fate.shape, fate.fate, fate.how)] += map(int, numbers)
    lines = []
    for group, numbers in groups.items():
        span = f"blocks.{{{min(numbers)}…{max(numbers)}}}." if len(numbers) > 1 else ""
        name = group.name.replace("blocks.*.", span or f"blocks.{numbers[0] if numbers else ''}.")
        shape = "×".join(map(str, group.shape)) or "scalar"
        lines.append(f"{group.fate:<8}{name} [{shape}]" + (f": {group.how}" if group.how else ""))
    total = ", ".join(f"{number} {fate}" for fate, number in count.items())
    return (*lines, *filter(None, [found]), f"{sum(count.values())} tensors: {total}")
