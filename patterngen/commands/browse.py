"""``patterngen browse``: a page of a dataset's pictures."""

from patterngen.browse import BrowseConfig, browse
from patterngen.terminal import print_report


def run(config: BrowseConfig) -> None:
    """Lay out a few hundred pictures of a dataset on one page to look at, sort and choose among."""
    print_report(browse(config), json=config.json)
