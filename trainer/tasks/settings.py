"""A task in words: its name and settings, as in ``csv:label=pitch_class:clip_seconds=2``."""

from types import NoneType
from typing import Any, get_args

from trainer.errors import TrainerError


def read_task(text: str) -> tuple[str, dict[str, str]]:
    """Split a task into its name and its settings.

    Raises:
        TrainerError: a setting without a value, or one that is given twice.
    """
    name, colon, rest = text.partition(":")
    settings: dict[str, str] = {}
    for part in rest.split(":") if colon else ():
        setting, equals, value = part.partition("=")
        if not equals or not setting or setting in settings:
            raise TrainerError(f"task {text!r}: {part!r} must be SETTING=VALUE, each setting once")
        settings[setting] = value
    return name, settings


def read_value(task: str, setting: str, text: str, kind: Any) -> object:
    """Read a setting's value as the kind its layout declares: text, a whole number, a number.

    Raises:
        TrainerError: it is none.
    """
    # `float | None` reads as float: who wants None leaves the setting out.
    (kind,) = [part for part in get_args(kind) or (kind,) if part is not NoneType]
    try:
        return kind(text)
    except ValueError:
        raise TrainerError(f"task {task}: {setting} = {text!r} must be a {_WORDS[kind]}") from None


_WORDS = {int: "whole number", float: "number"}
