"""From a fine-tuning's next step to its test: progress, states kept on the way, and what ends it early."""

from typing import Any, Protocol

from patterngen import RunFailedError
from patterngen.common.progress import Progress
from trainer.training.out_of_memory import is_out_of_memory
from trainer.training.signals import deferred_signals
from trainer.transfer.finetune.training import Finetuning, Outcome


class StateSaver(Protocol):
    """Keeps the state of a training that is under way, for a later process to go on from."""

    def save(self, state: dict[str, Any]) -> None:
        """Keep this state instead of the last one."""

    @property
    def due(self) -> bool:
        """Whether it is time to save."""


def finetune_fold(
    training: Finetuning, *, saver: StateSaver | None = None, progress: Progress | None = None
) -> Outcome:
    """Take the steps of a fine-tuning that are left, and test it.

    Args:
        training: the fine-tuning.
        saver: takes its state from time to time and when it is interrupted.
        progress: counts clips.

    Raises:
        RunFailedError: the training diverged, or memory ran out.
    """
    saved = training.step
    try:
        while not training.done:
            with deferred_signals():
                clips = training.take_step()
                if saver is not None and saver.due:
                    saver.save(training.state())
                    saved = training.step
            if progress is not None:
                if training.losses:
                    progress.note(f"{training.fold.name} · loss {training.losses[-1]:.3f}")
                progress.advance(clips)
        return training.test()
    except Exception as error:  # in the middle of a step: what was saved last is whole, this may not be
        if not is_out_of_memory(error):
            raise
        raise RunFailedError(
            f"out of memory with --batch-size {training.protocol.batch_size} ({str(error)[:80]}): try half "
            "of it, or a larger --patch-mask"
        ) from None
    except BaseException:  # Ctrl-C, SIGTERM: they come between steps
        if saver is not None and training.step > saved:
            with deferred_signals():
                saver.save(training.state())
        raise
