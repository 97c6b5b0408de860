"""Masked pre-training on synthetic pictures, and transfer of what was learned to sound.

Names are loaded when first used, so that ``trainer --help`` does not wait for torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from patterngen import MissingDependencyError

if TYPE_CHECKING:
    from trainer.adapt import SoundEncoder, adapt_to_sound
    from trainer.audio import LogMel
    from trainer.embed import EmbedConfig, ExportConfig, embed_folder, export
    from trainer.mae import MaskedAutoencoder, build_encoder
    from trainer.pretrain import PretrainConfig
    from trainer.pretrain import pretrain as run_pretraining
    from trainer.study import StudyConfig
    from trainer.study import study as run_study
    from trainer.tasks.found import FindSoundConfig, find_sound
    from trainer.transfer.finetune import FinetuneConfig, transfer_finetune
    from trainer.transfer.linear import LinearConfig, transfer_linear

__all__ = [
    "EmbedConfig",
    "ExportConfig",
    "FindSoundConfig",
    "FinetuneConfig",
    "LinearConfig",
    "LogMel",
    "MaskedAutoencoder",
    "PretrainConfig",
    "SoundEncoder",
    "StudyConfig",
    "adapt_to_sound",
    "build_encoder",
    "embed_folder",
    "export",
    "find_sound",
    "run_pretraining",
    "run_study",
    "transfer_finetune",
    "transfer_linear",
]

# Where each lazy name lives. Functions that share their module's name go by another one here.
_HOMES = {
    "EmbedConfig": "embed",
    "ExportConfig": "embed",
    "FindSoundConfig": "tasks.found",
    "FinetuneConfig": "transfer.finetune",
    "LinearConfig": "transfer.linear",
    "LogMel": "audio",
    "MaskedAutoencoder": "mae",
    "PretrainConfig": "pretrain",
    "SoundEncoder": "adapt",
    "StudyConfig": "study",
    "adapt_to_sound": "adapt",
    "build_encoder": "mae",
    "embed_folder": "embed",
    "export": "embed",
    "find_sound": "tasks.found",
    "run_pretraining": "pretrain:pretrain",
    "run_study": "study:study",
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
