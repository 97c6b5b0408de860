"""`trainer compare`: several encoders on a task, in both protocols: one table, one figure, one sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import TrainerError, check_folder
from trainer.results import plots
from trainer.results.bootstrap import with_intervals
from trainer.results.forms import markdown
from trainer.results.grid import grid
from trainer.results.names import FLOOR
from trainer.results.rows import Result, summarise
from trainer.training.precision import Precision
from trainer.transfer.finetune import FinetuneConfig, finetune_task
from trainer.transfer.probe import probe_task
from trainer.transfer.probe_config import ProbeConfig
from trainer.transfer.task_features import EvaluationConfig, TaskFeatures


@dataclass(frozen=True, kw_only=True)
class CompareConfig(EvaluationConfig):
    """Settings of `compare`."""

    out: str
    """Folder for results.parquet, results.csv, results.png and results.md."""
    precision: Precision = "auto"
    """auto is bf16 where the machine computes faster in it, float32 elsewhere."""
    probe_seeds: int = 3
    """Linear probes per fold."""
    finetune_seeds: int = 1
    """Fine-tunings per fold."""
    epochs: int = 20
    """Epochs of each fine-tuning."""
    lr: float = 5e-4
    """Peak learning rate of each fine-tuning."""
    batch_size: int = 32
    """Clips per step of each fine-tuning."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: its rows, and what they say."""

    results: list[Result]
    sentence: str


def compare(config: CompareConfig) -> Comparison:
    """Probe and fine-tune every encoder beside its baselines, and write what was found.

    Raises:
        TrainerError: clips or encoders that cannot be read.
        RunFailedError: a training diverged.
    """
    check_folder(config.out)
    shared = {name: getattr(config, name) for name in EvaluationConfig.__dataclass_fields__}
    linear = ProbeConfig(**shared, out=config.out, seeds=config.probe_seeds, protocol=("linear",))
    finetune = FinetuneConfig(
        **shared,
        out=config.out,
        seeds=config.finetune_seeds,
        epochs=config.epochs,
        lr=config.lr,
        batch_size=config.batch_size,
    )
    if not config.run:
        raise TrainerError("nothing to compare: give an encoder with --run")
    data = TaskFeatures(config)
    results = with_intervals(summarise([*probe_task(data, linear), *finetune_task(data, finetune)]))
    found = Comparison(results, in_words(results))
    folder = Path(config.out)
    plots.scores(folder / "results.png", results)
    text = f"{markdown(grid(results))}\n{found.sentence}\n"
    (folder / "results.md").write_text(text, encoding="utf-8")
    return found


def _best(rows: Sequence[Result]) -> Result:
    """Return the result with the best validation score; of those that have none, the one that tests best."""
    scores = [row.valid_score for row in rows]
    return max(rows, key=lambda row: row.score if math.isnan(sum(scores)) else row.valid_score)


def in_words(results: list[Result]) -> str:
    """Say what a table of results shows, without judging more than it holds."""
    baselines = {"linear": "random weights", "finetune (last)": "training from scratch"}
    sentences = []
    for protocol, baseline in baselines.items():
        rows = [row for row in results if row.protocol == protocol]
        without = [row for row in rows if row.is_baseline and row.encoder != FLOOR]
        pretrained = [row for row in rows if not row.is_baseline]
        if not without or not pretrained:
            continue
        base = _best(without).score
        parts = [
            f"{row.encoder} {100 * row.score:.1f} % ({100 * (row.score - base):+.1f})" for row in pretrained
        ]
        title = "Linear probe" if protocol == "linear" else "Fine-tuned"
        sentence = f"{title} on {rows[0].task}: {', '.join(parts)} against {100 * base:.1f} % for {baseline}"
        floor = [row.score for row in rows if row.encoder == FLOOR]
        if floor:
            best = _best(pretrained)
            verb = "beats" if best.score > floor[0] else "does not beat"
            how = "" if math.isnan(best.valid_score) or len(pretrained) == 1 else " by validation clips"
            sentence += f"; the best encoder{how} {verb} the floor of {100 * floor[0]:.1f} %"
        sentences.append(sentence + ".")
    return " ".join(sentences)
