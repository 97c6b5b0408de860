"""Masked pre-training on synthetic pictures, and transfer of what was learned to sound.

Names are loaded when first used, so that ``trainer --help`` does not wait for torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from patterngen import MissingDependencyError

if TYPE_CHECKING:
    from trainer.adapt import SoundEncoder, adapt_to_sound
    from trainer.embed import EmbedConfig, ExportConfig, embed_folder, export
    from trainer.encoder import Encoder
    from trainer.logmel import LogMel
    from trainer.model.encoder import build_encoder
    from trainer.model.mae import MaskedAutoencoder
    from trainer.onnx_export import OnnxConfig, export_onnx
    from trainer.pretraining.config import PretrainConfig
    from trainer.pretraining.estimate import EstimateConfig
    from trainer.pretraining.estimate import estimate as estimate_run
    from trainer.pretraining.run import pretrain as run_pretraining
    from trainer.pretraining.show import ShowRunConfig, runs_table, show_runs
    from trainer.results import ResultsConfig
    from trainer.results import results as show_results
    from trainer.spectrograms import SpectrogramsConfig, pack_spectrograms
    from trainer.study import StudyConfig
    from trainer.study import study as run_study
    from trainer.sweep import SweepConfig
    from trainer.sweep import sweep as run_sweep
    from trainer.sweep_table import points_table
    from trainer.tasks.check import TaskCheckConfig, check_task
    from trainer.tasks.found import FindSoundConfig, find_sound
    from trainer.tasks.listing import TasksConfig, list_tasks
    from trainer.transfer.finetune import FinetuneConfig, transfer_finetune
    from trainer.transfer.linear import LinearConfig, transfer_linear
    from trainer.weights.importing import ImportConfig, import_weights

__all__ = [
    "EmbedConfig",
    "Encoder",
    "EstimateConfig",
    "ExportConfig",
    "FindSoundConfig",
    "FinetuneConfig",
    "ImportConfig",
    "LinearConfig",
    "LogMel",
    "MaskedAutoencoder",
    "OnnxConfig",
    "PretrainConfig",
    "ResultsConfig",
    "ShowRunConfig",
    "SoundEncoder",
    "SpectrogramsConfig",
    "StudyConfig",
    "SweepConfig",
    "TaskCheckConfig",
    "TasksConfig",
    "adapt_to_sound",
    "build_encoder",
    "check_task",
    "embed_folder",
    "estimate_run",
    "export",
    "export_onnx",
    "find_sound",
    "import_weights",
    "list_tasks",
    "pack_spectrograms",
    "points_table",
    "run_pretraining",
    "run_study",
    "run_sweep",
    "runs_table",
    "show_results",
    "show_runs",
    "transfer_finetune",
    "transfer_linear",
]

# Where each lazy name lives. Functions that share their module's name go by another one here.
_HOMES = {
    "EmbedConfig": "embed",
    "Encoder": "encoder",
    "EstimateConfig": "pretraining.estimate",
    "ExportConfig": "embed",
    "FindSoundConfig": "tasks.found",
    "FinetuneConfig": "transfer.finetune",
    "ImportConfig": "weights.importing",
    "LinearConfig": "transfer.linear",
    "LogMel": "logmel",
    "MaskedAutoencoder": "model.mae",
    "OnnxConfig": "onnx_export",
    "PretrainConfig": "pretraining.config",
    "ResultsConfig": "results",
    "ShowRunConfig": "pretraining.show",
    "SoundEncoder": "adapt",
    "SpectrogramsConfig": "spectrograms",
    "StudyConfig": "study",
    "SweepConfig": "sweep",
    "TaskCheckConfig": "tasks.check",
    "TasksConfig": "tasks.listing",
    "adapt_to_sound": "adapt",
    "build_encoder": "model.encoder",
    "check_task": "tasks.check",
    "embed_folder": "embed",
    "estimate_run": "pretraining.estimate:estimate",
    "export": "embed",
    "export_onnx": "onnx_export",
    "find_sound": "tasks.found",
    "import_weights": "weights.importing",
    "list_tasks": "tasks.listing",
    "pack_spectrograms": "spectrograms",
    "run_pretraining": "pretraining.run:pretrain",
    "run_study": "study:study",
    "run_sweep": "sweep:sweep",
    "runs_table": "pretraining.show",
    "show_results": "results:results",
    "show_runs": "pretraining.show",
    "points_table": "sweep_table",
    "transfer_finetune": "transfer.finetune",
    "transfer_linear": "transfer.linear",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module, _, attribute = _HOMES[name].partition(":")
        return getattr(importlib.import_module(f"{__name__}.{module}"), attribute or name)
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"the Python package {error.name!r} is missing: pip install 'patterngen[train]'"
        ) from error
