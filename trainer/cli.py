"""The command ``trainer``: each command parses, calls one function and prints what it returns.

Annotations are lazy, so that a command imports only what it runs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import trainer as tr
from patterngen import run_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trainer.transfer.results import Result

DESCRIPTION = "Pre-trains masked autoencoders on patterns and transfers their encoders to sound."


def pretrain(config: tr.PretrainConfig) -> None:
    """Pre-train a masked autoencoder on a dataset folder; run again, it goes on where it stopped."""
    print(tr.run_pretraining(config))


def transfer_linear(config: tr.LinearConfig) -> None:
    """Probe encoders with one linear layer, beside a random encoder and the log-mel floor."""
    _show(tr.transfer_linear(config), config.out)


def transfer_finetune(config: tr.FinetuneConfig) -> None:
    """Fine-tune encoders on a task, beside the same training from random weights."""
    _show(tr.transfer_finetune(config), config.out)


def study(config: tr.StudyConfig) -> None:
    """Compare encoders on a task in both protocols: one table, one figure, one sentence."""
    from pathlib import Path

    found = tr.run_study(config)
    _show(found.results, None)
    print(f"\n{found.sentence}\nWritten to {Path(config.out)}/results.csv, .jsonl, .md and .png")


def export(config: tr.ExportConfig) -> None:
    """Write an encoder as safetensors and JSON, for pictures or adapted to sound."""
    for line in tr.export(config):
        print(line)
    print(config.out)


def embed(config: tr.EmbedConfig) -> None:
    """Turn a folder of clips into a parquet of vectors."""
    print(f"{config.out}: {tr.embed_folder(config)} clips")


def sound(config: tr.FindSoundConfig) -> None:
    """Find sound to try an encoder on, and print its task and folder."""
    found = tr.find_sound(config.audio)
    if found.notice:
        print(f"notice: {found.notice}", file=sys.stderr)
    print(found.task, found.root)


COMMANDS: dict[str, Callable[[Any], object]] = {
    "pretrain": pretrain,
    "transfer linear": transfer_linear,
    "transfer finetune": transfer_finetune,
    "study": study,
    "export": export,
    "embed": embed,
    "sound": sound,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program ``trainer`` and return its exit code."""
    return run_commands("trainer", DESCRIPTION, COMMANDS, argv)


def _show(results: list[Result], out: str | None) -> None:
    from pathlib import Path

    from rich.console import Console

    from trainer.transfer.results import results_table, write_results

    Console(width=None if sys.stdout.isatty() else 120).print(results_table(results))
    if out is not None:
        write_results(Path(out), results)
        print(f"{out}/results.csv")


if __name__ == "__main__":
    sys.exit(main())
