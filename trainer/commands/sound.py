"""``trainer sound``: recordings to try an encoder on."""

from patterngen.terminal import print_json, print_line, print_notice
from trainer.tasks.found import FindSoundConfig, find_sound


def run(config: FindSoundConfig) -> None:
    """Find sound to try an encoder on, and print its task and folder."""
    found = find_sound(config.audio)
    if found.notice:
        print_notice(f"notice: {found.notice}")
    if config.json:
        print_json({"task": found.task, "root": str(found.root)})
    else:
        print_line(f"{found.task} {found.root}")
