"""The command ``patterngen``: each command parses, calls one function and prints what it returns.

Annotations are lazy, so that a command imports only what it runs.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import patterngen as pg
from patterngen import console
from patterngen.terminal import print_json, print_line, print_lines, print_notice, print_report

if TYPE_CHECKING:
    from collections.abc import Sequence

DESCRIPTION = "Draws synthetic patterns, each with its Total Variation, into WebDataset shards."


def list_families(config: pg.ListConfig) -> None:
    """List the families of patterns, or one family's settings."""
    from patterngen.catalogue import catalogue, families_table, settings_table

    entries = catalogue(config.family)
    if config.json:
        print_json([asdict(entry) for entry in entries])
    elif config.family is None:
        pg.print_table(families_table(entries))
    else:
        entry = entries[0]
        print_line(f"{entry.name}, version {entry.version}: {entry.summary}")
        print_line(f"Source: {entry.source}")
        classes = "" if entry.num_classes is None else f" Classes: {entry.num_classes}."
        print_lines(f"Equal seeds give equal pictures {entry.repeats}.{classes}\n")
        if entry.settings:
            pg.print_table(settings_table(entry))
        else:
            print_line("It has no settings.")


def preview(config: pg.PreviewConfig) -> None:
    """Draw a contact sheet of families, with seed and Total Variation under each picture."""
    from patterngen.preview import preview

    _tell_what_is_no_program(config.shader_dir)
    result = preview(config)
    for line in result.skipped:
        print_notice(f"warning: {line}")
    print_line(f"{result.path}: {', '.join(result.families)}")


def show(config: pg.ShowConfig) -> None:
    """Draw the one picture that a manifest row names."""
    from patterngen.preview import show

    if config.warning:
        print_notice(f"warning: {config.warning}")
    print_line(show(config))


def render(config: pg.RenderConfig) -> None:
    """Draw a dataset into shards; run again, it goes on where it stopped."""
    if config.part.count > 1:
        print_notice(f"render: {config.part}")
    _tell_what_is_no_program(config.shader_dir)
    shown = partial(pg.Progress, unit="images", label="render")
    print_lines(pg.render(config.spec, config.run, shown))


def estimate(config: pg.EstimateConfig) -> None:
    """Draw a few pictures of a job and tell its hours, bytes and images per second; writes nothing."""
    from patterngen.gl.options import drawing
    from patterngen.jobs.estimate import estimate

    with drawing(config.run.drawing):
        print_lines(estimate(config.spec, workers=config.workers, images=config.images))


def status(config: pg.StatusConfig) -> None:
    """Tell how far a dataset folder has come, and the command that goes on."""
    from patterngen.jobs.status import status

    result = status(config)
    print_report(result, json=config.json)


def stats(config: pg.StatsConfig) -> None:
    """Count a dataset's pictures and bytes, and show its spread of Total Variation."""
    from patterngen.report import plot_tv, stats_table
    from patterngen.stats import dataset_stats

    result = dataset_stats(config.dir)
    if config.plot is not None:
        plot_tv(result, config.plot)
    if config.json:
        print_json(result.to_json())
    else:
        pg.print_table(stats_table(result))


def filter_pictures(config: pg.FilterConfig) -> None:
    """Choose pictures by Total Variation or family: a keep-list, or a new folder."""
    result = pg.filter_dataset(config)
    if result.warning:
        print_notice(f"warning: {result.warning}")
    print_line(result)


def browse(config: pg.BrowseConfig) -> None:
    """Lay out a few hundred pictures of a dataset on one page to look at, sort and choose among."""
    from patterngen.browse import browse

    print_line(browse(config))


def publish(config: pg.PublishConfig) -> None:
    """Write what other tools look for beside the shards, and send a dataset to the Hugging Face Hub."""
    print_lines(pg.publish_folder(config, lambda total: pg.Progress(total, unit="tars", label="publish")))


def verify(config: pg.VerifyConfig) -> None:
    """Check a dataset: hashes, manifest against members, some pictures drawn again."""
    from patterngen.verify import verify

    print_lines(verify(config))


def doctor(config: pg.DoctorConfig) -> int:
    """Tell what this machine draws with, and what to install; exits 1 if shaders cannot be drawn."""
    from patterngen.doctor import doctor

    found = doctor(config)
    print_report(found, json=config.json)
    return 0 if found.healthy else 1


def check_shaders(config: pg.ShadersCheckConfig) -> int:
    """Judge shader programs by measurement: which are worth drawing with, and why the others are not."""
    from patterngen.shader_check import check_shaders, check_table

    found = check_shaders(config, lambda total: pg.Progress(total, unit="programs", label="check"))
    for note in found.notes:
        print_notice(note)
    if config.json:
        print_json(found.to_json())
    else:
        pg.print_table(check_table(found))
        print_line(found)
    return 0 if found.kept else 2


def new_shaders(config: pg.ShadersNewConfig) -> None:
    """Write fragment programs from seeds, as the family shader-grammar draws with them."""
    from patterngen.shader_new import new_shaders

    print_lines(new_shaders(config))


def _tell_what_is_no_program(shader_dir: str | None) -> None:
    """Say what of a user's folder is not drawn with."""
    from patterngen.gl.folder import look_for_programs

    if shader_dir is not None:
        for note in look_for_programs(shader_dir)[1].notes:
            print_notice(f"{shader_dir}: {note}")


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


if __name__ == "__main__":
    sys.exit(main())
