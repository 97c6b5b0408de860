"""Masked pre-training on synthetic pictures, and transfer of what was learned to sound.

Names are loaded when first used, so that ``trainer --help`` does not wait for torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from patterngen import MissingDependencyError

if TYPE_CHECKING:
    from trainer.encoders.adapt import SoundEncoder, adapt_to_sound
    from trainer.encoders.embed import EmbedConfig, ExportConfig, embed_folder, export
    from trainer.encoders.encoder import Encoder
    from trainer.encoders.onnx_export import OnnxConfig, export_onnx
    from trainer.encoders.weights.importing import ImportConfig, import_weights
    from trainer.model.encoder import build_encoder
    from trainer.model.mae import MaskedAutoencoder
    from trainer.pretraining.config import PretrainConfig
    from trainer.pretraining.estimate import EstimateConfig
    from trainer.pretraining.estimate import estimate as estimate_run
    from trainer.pretraining.pretrain import pretrain as run_pretraining
    from trainer.pretraining.show import ShowRunConfig, runs_table, show_runs
    from trainer.pretraining.spectrograms import SpectrogramsConfig, pack_spectrograms
    from trainer.results.command import ResultsConfig
    from trainer.results.command import results as show_results
    from trainer.sound.logmel import LogMel
    from trainer.study.study import StudyConfig
    from trainer.study.study import study as run_study
    from trainer.study.sweep import SweepConfig
    from trainer.study.sweep import sweep as run_sweep
    from trainer.study.sweep_table import points_table
    from trainer.tasks.check import TaskCheckConfig, check_task
    from trainer.tasks.found import FindSoundConfig, find_sound
    from trainer.tasks.listing import TasksConfig, list_tasks
    from trainer.transfer.finetune import FinetuneConfig, transfer_finetune
    from trainer.transfer.linear import LinearConfig, transfer_linear

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
    "EmbedConfig": "encoders.embed",
    "Encoder": "encoders.encoder",
    "EstimateConfig": "pretraining.estimate",
    "ExportConfig": "encoders.embed",
    "FindSoundConfig": "tasks.found",
    "FinetuneConfig": "transfer.finetune",
    "ImportConfig": "encoders.weights.importing",
    "LinearConfig": "transfer.linear",
    "LogMel": "sound.logmel",
    "MaskedAutoencoder": "model.mae",
    "OnnxConfig": "encoders.onnx_export",
    "PretrainConfig": "pretraining.config",
    "ResultsConfig": "results.command",
    "ShowRunConfig": "pretraining.show",
    "SoundEncoder": "encoders.adapt",
    "SpectrogramsConfig": "pretraining.spectrograms",
    "StudyConfig": "study.study",
    "SweepConfig": "study.sweep",
    "TaskCheckConfig": "tasks.check",
    "TasksConfig": "tasks.listing",
    "adapt_to_sound": "encoders.adapt",
    "build_encoder": "model.encoder",
    "check_task": "tasks.check",
    "embed_folder": "encoders.embed",
    "estimate_run": "pretraining.estimate:estimate",
    "export": "encoders.embed",
    "export_onnx": "encoders.onnx_export",
    "find_sound": "tasks.found",
    "import_weights": "encoders.weights.importing",
    "list_tasks": "tasks.listing",
    "pack_spectrograms": "pretraining.spectrograms",
    "run_pretraining": "pretraining.pretrain:pretrain",
    "run_study": "study.study:study",
    "run_sweep": "study.sweep:sweep",
    "runs_table": "pretraining.show",
    "show_results": "results.command:results",
    "show_runs": "pretraining.show",
    "points_table": "study.sweep_table",
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
