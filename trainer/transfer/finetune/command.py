"""Fine-tune encoders on a task: every encoder, fold and seed, each kept as soon as it is done."""

from dataclasses import replace
from pathlib import Path

from patterngen.common.progress import Progress
from patterngen.terminal import print_notice
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError, check_folder
from trainer.results.bootstrap import with_intervals
from trainer.results.file import append_results
from trainer.results.rows import Evaluation, summarise
from trainer.results.shown import Results
from trainer.tasks import Fold
from trainer.training.signals import deferred_signals
from trainer.transfer.evaluation import evaluation, identity, predictions_of
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.finetune.loop import finetune_fold
from trainer.transfer.finetune.recipe import choose_recipe, recipes
from trainer.transfer.finetune.report import Finished, write_report
from trainer.transfer.finetune.store import EvaluationFiles, Store
from trainer.transfer.finetune.training import Finetuning, Outcome
from trainer.transfer.sources import baselines
from trainer.transfer.task_features import TaskFeatures


def transfer_finetune(config: FinetuneConfig) -> Results:
    """Fine-tune encoders on a task, always beside the same training from random weights.

    Run again with the same settings and ``out``, it goes on where it stopped.

    Returns:
        A row ``scratch`` for each architecture, and one per encoder.

    Raises:
        TrainerError: clips or encoders that cannot be read, or a folder that holds other fine-tunings.
        RunFailedError: a training diverged.

    Examples:
        >>> from pathlib import Path
        >>> import numpy as np, soundfile
        >>> for label, hertz in (("low", 200), ("high", 2000)):
        ...     Path("pitches", label).mkdir(parents=True, exist_ok=True)
        ...     for number in range(10):
        ...         sound = np.sin(2 * np.pi * (hertz + number) * np.arange(3200) / 16_000)
        ...         soundfile.write(f"pitches/{label}/{number}.wav", sound, 16_000)
        >>> from trainer import FinetuneConfig, transfer_finetune
        >>> task = {"task": "folder", "root": "pitches", "fold": (1,), "device": "cpu"}
        >>> rows = transfer_finetune(FinetuneConfig(**task, run=("patterns-tiny",), epochs=1))
        >>> [row.encoder for row in rows]
        ['scratch', 'patterns-tiny']
    """
    if not config.run:
        raise TrainerError("nothing to fine-tune: give an encoder with --run")
    check_folder(config.out)
    return Results(with_intervals(summarise(finetune_task(TaskFeatures(config), config))))


def finetune_task(data: TaskFeatures, config: FinetuneConfig, *, beside: bool = True) -> list[Evaluation]:
    """Do `transfer_finetune` on a task that was read already; returns an evaluation per fold and seed.

    Args:
        data: the task.
        config: settings of the fine-tunings.
        beside: whether the same is done from random weights too.
    """
    encoders = data.encoders()
    if config.selection == "best-on-test":
        print_notice(
            "warning: --selection best-on-test lets the test clips choose the epoch they are scored on; its "
            "scores are too high, and their protocol is called so"
        )
    scratch = baselines("scratch", encoders) if beside else {}
    starts = {name: data.untrained(like) for name, like in scratch.items()}
    store = None if config.out is None else Store(Path(config.out), config, data)
    finished = {
        name: _all(data, config, name, encoder, store, scratch=name in starts)
        for name, encoder in (starts | encoders).items()
    }
    rows = [one.row for several in finished.values() for one in several]
    if store is not None:
        write_report(store, data, finished)
        rows = append_results(store.out, rows, missing=True)  # whoever removed the file gets it again
    return rows


def _all(
    data: TaskFeatures,
    config: FinetuneConfig,
    name: str,
    encoder: SoundEncoder,
    store: Store | None,
    *,
    scratch: bool,
) -> list[Finished]:
    """Fine-tune one encoder with every seed on every fold, but for what the store holds already.

    From `scratch`, every seed begins from random weights of its own, so that the interval over seeds is of
    them too.
    """
    seeds = range(config.seed, config.seed + config.seeds)
    asked = [(seed, fold) for seed in seeds for fold in data.folds]
    sha256 = identity(encoder, untrained=scratch)
    places = [store.place(name, sha256, fold.name, seed) if store else None for seed, fold in asked]
    found = [place.finished() if place else None for place in places]
    times = 1 + len(recipes(config)) * config.chooses
    clips = [times * config.epochs * len(fold.train) for _, fold in asked]
    done = sum(count for count, one in zip(clips, found, strict=True) if one)
    finished = []
    with Progress(sum(clips), unit="clips", label=name, done=done) as progress:
        for (seed, fold), place, one in zip(asked, places, found, strict=True):
            if one is None:
                outcome, row = _evaluate(
                    data, config, name, encoder, fold, seed, place, progress, scratch=scratch
                )
            else:
                outcome, row = one
                row = replace(row, predictions=predictions_of(data, fold, outcome.tested.outputs))
            finished.append(Finished(fold, seed, outcome, row))
    return finished


def _evaluate(
    data: TaskFeatures,
    config: FinetuneConfig,
    name: str,
    encoder: SoundEncoder,
    fold: Fold,
    seed: int,
    place: EvaluationFiles | None,
    progress: Progress,
    *,
    scratch: bool,
) -> tuple[Outcome, Evaluation]:
    """Train and test once, and keep what came of it."""
    start = data.standardised(data.untrained(encoder, seed) if scratch else encoder, fold)
    recipe = choose_recipe(data, config, start, fold, seed, place, progress) if config.chooses else None
    training = Finetuning(
        start,
        data.clips,
        data.task,
        fold,
        seed=seed,
        protocol=config if recipe is None else recipe.config,
        autocast=data.autocast,
        score_epochs=config.score_epochs,
    )
    if place is not None:
        place.resume(training)
    progress.advance(training.clips_done)
    outcome = finetune_fold(training, saver=place, progress=progress)
    # Clips that were held out to choose the epoch are none to wait for.
    progress.advance(config.epochs * (len(fold.train) - len(training.train)))
    tested = outcome.tested
    if recipe is not None:
        tested = tested._replace(valid_score=recipe.valid_score, chosen=recipe.chosen)
    row = evaluation(
        data,
        protocol=config.protocol,
        encoder_name=name,
        encoder=encoder,
        fold=fold,
        seed=seed,
        tested=tested,
        seconds=outcome.seconds,
        settings=config,
        untrained=scratch,
    )
    if place is not None:
        with deferred_signals():
            append_results(place.out, [row])
            place.finish(outcome, row)
    return outcome, row
