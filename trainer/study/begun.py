"""What a study was begun with: ``planned.yaml``, which later commands hold a study to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patterngen.common.yaml_text import dump_yaml, parse_yaml
from patterngen.storage.files import write_atomic
from trainer.errors import TrainerError
from trainer.results.file import FILE
from trainer.study.plan import Plan

PLANNED = "planned.yaml"
_GROWS = ("datasets", "recipes", "tasks", "analyses", "seeds")
"""Parts of a study that may be added to; what was planned stays as it was."""


@dataclass(frozen=True)
class Begun:
    """How a study stands to its beginning.

    Attributes:
        when: time of the first command, ISO 8601 in UTC.
        added: names that were added since, by part of the study.
    """

    when: str
    added: Mapping[str, tuple[str, ...]]


def begin(plan: Plan, out: Path) -> Begun:
    """Write down what is planned, or compare it with what was planned when the study began.

    Raises:
        TrainerError: the folder holds another study, or what was planned is now missing or changed.
    """
    file = out / PLANNED
    if not file.exists():
        if (out / FILE).exists():
            raise TrainerError(f"--out {out}: holds results and no study; choose another folder")
        out.mkdir(parents=True, exist_ok=True)
        when = datetime.now(UTC).isoformat(timespec="seconds")
        write_atomic(file, dump_yaml({"begun": when, "study": _plain(plan.definition)}).encode())
        return Begun(when, {})
    found = parse_yaml(file.read_text(encoding="utf-8"), str(file))
    if not isinstance(found, Mapping) or not isinstance(found.get("study"), Mapping):
        raise TrainerError(f"{file}: is not what a study writes; choose another --out")
    held, asked = found["study"], _plain(plan.definition)
    added = {}
    for part in {**held, **asked}:
        before, now = held.get(part), asked.get(part)
        if before == now:
            continue
        if part not in _GROWS:
            raise TrainerError(f"--out {out}: the study there has another {part}; choose another folder")
        added[part] = _additions(part, before, now, out)
    return Begun(str(found.get("begun", "")), {part: names for part, names in added.items() if names})


def _additions(part: str, before: Any, now: Any, out: Path) -> tuple[str, ...]:
    if isinstance(before, list) or isinstance(now, list):
        before, now = ({str(each): None for each in values or ()} for values in (before, now))
    for name, value in (before or {}).items():
        if name not in (now or {}):
            raise TrainerError(
                f"--out {out}: the study there was begun with {part}.{name}, which is missing now; choose "
                "another folder for another study"
            )
        if value != now[name]:
            raise TrainerError(
                f"--out {out}: the study there has other settings of {part}.{name}; choose another folder"
            )
    return tuple(str(name) for name in now or {} if name not in (before or {}))


def _plain(value: Any) -> Any:
    """Return what YAML reads back to an equal value."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return list(map(_plain, value)) if isinstance(value, list | tuple) else value
