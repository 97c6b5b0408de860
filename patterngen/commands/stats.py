"""``patterngen stats``: what a dataset folder holds, in numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tyro

from patterngen.browse.tv_histogram import plot_tv
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
        print_table(stats_table(result))


def stats_table(stats: DatasetStats) -> "Table":
    """Return a rich table: a row per family with its pictures, megabytes and quantiles of Total Variation."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = (
        f"{stats.path}: {stats.total.count} pictures in {stats.shards} shards, {stats.bytes / 1e6:.1f} MB",
        "Total Variation by family: smallest, quantiles, largest",
    )
    table = Table(title=stacked(title), title_justify="left", title_style="", box=SIMPLE_HEAD, padding=0)
    table.add_column("family", overflow="fold")
    for name in ("pictures", "MB", *map(_quantile_name, stats.total.tv_quantiles)):
        table.add_column(name, justify="right", no_wrap=True)
    for family in stats.families:
        table.add_row(*_cells(family))
    if len(stats.families) > 1:
        table.add_section()
        table.add_row(*_cells(stats.total))
    return table


def _cells(family: FamilyStats) -> list[str]:
    values = (f"{value:.4f}" for value in family.tv_quantiles.values())
    return [family.family, str(family.count), f"{family.bytes / 1e6:.1f}", *values]


def _quantile_name(q: str) -> str:
    return {"0": "min", "0.5": "median", "1": "max"}.get(q, f"{100 * float(q):g} %")
