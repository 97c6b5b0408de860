"""A pre-training run from its settings to the exported encoder."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from patterngen.common.spawn import refuse_rerun
from patterngen.storage.locks import alone_in
from trainer.encoders.exported import export_encoder
from trainer.errors import TrainerError, check_folder
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.loop import train
from trainer.pretraining.run import Pretraining
from trainer.pretraining.run_figures import RunFigures
from trainer.training.ranks import is_first, join

EXPORT, EXPORT_AVERAGE = "export", "export-ema"


def pretrain(config: PretrainConfig) -> Path | None:
    """Pre-train a masked autoencoder; runs again to go on, and does nothing where all is done.

    Started by torchrun or accelerate launch, the processes train together.

    Returns:
        The run folder; None in all but the first of several processes.

    Raises:
        TrainerError: settings or data that cannot work, or another command trains into the same folder.
        RunFailedError: the loss became infinite or NaN, memory ran out, or another process ended.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render
        >>> from trainer import PretrainConfig, pretrain
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> settings = {"image_size": 16, "patch_size": 8, "batch_size": 2, "workers": 0, "device": "cpu"}
        >>> config = PretrainConfig(data=("clouds",), out="run", steps=2, **settings)
        >>> run = pretrain(config)
        >>> (run / "export" / "encoder.safetensors").is_file()
        True
    """
    refuse_rerun()
    ranks = join(config.device, shard=config.shard_model, timeout=config.rank_timeout)
    try:
        with _alone(config.out):
            training = Pretraining(config, ranks)
            train(training)
            finish(training)
    finally:
        ranks.leave()
    return training.run if is_first() else None


@contextmanager
def _alone(out: str) -> Iterator[None]:
    """Let no other command train into a folder; of several processes, the first one does so for all."""
    check_folder(out)
    with ExitStack() as held:
        if is_first():
            try:
                held.enter_context(alone_in(Path(out), ".run.lock", wait=False))
            except BlockingIOError:
                raise TrainerError(
                    f"{out}: another command trains into it now; wait for its end, or choose another --out"
                ) from None
        yield


def finish(training: Pretraining) -> None:
    """Draw what was learned and export the encoder, and its average if one was kept.

    If the model is sharded, all ranks must do so together.
    """
    model = training.whole_model()
    averaged = training.averaged_encoder()
    if training.ranks.number:
        return
    figures = RunFigures(training)
    if not figures.has(training.step):
        figures.show(model)
    export_encoder(training.run / EXPORT, training.encoder_config, model.encoder.state_dict())
    if averaged:
        export_encoder(training.run / EXPORT_AVERAGE, training.encoder_config, averaged)
