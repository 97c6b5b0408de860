"""Going on from a checkpoint: which one, whether it belongs to the run, and how its state is taken over."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from trainer.encoders.checkpoint import (
    Checkpoint,
    latest_checkpoint,
    load_checkpoint,
    newest_checkpoint,
    saved_settings,
)
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig, fixed_settings
from trainer.pretraining.environment import dataset_of
from trainer.training.average import Average
from trainer.training.optimiser import Optimiser
from trainer.training.ranks import Ranks, is_first


def resume_key(config: PretrainConfig, *, dataset: str, ranks: int) -> dict[str, Any]:
    """Return what all parts of one run must share, as plain values.

    Args:
        config: the settings.
        dataset: the hash of its pictures.
        ranks: how many processes train together.
    """
    return fixed_settings(config) | {"dataset": dataset, "processes": ranks}


def resumed_dataset(run: Path, resume: str) -> str:
    """Return the identity of the pictures that the run to go on with has learned from; empty for a new one.

    Args:
        run: the run folder.
        resume: as for `find_checkpoint`.
    """
    path = latest_checkpoint(run) if resume in ("auto", "never") else Path(resume)
    return "" if path is None else dataset_of(path)


def find_checkpoint(run: Path, resume: str, settings: Mapping[str, Any]) -> Checkpoint | None:
    """Read the checkpoint to go on from, if there is one.

    Args:
        run: the run folder.
        resume: ``auto`` takes the newest of the run folder that is not damaged, ``never`` refuses a folder
            that has one, and anything else is the path of one.
        settings: from `resume_key`.

    Raises:
        TrainerError: the checkpoint, or each of the run folder, is damaged, or it is another run's.
    """
    if resume in ("auto", "never"):
        latest = latest_checkpoint(run)
        if resume == "never" and latest is not None:
            raise TrainerError(
                f"{run} holds a run already ({latest.name}): choose another --out, or resume it"
            )
        found = newest_checkpoint(run, quiet=not is_first())
        if found is None:
            return None
        path, checkpoint = found
    else:
        path = Path(resume)
        checkpoint = load_checkpoint(path)
    held = saved_settings(checkpoint, path)
    # A setting that did not exist yet was as it is by default; but all was mirrored, where it was not cut.
    defaults = {field.name: field.default for field in fields(PretrainConfig)}
    held = defaults | {"mirror": held.get("augment") != "none"} | held
    differing = [name for name in settings if held.get(name) != settings[name]]
    if differing == ["dataset"]:
        raise TrainerError(
            f"the pictures are no longer those that {path} learned from (dataset {held.get('dataset')} → "
            f"{settings['dataset']}): draw them again as they were, or choose another --out"
        )
    if differing:
        changes = "; ".join(f"{name}: {held.get(name)} → {settings[name]}" for name in differing)
        raise TrainerError(
            f"{path} belongs to a run with other settings ({changes}): "
            "choose another --out, or give the settings it was begun with"
        )
    return checkpoint


def restore_weights(model: nn.Module, checkpoint: Checkpoint, source: Path) -> None:
    """Put a checkpoint's weights into a model; raises TrainerError if they are another's."""
    try:
        model.load_state_dict(checkpoint.model)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise _unfit(source, error) from None


def restore_optimiser(
    optimiser: Optimiser, average: Average | None, checkpoint: Checkpoint, ranks: Ranks, source: Path
) -> None:
    """Take over what surrounds the weights: the optimiser's moments and the average of the weights.

    Args:
        optimiser: of the model that the ranks have wrapped.
        average: of the same model, if one is kept.
        checkpoint: where to take them from.
        ranks: which cut them as they cut the model.
        source: the run folder, for messages.

    Raises:
        TrainerError: they do not fit the model.
    """
    weights = [weight for group in optimiser.inner.param_groups for weight in group["params"]]
    try:
        moments = {
            number: {
                name: ranks.scattered(value, weights[number]) if isinstance(value, Tensor) else value
                for name, value in state.items()
            }
            for number, state in checkpoint.optimizer["state"].items()
        }
        for number, state in moments.items():
            for name in ("momentum_buffer",) if state.get("use_muon") else ("exp_avg", "exp_avg_sq"):
                if state[name].shape != weights[number].shape:
                    raise ValueError(f"{name} of weight {number} has shape {tuple(state[name].shape)}")
        optimiser.inner.load_state_dict(dict(checkpoint.optimizer) | {"state": moments})
        if average is not None:
            average.load(checkpoint.average, ranks)
    except (RuntimeError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise _unfit(source, error) from None


def _unfit(source: Path, error: Exception) -> TrainerError:
    """Build the error for a checkpoint that says it is this run's and is not."""
    reason = " ".join(str(error).split())
    return TrainerError(
        f"{source}: its checkpoint does not fit its settings ({reason[:200]}): "
        "remove it to go on from an earlier one"
    )
