"""``patterngen render``: a dataset, drawn into shards."""

from functools import partial

from patterngen.common.progress import Progress
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.rendering import render
from patterngen.shaders.language.folder import folder_notes
from patterngen.terminal import print_notice, print_report


def run(config: RenderConfig) -> None:
    """Draw a dataset into shards; run again, it goes on where it stopped."""
    if config.part.count > 1:
        print_notice(f"render: {config.part}")
    for note in folder_notes(config.shader_dir):
        print_notice(note)
    shown = partial(Progress, unit="images", label="render")
    print_report(render(config.spec, config.run, shown), json=config.json)
