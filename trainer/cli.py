"""The command ``trainer``: each command parses, calls one function and prints what it returns.

Annotations are lazy, so that a command imports only what it runs.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import trainer as tr
from patterngen.common.console import run as run_commands
from patterngen.common.tables import print_table
from patterngen.escape import visible
from patterngen.terminal import print_json, print_line, print_lines, print_notice, print_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trainer.results.rows import Result
    from trainer.transfer.task_features import TransferConfig

DESCRIPTION = "Pre-trains masked autoencoders on patterns and transfers their encoders to sound."


def pretrain(config: tr.PretrainConfig) -> None:
    """Pre-train a masked autoencoder on a dataset folder; run again, it goes on where it stopped."""
    run = tr.run_pretraining(config)
    if run is not None:  # the first of several processes speaks for all
        print_line(run)


def show(config: tr.ShowRunConfig) -> None:
    """Say what run folders hold: how far, how well, how fast, and how to go on."""
    runs = tr.show_runs(config)
    if config.json:
        print_json([run.to_json() for run in runs])
    else:
        print_table(tr.runs_table(runs))


def estimate(config: tr.EstimateConfig) -> None:
    """Take a few steps of a run and say what all of it will cost: memory, images per second, days."""
    found = tr.estimate_run(config)
    print_report(found, json=config.json)


def sweep(config: tr.SweepConfig) -> None:
    """Pre-train over a grid of settings, as plain runs in one folder, and lay them out as a table."""
    points = tr.run_sweep(config)
    if config.json:
        print_json([point.row for point in points])
    else:
        print_table(tr.points_table(points))
        print_line(f"{config.out}/sweep.csv")


def transfer_linear(config: tr.LinearConfig) -> None:
    """Probe encoders with one linear layer, beside a random encoder and the floor of the log-mels."""
    _show(tr.transfer_linear(config), config)


def transfer_finetune(config: tr.FinetuneConfig) -> None:
    """Fine-tune encoders on a task, beside the same training from random weights."""
    _show(tr.transfer_finetune(config), config)
    if config.out is not None and not config.json:
        print_line(f"{config.out}/finetune: curves.png, and of each encoder confusion.png and mistakes.html")


def results(config: tr.ResultsConfig) -> None:
    """Sum up evaluations as one table, beside published scores if asked: table, Markdown, LaTeX or CSV."""
    found = tr.show_results(config)
    if isinstance(found, list):
        print_json(found)
    elif isinstance(found, str):
        (print_lines if config.out is None else print_line)(found)
    else:
        print_table(found, width=200)


def study(config: tr.StudyConfig) -> None:
    """Compare encoders on a task in both protocols: one table, one figure, one sentence."""
    from pathlib import Path

    from trainer.results.forms import results_table

    found = tr.run_study(config)
    if config.json:
        print_json({"results": [asdict(row) for row in found.results], "sentence": found.sentence})
        return
    print_table(results_table(found.results))
    print_lines(f"\n{visible(found.sentence)}")
    print_line(f"Written to {Path(config.out)}/results.csv, .parquet, .md and .png")


def import_weights(config: tr.ImportConfig) -> None:
    """Bring published weights, of masked autoencoders or timm ViTs, into a folder that runs start from."""
    for line in tr.import_weights(config):
        print_line(line)
    print_line(config.out)


def export(config: tr.ExportConfig) -> None:
    """Write an encoder as safetensors and JSON, for pictures or adapted to sound."""
    for line in tr.export(config):
        print_line(line)
    print_line(config.out)


def export_onnx(config: tr.OnnxConfig) -> None:
    """Write a sound encoder as one ONNX file, from the waveform on, checked against torch."""
    print_report(tr.export_onnx(config), json=config.json)


def embed(config: tr.EmbedConfig) -> None:
    """Turn a folder of clips into a parquet of vectors."""
    print_line(f"{config.out}: {tr.embed_folder(config)} clips")


def sound(config: tr.FindSoundConfig) -> None:
    """Find sound to try an encoder on, and print its task and folder."""
    found = tr.find_sound(config.audio)
    if found.notice:
        print_notice(f"notice: {found.notice}")
    print_line(f"{found.task} {found.root}")


def spectrograms(config: tr.SpectrogramsConfig) -> None:
    """Pack the clips of a task as log-mel pictures, to pre-train on recordings themselves."""
    print_report(tr.pack_spectrograms(config), json=config.json)


def list_tasks(config: tr.TasksConfig) -> None:
    """List the tasks that encoders can be evaluated on: their sizes, licences and where to get them."""
    from trainer.tasks.listing import list_tasks, sources, tasks_table

    entries = list_tasks()
    if config.json:
        print_json([asdict(entry) for entry in entries])
    else:
        print_table(tasks_table(entries))
        print_lines(f"{sources(entries)}\n\ntrainer tasks check NAME --root DIR counts what a folder holds.")


def check_task(config: tr.TaskCheckConfig) -> int:
    """Count a task's clips, classes, folds, durations and unreadable files; exits 1 if it is not usable."""
    from trainer.tasks.check import check_task

    found = check_task(config)
    print_report(found, json=config.json)
    return 0 if found.usable else 1


COMMANDS: dict[str, Callable[[Any], object]] = {
    "pretrain": pretrain,
    "estimate": estimate,
    "show": show,
    "sweep": sweep,
    "transfer linear": transfer_linear,
    "transfer finetune": transfer_finetune,
    "results": results,
    "study": study,
    "import": import_weights,
    "export": export,
    "export onnx": export_onnx,
    "embed": embed,
    "sound": sound,
    "spectrograms": spectrograms,
    "tasks": list_tasks,
    "tasks check": check_task,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program ``trainer`` and return its exit code."""
    return run_commands("trainer", DESCRIPTION, COMMANDS, argv)


def _show(results: list[Result], config: TransferConfig) -> None:
    from trainer.results.forms import results_table

    if config.json:
        print_json([asdict(row) for row in results])
        return
    print_table(results_table(results))
    if config.out is not None:
        print_line(f"{config.out}/results.csv")


if __name__ == "__main__":
    sys.exit(main())
