"""``patterngen stats``: what a dataset folder holds, in numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tyro

from patterngen.browse.tv_plot import plot_tv
from patterngen.common.tables import print_table, stacked
from patterngen.dataset.stats import DatasetStats, FamilyStats, dataset_stats
from patterngen.terminal import print_json

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class StatsConfig:
    """Which dataset to describe."""

    dir: tyro.conf.Positional[str]
    """The dataset folder."""
    plot: str | None = None
    """Draw the histogram of Total Variation into this PNG, PDF or SVG file."""
    json: bool = False
    """Print JSON instead of a table."""


def run(config: StatsConfig) -> None:
    """Count a dataset's pictures and bytes, and show its spread of Total Variation."""
    result = dataset_stats(config.dir)
    if config.plot is not None:
        plot_tv(result, config.plot)
    if config.json:
        print_json(result)
    else:
        for measure in (None, *result.total.measured):
            print_table(stats_table(result, measure))


def stats_table(stats: DatasetStats, measure: str | None = None) -> "Table":
    """Return a rich table: a row per family with its pictures, megabytes and quantiles.

    Args:
        stats: of the dataset.
        measure: what the quantiles are of; of Total Variation unless given.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = (
        f"{stats.path}: {stats.total.count} pictures in {stats.shards} shards, {stats.bytes / 1e6:.1f} MB",
        f"{measure or 'Total Variation'} by family: smallest, quantiles, largest",
    )
    table = Table(title=stacked(title), title_justify="left", title_style="", box=SIMPLE_HEAD, padding=0)
    table.add_column("family", overflow="fold")
    for name in ("pictures", "MB", *map(_quantile_name, stats.total.tv_quantiles)):
        table.add_column(name, justify="right", no_wrap=True)
    for family in stats.families:
        table.add_row(*_cells(family, measure))
    if len(stats.families) > 1:
        table.add_section()
        table.add_row(*_cells(stats.total, measure))
    return table


def _cells(family: FamilyStats, measure: str | None) -> list[str]:
    quantiles = family.measure_quantiles[measure] if measure else family.tv_quantiles
    values = (f"{value:.4f}" for value in quantiles.values())
    return [family.family, str(family.count), f"{family.bytes / 1e6:.1f}", *values]


def _quantile_name(q: str) -> str:
    return {"0": "min", "0.5": "median", "1": "max"}.get(q, f"{100 * float(q):g} %")
