"""What happened to each tensor on the way from a file into a model."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TensorRecord:
    """What happened to one tensor.

    Attributes:
        name: the tensor's name in the file.
        shape: shape in the file.
        status: ``taken`` as it was, ``adapted``, or ``left``.
        how: what was done to adapt it, or why it was left.
    """

    name: str
    shape: tuple[int, ...]
    status: Literal["taken", "adapted", "left"]
    how: str = ""


def load_report(records: Iterable[TensorRecord], found: str = "") -> tuple[str, ...]:
    """Say what happened to every tensor, one line for those of all blocks that are alike.

    Args:
        records: of the tensors.
        found: where they were, if there is something to say about that.
    """
    groups: dict[TensorRecord, list[int]] = defaultdict(list)
    count = {"taken": 0, "adapted": 0, "left": 0}
    for record in records:
        count[record.status] += 1
        numbers = re.findall(r"blocks\.(\d+)\.", record.name)
        pattern = re.sub(r"blocks\.\d+\.", "blocks.*.", record.name)
        groups[TensorRecord(pattern, record.shape, record.status, record.how)] += map(int, numbers)
    lines = []
    for group, numbers in groups.items():
        span = f"blocks.{{{min(numbers)}…{max(numbers)}}}." if len(numbers) > 1 else ""
        name = group.name.replace("blocks.*.", span or f"blocks.{numbers[0] if numbers else ''}.")
        shape = "×".join(map(str, group.shape)) or "scalar"
        lines.append(f"{group.status:<8}{name} [{shape}]" + (f": {group.how}" if group.how else ""))
    total = ", ".join(f"{number} {status}" for status, number in count.items())
    return (*lines, *filter(None, [found]), f"{sum(count.values())} tensors: {total}")
