"""A config written as the command that a user would type for it."""

import shlex
from dataclasses import MISSING, fields
from typing import get_args

from patterngen.escape import as_text
from trainer.transfer.task_features import EvaluationConfig


def command_line(command: str, config: EvaluationConfig) -> str:
    """Write the command whose flags give a config; those at their defaults are left out.

    Args:
        command: its name, as in ``transfer probe``.
        config: plain values, and tuples of them: of any length for flags that may be given again.
    """
    words = ["trainer", *command.split()]
    for field in fields(config):
        value = getattr(config, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if value == default or value is None:
            continue
        flag = f"--{field.name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(flag if value else f"--no{flag[1:]}")
        elif isinstance(value, tuple) and Ellipsis not in get_args(field.type):  # one flag, so many values
            words += (flag, *map(str, value))
        else:
            values = value if isinstance(value, tuple) else (value,)
            words += (word for each in values for word in _given(flag, str(each)))
    return as_text(shlex.join(words))


def _given(flag: str, value: str) -> tuple[str, ...]:
    return (f"{flag}={value}",) if value.startswith("-") else (flag, value)
