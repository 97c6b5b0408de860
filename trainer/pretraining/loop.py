"""The loop of a pre-training run: step after step, until all are taken or something stops it.

A step is taken, logged and saved whole, or not at all. Processes that train together stop after the same
step.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict

import torch

from patterngen import RunFailedError
from patterngen.common.progress import Progress
from trainer.data.loader import PictureBatch
from trainer.errors import DivergedError
from trainer.pretraining.environment import record_end
from trainer.pretraining.health import Health
from trainer.pretraining.run import Pretraining
from trainer.pretraining.run_figures import RunFigures
from trainer.training.boards import Board, TensorBoard, WeightsAndBiases
from trainer.training.metrics_log import MetricsLog
from trainer.training.out_of_memory import fitting_batch, is_out_of_memory
from trainer.training.signals import deferred_signals, stop_requested


def train(training: Pretraining) -> None:
    """Take the steps of a run that are left, up to `stop_at`.

    Raises:
        RunFailedError: the loss or its gradient is not finite, memory ran out, or another process that
            belongs to the run has ended.
    """
    config, ranks = training.config, training.ranks
    last = min(training.plan.steps, config.stop_at or training.plan.steps)
    figures, health = RunFigures(training), Health(training)
    training.model.train()
    with _end_recorded(training), _metrics(training) as metrics, _shown(training, last) as progress:
        saving = Saving(training, metrics)
        try:
            # One process may stop at once while it waits for pictures; several must agree on a step.
            with deferred_signals() if ranks.count > 1 else nullcontext([]) as told:
                stop = False
                while training.step < last and not stop:
                    begin = time.perf_counter()
                    pictures = next_pictures(training)
                    waited = time.perf_counter() - begin
                    with deferred_signals():
                        row = training.take_step(pictures)
                        seconds = time.perf_counter() - begin
                        row |= {
                            "images_per_second": training.plan.batch / seconds,
                            "data_wait": waited / seconds,
                        }
                        if config.skip_bad:
                            row["skipped"] = training.batches.skipped
                        logged = training.step % config.log_every == 0 or training.step == last
                        if health.due(training.step):
                            row |= health.measure()
                            logged = True
                        if metrics and logged:
                            metrics.write(row)
                        stop, due = ranks.any(stop_requested(told), saving.is_due())
                        if due or stop or training.step == last:
                            saving.save()
                    _show(figures, metrics, last)
                    if progress:
                        progress.note(
                            f"loss {row['loss']:.4f} · {row['images_per_second']:.0f} images/s · "
                            f"{row['data_wait']:.0%} waiting for data"
                        )
                        progress.advance()
            if stop:  # and this process would have ended above, had it been told itself
                raise RunFailedError("another process of this run was told to stop; run again to go on")
        except BaseException as error:
            saving.rescue(error)
            known = failure(training, error)
            if known is None:
                raise
        else:
            return
    raise known


class Saving:
    """When to save a run, and what was saved.

    Args:
        training: the run.
        metrics: its log, which is on the disk before a checkpoint is; none in all but the first process.
    """

    def __init__(self, training: Pretraining, metrics: MetricsLog | None) -> None:
        self.training, self.metrics = training, metrics
        self.saved = training.step
        self.time = time.monotonic()

    def is_due(self) -> bool:
        """Tell whether a checkpoint is due after this step."""
        config = self.training.config
        if self.training.step % config.save_every == 0:
            return True
        minutes = (time.monotonic() - self.time) / 60
        return config.save_minutes is not None and minutes >= config.save_minutes

    def save(self) -> None:
        """Save the run as it stands."""
        if self.metrics:
            self.metrics.flush_to_disk()
        self.training.save()
        self.saved, self.time = self.training.step, time.monotonic()

    def rescue(self, error: BaseException) -> None:
        """Keep what was learned before an error; a diverged model is not worth it."""
        lost = self.training.step > self.saved and not isinstance(error, DivergedError)
        # The shards of a model cannot be put together by one process alone.
        if lost and not self.training.ranks.sharded:
            with deferred_signals():
                self.save()


def _show(figures: RunFigures, metrics: MetricsLog | None, last: int) -> None:
    """Draw losses and reconstructions if it is time."""
    training = figures.training
    every = training.config.show_every
    if training.step == last or (every and training.step % every == 0):
        for name, picture in figures.show():
            if metrics:
                metrics.show(name, picture, training.step)


@contextmanager
def _end_recorded(training: Pretraining) -> Iterator[None]:
    """Write down how the run ends this time, for `trainer show`."""
    ended, said = "finished", ""
    try:
        yield
        if training.step < training.plan.steps:
            ended = "stopped"
    except Exception as error:
        ended, said = "diverged" if isinstance(error, DivergedError) else "failed", str(error)
        raise
    except BaseException:  # Ctrl-C, SIGTERM
        ended = "interrupted"
        raise
    finally:
        if training.ranks.number == 0:
            record_end(training.run, step=training.step, ended=ended, said=said)


def next_pictures(training: Pretraining) -> list[PictureBatch]:
    """Return the batches of one step."""
    return [next(training.batches) for _ in range(training.config.accumulate)]


@contextmanager
def _metrics(training: Pretraining) -> Iterator[MetricsLog | None]:
    """Open what takes the numbers, in the first of several processes."""
    if training.ranks.number:
        yield None
        return
    config = training.config
    boards: list[Board] = []
    if config.tensorboard:
        boards.append(TensorBoard(training.run, training.step))
    if config.wandb is not None:
        boards.append(WeightsAndBiases(config.wandb, training.run, asdict(config)))
    metrics = MetricsLog(training.run, training.step, boards)
    try:
        yield metrics
    finally:
        metrics.close()


@contextmanager
def _shown(training: Pretraining, last: int) -> Iterator[Progress | None]:
    """Show how far the run has come, from the first of several processes."""
    if training.ranks.number:
        yield None
        return
    with Progress(last, unit="steps", label="pretrain", done=training.step) as progress:
        yield progress


def failure(training: Pretraining, error: BaseException) -> RunFailedError | None:
    """Say in a line what went wrong, for errors that torch words for its own developers."""
    reason = str(error).strip().partition("\n")[0]
    if "DataLoader worker" in str(error):  # torch has no other name for it
        return RunFailedError(f"a process that reads pictures died ({error}); run again to go on")
    if is_out_of_memory(error):
        error.__traceback__ = None  # it holds what filled the memory
        return RunFailedError(_out_of_memory(training, reason))
    if training.ranks.has_lost_one(error):
        return RunFailedError(
            f"another of the {training.ranks.count} processes of this run has ended or is silent ({reason}); "
            "run again to go on"
        )
    return None


def _out_of_memory(training: Pretraining, reason: str) -> str:
    """Find out by trial which batch would fit, and say so."""
    batch, accumulate = training.config.batch_size, training.config.accumulate
    said = f"out of memory with --batch-size {batch} ({reason})"
    if training.ranks.sharded:
        return f"{said}: try half of it"
    training.optimiser.inner.zero_grad(set_to_none=True)
    fitting = fitting_batch(batch, lambda count: _trial(training, count))
    if not fitting:
        return f"{said}: not even one picture fits; choose a smaller --model, or share it: --shard-model"
    return (
        f"{said}: {fitting} fits; --batch-size {fitting} --accumulate {-(-batch * accumulate // fitting)} "
        "takes the same steps"
    )


def _trial(training: Pretraining, count: int) -> None:
    """Go forward and back on a number of black pictures, without learning from them."""
    config = training.encoder_config
    images = training.standardised(torch.zeros(count, config.channels, *config.input_size, dtype=torch.uint8))
    with training.autocast():
        loss = training.model(images).loss
    try:
        loss.backward()
    finally:
        training.optimiser.inner.zero_grad(set_to_none=True)
