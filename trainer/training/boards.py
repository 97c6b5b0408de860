"""Where the numbers of a run go besides metrics.jsonl: TensorBoard, and Weights & Biases."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from patterngen import MissingDependencyError


class Board(Protocol):
    """Something that draws curves."""

    def write(self, row: Mapping[str, float]) -> None:
        """Take in one row, which holds its ``step``."""

    def show(self, name: str, picture: Path, step: int) -> None:
        """Take in a picture of the run at a step."""

    def close(self) -> None:
        """Bring everything to where it goes."""


class TensorBoard:
    """Event files in the run folder's ``tensorboard``.

    Args:
        run: the run folder.
        done: steps that are done; TensorBoard forgets what came after them.
    """

    def __init__(self, run: Path, done: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(run / "tensorboard"), purge_step=done + 1)

    def write(self, row: Mapping[str, float]) -> None:
        """Take in one row, which holds its ``step``."""
        for name, value in row.items():
            if name != "step":
                self._writer.add_scalar(name, value, int(row["step"]))

    def show(self, name: str, picture: Path, step: int) -> None:
        """Take in a picture of the run at a step."""
        with Image.open(picture) as image:
            self._writer.add_image(name, np.asarray(image.convert("RGB")), step, dataformats="HWC")

    def close(self) -> None:
        """Write what is held back."""
        self._writer.close()


class WeightsAndBiases:
    """A run of a project of Weights & Biases; one run folder is one run there, however often it is started.

    Args:
        project: its name.
        run: the run folder; what wandb keeps on disk goes there too.
        settings: of the run, to be shown beside its curves.

    Raises:
        MissingDependencyError: wandb is not installed.
    """

    def __init__(self, project: str, run: Path, settings: Mapping[str, Any]) -> None:
        try:
            import wandb
        except ModuleNotFoundError:
            raise MissingDependencyError(
                "--wandb needs the Python package wandb: pip install 'patterngen[wandb]'"
            ) from None
        self._run = wandb.init(
            project=project,
            name=run.name,
            id=hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:16],
            resume="allow",
            dir=run,
            config=dict(settings),
        )

    def write(self, row: Mapping[str, float]) -> None:
        """Take in one row, which holds its ``step``."""
        self._run.log({name: value for name, value in row.items() if name != "step"}, step=int(row["step"]))

    def show(self, name: str, picture: Path, step: int) -> None:
        """Take in a picture of the run at a step."""
        from wandb import Image as Shown

        self._run.log({name: Shown(str(picture))}, step=step)

    def close(self) -> None:
        """Send what is held back."""
        self._run.finish()
