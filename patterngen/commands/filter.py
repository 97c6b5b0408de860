"""``patterngen filter``: pictures chosen by their manifest rows."""

from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.terminal import print_notice, print_report


def run(config: FilterConfig) -> None:
    """Choose pictures by Total Variation or family: a keep-list, or a new folder."""
    result = filter_dataset(config)
    if result.warning:
        print_notice(f"warning: {result.warning}")
    print_report(result, json=config.json)
