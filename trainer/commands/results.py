"""``trainer results``: the evaluations of some folders as one table."""

from patterngen.common.tables import print_table
from patterngen.terminal import print_json, print_line, print_lines
from trainer.results.command import ResultsConfig, results


def run(config: ResultsConfig) -> None:
    """Sum up evaluations as one table, beside published scores if asked: table, Markdown, LaTeX or CSV."""
    found = results(config)
    if isinstance(found, list):
        print_json(found)
    elif isinstance(found, str):
        (print_lines if config.out is None else print_line)(found)
    else:
        print_table(found, width=200)
