"""The folder of a fine-tuning: what is done in it, and what is under way.

``OUT/finetune/settings.json`` holds what all of it shares. Each encoder has a folder beside it, and in that a
file for each evaluation: ``fold-1.seed-0.safetensors`` once it is done, ``fold-1.seed-0.state.pt`` before.
"""

import glob
import json
import math
import pickle
import re
import time
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from patterngen.errors import first_line
from patterngen.storage.files import atomic_file, write_atomic
from patterngen.storage.texts import parse_json
from trainer.errors import TrainerError
from trainer.results.rows import Evaluation
from trainer.scored import scored_settings
from trainer.tensor_files import damage, dump_tensors, load_tensors
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.finetune.training import Finetuning, Outcome
from trainer.transfer.task_features import TaskFeatures

FOLDER = "finetune"
SETTINGS = "settings.json"
CURVES = "curves.png"
_VERSION = 2
"""Raised whenever equal settings give another training: older folders are not gone on with."""


class Store:
    """A folder of fine-tunings with equal settings.

    Args:
        out: the folder of results; its folder ``finetune`` is made.
        config: the settings.
        data: the clips, and the precision in which they are computed with.

    Raises:
        TrainerError: the folder holds fine-tunings with other settings, or of other clips.
    """

    def __init__(self, out: Path, config: FinetuneConfig, data: TaskFeatures) -> None:
        self.out = out
        self.save_seconds = 60 * config.save_minutes
        settings = scored_settings(config, "finetune", encoder=True)
        shared = {"precision": data.precision, "data": data.data_sha256, "version": _VERSION}
        held = json.loads(json.dumps({"task": config.task} | settings | shared))  # where tuples are lists
        self.finetunings = out / FOLDER
        file = self.finetunings / SETTINGS
        if file.exists():
            self._check(file, held)
        else:
            self.finetunings.mkdir(parents=True, exist_ok=True)
            write_atomic(file, (json.dumps(held, indent=1, ensure_ascii=False) + "\n").encode())

    def _check(self, file: Path, held: Mapping[str, Any]) -> None:
        try:
            found = dict(parse_json(file.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise TrainerError(f"{file}: cannot be read ({error}); choose another --out") from None
        names = [name for name in {**found, **held} if found.get(name) != held.get(name)]
        if names == ["data"]:
            raise TrainerError(
                f"{self.out} holds fine-tunings on other clips, labels or splits of {held['task']} than are "
                "there now: choose another --out"
            )
        if names:
            changes = "; ".join(f"{name}: {found.get(name)} → {held.get(name)}" for name in names)
            raise TrainerError(
                f"{self.out} holds fine-tunings with other settings ({changes}): choose another --out, or "
                "give the settings it was begun with"
            )

    def folder(self, encoder: str) -> Path:
        """Return the folder of an encoder, whatever characters its name has."""
        plain = re.sub(r"[^\w.-]+|^\.+", "-", encoder)
        if plain != encoder or plain in (SETTINGS, CURVES):
            plain += f"-{sha256(encoder.encode()).hexdigest()[:6]}"
        return self.finetunings / plain

    @property
    def curves(self) -> Path:
        """Where the curves of all encoders are drawn."""
        return self.finetunings / CURVES

    def place(self, encoder: str, encoder_sha256: str, fold: str, seed: int) -> "EvaluationFiles":
        """Return where one evaluation is kept."""
        stem = f"{fold.replace(' ', '-')}.seed-{seed}"
        path = self.folder(encoder) / stem
        return EvaluationFiles(self.out, path, encoder, encoder_sha256, self.save_seconds)


class EvaluationFiles:
    """Where one evaluation is kept, under way and done.

    Args:
        out: the folder of all evaluations.
        stem: its files without their endings.
        encoder: the name of the encoder.
        encoder_sha256: of its weights; what other weights have left there is refused.
        save_seconds: time between two savings of the state.
    """

    def __init__(self, out: Path, stem: Path, encoder: str, encoder_sha256: str, save_seconds: float) -> None:
        self.out, self._stem = out, stem
        self.encoder, self.encoder_sha256 = encoder, encoder_sha256
        self._outcome = stem.with_name(f"{stem.name}.safetensors")
        self._state = stem.with_name(f"{stem.name}.state.pt")
        self._every, self._saved = save_seconds, time.monotonic()

    def attempt(self, recipe: str) -> "EvaluationFiles":
        """Return where a training by one of several recipes is kept, until this evaluation is done."""
        name = f"{self._stem.name}.try-{re.sub(r'[^0-9a-z.]+', '-', recipe)}"
        stem = self._stem.with_name(name)
        return EvaluationFiles(self.out, stem, self.encoder, self.encoder_sha256, self._every)

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._saved >= self._every

    def save(self, state: dict[str, Any]) -> None:
        """Keep the state of a training instead of the last one."""
        self._state.parent.mkdir(exist_ok=True)
        with atomic_file(self._state) as file:
            torch.save(state | {"encoder_sha256": self.encoder_sha256}, file)
        self._saved = time.monotonic()

    def resume(self, training: Finetuning) -> None:
        """Let a training go on from the state that was kept, if there is one.

        Raises:
            TrainerError: it is damaged, or of another encoder.
        """
        if not self._state.exists():
            return
        try:
            if (wrong := damage(self._state)) is not None:
                raise ValueError(f"it is damaged: {wrong}")
            state = torch.load(self._state, map_location="cpu", weights_only=True)
            self._check_encoder(state["encoder_sha256"])
            training.restore(state)
        except pickle.UnpicklingError:
            raise TrainerError(
                f"{self._state}: holds pickled objects, which could run anything; not loaded"
            ) from None
        except (RuntimeError, EOFError, OSError, LookupError, TypeError, AttributeError, ValueError) as error:
            raise TrainerError(
                f"{self._state}: cannot be gone on from ({first_line(error)}); remove it to train from the "
                "start"
            ) from None

    def finish(self, outcome: Outcome, row: Evaluation) -> None:
        """Keep what an evaluation came to, and no state any more."""
        told = {name: value for name, value in asdict(outcome).items() if name != "outputs"}
        metadata = {"outcome": json.dumps(told), "row": json.dumps(row.columns())}
        self._outcome.parent.mkdir(exist_ok=True)
        write_atomic(self._outcome, dump_tensors({"outputs": outcome.outputs}, metadata))
        attempts = self._stem.parent.glob(f"{glob.escape(self._stem.name)}.try-*.state.pt")
        for state in (self._state, *attempts):
            state.unlink(missing_ok=True)

    def finished(self) -> tuple[Outcome, Evaluation] | None:
        """Return what the evaluation came to, if it is done.

        Raises:
            TrainerError: the file is damaged, or of another encoder.
        """
        if not self._outcome.exists():
            return None
        try:
            tensors, metadata = load_tensors(self._outcome)
            outputs = tensors["outputs"]
            told = parse_json(metadata["outcome"])
            row = Evaluation(**parse_json(metadata["row"]))
            outcome = Outcome(**told | {"outputs": outputs, "history": tuple(told["history"])})
            if not math.isfinite(outcome.score):
                raise ValueError(f"score = {outcome.score}")
        except (SafetensorError, OSError, LookupError, TypeError, ValueError) as error:
            raise TrainerError(
                f"{self._outcome}: cannot be read ({first_line(error)}); remove it to have it made again"
            ) from None
        self._check_encoder(row.encoder_sha256)
        return outcome, row

    def _check_encoder(self, found: str) -> None:
        if found != self.encoder_sha256:
            raise TrainerError(
                f"{self._outcome.parent} belongs to another encoder of the name {self.encoder} (SHA-256 "
                f"{found[:12]}… → {self.encoder_sha256[:12]}…): choose another --out, or another "
                "name: --run NAME=PATH"
            )
