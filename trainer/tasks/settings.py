"""A task in words: its name and settings, as in ``csv:label=pitch_class:clip_seconds=2``."""

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
