"""What a run shows of itself as it goes: its losses, and reconstructions of always the same pictures."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from trainer.model.mae import MaskedAutoencoder
from trainer.model.patches import patchify, unpatchify
from trainer.pretraining import plots
from trainer.pretraining.clip_inputs import clip_inputs
from trainer.pretraining.facts import read_facts
from trainer.pretraining.run import Pretraining
from trainer.sound.audio_files import clips_below
from trainer.training.metrics_log import read_metrics

FOLDER = "images"
PICTURES, CLIPS = 8, 6
"""How many one figure shows."""


@dataclass(frozen=True)
class ShownInputs:
    """Inputs of which reconstructions are shown.

    Attributes:
        images: [B, C, H, W], standardised.
        mean: what was subtracted, to be added again before they are shown.
        std: what they were divided by.
        spectrograms: whether they are bands and frames rather than pictures.
    """

    images: Tensor
    mean: float
    std: float
    spectrograms: bool


class RunFigures:
    """The figures in a run's folder.

    ``loss.png`` and ``reconstructions.png`` are the newest, ``images/step-000001000.png`` those of a step;
    with clips to show, ``reconstructions-sound.png`` and ``images/step-000001000-sound.png`` beside them.
    ``health.png`` is there where `--health-every` asked for it.

    Args:
        training: the run.
    """

    def __init__(self, training: Pretraining) -> None:
        self.training = training

    @cached_property
    def shown(self) -> dict[str, ShownInputs]:
        """The inputs that are shown, by what follows the name of their figures."""
        config, encoder = self.training.config, self.training.encoder_config
        images = self.training.standardised(self.training.first_pictures(PICTURES)[:PICTURES])
        as_sound = config.show_as == "spectrograms"
        found = {"": ShownInputs(images, encoder.mean, encoder.std, as_sound)}
        if config.show_audio is not None:
            found["-sound"] = ShownInputs(*clip_inputs(config, _few(config.show_audio)), spectrograms=True)
        return found

    def show(self, model: MaskedAutoencoder | None = None) -> list[tuple[str, Path]]:
        """Draw how far the run has come; if the model is sharded, all ranks must ask together.

        Args:
            model: the run's, with all its weights; it is gathered if none is given.

        Returns:
            Names and paths of the reconstructions; none in all but the first of several processes.
        """
        model = model or self.training.whole_model()
        return [] if self.training.ranks.number else list(self.draw(model))

    def draw(self, model: MaskedAutoencoder) -> Iterator[tuple[str, Path]]:
        """Draw all figures of where the run stands; yield name and path of each reconstruction."""
        run, step = self.training.run, self.training.step
        facts = read_facts(run)
        rows = read_metrics(run)
        plots.loss_curve(run / "loss.png", rows, floor=facts.floor if facts else None)
        if looks := [row for row in rows if "rankme" in row]:
            plots.health_curves(run / "health.png", looks)
        if not model.predicts_pixels:
            return
        for suffix, inputs in self.shown.items():
            path = self.path(step, suffix)
            path.parent.mkdir(exist_ok=True)
            shown = self.reconstructed(model, inputs)
            plots.reconstructions(path, shown, spectrograms=inputs.spectrograms)
            shutil.copyfile(path, run / f"reconstructions{suffix}.png")
            yield f"reconstructions{suffix}", path

    def path(self, step: int, suffix: str = "") -> Path:
        """Return where the figure of a step lies."""
        return self.training.run / FOLDER / f"step-{step:09d}{suffix}.png"

    def has(self, step: int) -> bool:
        """Tell whether the figures of a step are drawn."""
        return self.path(step).exists()

    def reconstructed(self, model: MaskedAutoencoder, inputs: ShownInputs) -> dict[str, Tensor]:
        """Reconstruct inputs under masks that depend on the run's seed alone.

        What norm-pix removes from the targets is borrowed from the input itself, since the model was never
        asked for it: what one sees is the predicted structure.

        Returns:
            Rows of a figure, [B, C, H, W] in the units of the input; NaN where nothing is known.
        """
        images = inputs.images.to(self.training.device)
        was_training = model.training
        model.eval()
        with torch.no_grad(), self.training.autocast():
            result = model(images, torch.Generator().manual_seed(self.training.config.seed))
        model.train(was_training)
        patches, hidden = patchify(images, model.patch_size), result.mask[:, :, None]
        predicted = model.pixels(result.prediction.float(), patches)
        if self.training.config.decoder == "cross":  # which is asked about hidden patches only
            predicted = predicted.where(hidden, torch.nan)
        rows = {
            "original": patches,
            "masked": patches.where(~hidden, torch.nan),
            "reconstructed": predicted,
            "with visible": torch.where(hidden, predicted, patches),
        }
        return {
            title: (unpatchify(row, model.patch_size, model.grid) * inputs.std + inputs.mean).cpu()
            for title, row in rows.items()
        }


def _few(folder: str) -> list[Path]:
    """Return the clips of a folder that are shown, spread over all of it."""
    files = clips_below(folder)
    return [files[i * len(files) // CLIPS] for i in range(CLIPS)] if len(files) > CLIPS else files
