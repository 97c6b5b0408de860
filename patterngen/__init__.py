"""Synthetic patterns, drawn fast into WebDataset shards, each picture with its Total Variation.

Names are loaded when first used, so that ``import patterngen`` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from patterngen._version import __version__
from patterngen.errors import MissingDependencyError, PatternGenError, RunFailedError, unknown_name

if TYPE_CHECKING:
    from patterngen.access import Dataset, Picture
    from patterngen.access import open_dataset as open  # noqa: A004 - said with its package: patterngen.open
    from patterngen.catalogue import ListConfig
    from patterngen.config import load_config, save_config
    from patterngen.console import run as run_commands
    from patterngen.dataset import DatasetFolder
    from patterngen.doctor import DoctorConfig
    from patterngen.encode import Encoding, decode
    from patterngen.encode import encode as encode_picture
    from patterngen.estimate import EstimateConfig
    from patterngen.families import Family, Pictures, family, register
    from patterngen.families import families as known_families
    from patterngen.files import atomic_file, output_file
    from patterngen.filter import FilterConfig, filter_dataset
    from patterngen.job import RenderJob, render
    from patterngen.live import Drawn, stream
    from patterngen.metrics import TotalVariation, total_variation
    from patterngen.preview import PreviewConfig, ShowConfig
    from patterngen.progress import Progress
    from patterngen.registry import Registry
    from patterngen.report import SheetRow, contact_sheet
    from patterngen.selection import ShardSelection, select
    from patterngen.shader_check import ShadersCheckConfig
    from patterngen.shader_new import ShadersNewConfig
    from patterngen.stats import StatsConfig
    from patterngen.status import StatusConfig
    from patterngen.verify import VerifyConfig

__all__ = [
    "Dataset",
    "DatasetFolder",
    "DoctorConfig",
    "Drawn",
    "Encoding",
    "EstimateConfig",
    "Family",
    "FilterConfig",
    "ListConfig",
    "MissingDependencyError",
    "PatternGenError",
    "Picture",
    "Pictures",
    "PreviewConfig",
    "Progress",
    "Registry",
    "RenderJob",
    "RunFailedError",
    "ShadersCheckConfig",
    "ShadersNewConfig",
    "ShardSelection",
    "SheetRow",
    "ShowConfig",
    "StatsConfig",
    "StatusConfig",
    "TotalVariation",
    "VerifyConfig",
    "__version__",
    "atomic_file",
    "contact_sheet",
    "decode",
    "encode_picture",
    "family",
    "filter_dataset",
    "known_families",
    "load_config",
    "open",
    "output_file",
    "register",
    "render",
    "run_commands",
    "save_config",
    "select",
    "stream",
    "total_variation",
    "unknown_name",
]

# Where each lazy name lives. Functions that share their module's name go by another one here, because
# `patterngen.encode` and `patterngen.families` are the modules.
_HOMES = {
    "Dataset": "access",
    "DatasetFolder": "dataset",
    "Drawn": "live",
    "DoctorConfig": "doctor",
    "Encoding": "encode",
    "EstimateConfig": "estimate",
    "Family": "families",
    "FilterConfig": "filter",
    "ListConfig": "catalogue",
    "PreviewConfig": "preview",
    "ShowConfig": "preview",
    "SheetRow": "report",
    "ShadersCheckConfig": "shader_check",
    "ShadersNewConfig": "shader_new",
    "StatsConfig": "stats",
    "StatusConfig": "status",
    "Picture": "access",
    "Pictures": "families",
    "Progress": "progress",
    "Registry": "registry",
    "RenderJob": "job",
    "ShardSelection": "selection",
    "TotalVariation": "metrics",
    "VerifyConfig": "verify",
    "atomic_file": "files",
    "contact_sheet": "report",
    "decode": "encode",
    "encode_picture": "encode:encode",
    "family": "families",
    "filter_dataset": "filter",
    "known_families": "families:families",
    "load_config": "config",
    "open": "access:open_dataset",
    "output_file": "files",
    "register": "families",
    "render": "job",
    "run_commands": "console:run",
    "save_config": "config",
    "select": "selection",
    "stream": "live",
    "total_variation": "metrics",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), attribute or name)
