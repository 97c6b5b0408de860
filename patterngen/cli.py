"""The command ``patterngen``: each command parses, calls one function and prints what it returns.

Annotations are lazy, so that a command imports only what it runs.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import patterngen as pg
from patterngen import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

DESCRIPTION = "Draws synthetic patterns, each with its Total Variation, into WebDataset shards."


def list_families(config: pg.ListConfig) -> None:
    """List the families of patterns, or one family's settings."""
    from patterngen.catalogue import catalogue, families_table, settings_table

    entries = catalogue(config.family)
    if config.json:
        print(json.dumps([asdict(entry) for entry in entries], indent=1))
    elif config.family is None:
        _print_rich(families_table(entries))
    else:
        entry = entries[0]
        print(f"{entry.name}, version {entry.version}: {entry.summary}\nSource: {entry.source}")
        classes = "" if entry.num_classes is None else f" Classes: {entry.num_classes}."
        print(f"Equal seeds give equal pictures {entry.repeats}.{classes}\n")
        if entry.settings:
            _print_rich(settings_table(entry))
        else:
            print("It has no settings.")


def preview(config: pg.PreviewConfig) -> None:
    """Draw a contact sheet of families, with seed and Total Variation under each picture."""
    from patterngen.preview import preview

    result = preview(config)
    for line in result.skipped:
        print(f"warning: {line}", file=sys.stderr)
    print(f"{result.path}: {', '.join(result.families)}")


def show(config: pg.ShowConfig) -> None:
    """Draw the one picture that a manifest row names."""
    from patterngen.preview import show

    print(show(config))


def render(job: pg.RenderJob) -> None:
    """Draw a dataset into shards; run again, it goes on where it stopped."""
    if job.part.count > 1:
        print(f"render: {job.part}", file=sys.stderr)
    print(pg.render(job, lambda total: pg.Progress(total, unit="images", label="render")))


def estimate(job: pg.EstimateConfig) -> None:
    """Draw a few pictures of a job and tell its hours, bytes and images per second; writes nothing."""
    from patterngen.jobs.estimate import estimate

    print(estimate(job))


def status(config: pg.StatusConfig) -> None:
    """Tell how far a dataset folder has come, and the command that goes on."""
    from patterngen.jobs.status import status

    result = status(config)
    print(json.dumps(result.to_json(), indent=1) if config.json else result)


def stats(config: pg.StatsConfig) -> None:
    """Count a dataset's pictures and bytes, and show its spread of Total Variation."""
    from patterngen.report import plot_tv, stats_table
    from patterngen.stats import dataset_stats

    result = dataset_stats(config.dir)
    if config.plot is not None:
        plot_tv(result, config.plot)
    if config.json:
        print(json.dumps(result.to_json(), indent=1))
    else:
        _print_rich(stats_table(result))


def filter_pictures(config: pg.FilterConfig) -> None:
    """Choose pictures by Total Variation or family: a keep-list, or a new folder."""
    result = pg.filter_dataset(config)
    if result.warning:
        print(f"warning: {result.warning}", file=sys.stderr)
    print(result)


def browse(config: pg.BrowseConfig) -> None:
    """Lay out a few hundred pictures of a dataset on one page to look at, sort and choose among."""
    from patterngen.browse import browse

    print(browse(config))


def publish(config: pg.PublishConfig) -> None:
    """Write what other tools look for beside the shards, and send a dataset to the Hugging Face Hub."""
    print(pg.publish_folder(config, lambda total: pg.Progress(total, unit="tars", label="publish")))


def verify(config: pg.VerifyConfig) -> None:
    """Check a dataset: hashes, manifest against members, some pictures drawn again."""
    from patterngen.verify import verify

    print(verify(config))


def doctor(config: pg.DoctorConfig) -> int:
    """Tell what this machine draws with, and what to install; exits 1 if shaders cannot be drawn."""
    from patterngen.doctor import doctor

    found = doctor(config)
    print(json.dumps(found.to_json(), indent=1) if config.json else found)
    return 0 if found.healthy else 1


def check_shaders(config: pg.ShadersCheckConfig) -> int:
    """Judge shader programs by measurement: which are worth drawing with, and why the others are not."""
    from patterngen.shader_check import check_shaders, check_table

    found = check_shaders(config, lambda total: pg.Progress(total, unit="programs", label="check"))
    if config.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        _print_rich(check_table(found))
        print(found)
    return 0 if found.kept else 2


def new_shaders(config: pg.ShadersNewConfig) -> None:
    """Write fragment programs from seeds, as the family shader-grammar draws with them."""
    from patterngen.shader_new import new_shaders

    print(new_shaders(config))


COMMANDS: dict[str, console.Command] = {
    "list": list_families,
    "preview": preview,
    "show": show,
    "render": render,
    "estimate": estimate,
    "status": status,
    "stats": stats,
    "filter": filter_pictures,
    "browse": browse,
    "verify": verify,
    "publish": publish,
    "doctor": doctor,
    "shaders check": check_shaders,
    "shaders new": new_shaders,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program ``patterngen`` and return its exit code."""
    return console.run("patterngen", DESCRIPTION, COMMANDS, argv)


def _print_rich(renderable: RenderableType) -> None:
    from rich.console import Console

    # Nobody's window bounds a pipe or a file; there a table may be as wide as it needs.
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(renderable)


if __name__ == "__main__":
    sys.exit(main())
