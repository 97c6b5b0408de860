"""``patterngen estimate``: what a job will cost on this machine."""

from patterngen.jobs.estimate import EstimateConfig, estimate
from patterngen.shaders.render.options import drawing
from patterngen.terminal import print_report


def run(config: EstimateConfig) -> None:
    """Draw a few pictures of a job and tell its hours, bytes and images per second; writes nothing."""
    with drawing(config.run.drawing):
        found = estimate(config.spec, workers=config.workers, sample=config.sample)
    print_report(found, json=config.json)
