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
    from patterngen.browse import BrowseConfig
    from patterngen.catalogue import ListConfig
    from patterngen.config import fit_values, load_config, save_config
    from patterngen.console import run as run_commands
    from patterngen.dataset import DatasetFolder
    from patterngen.doctor import DoctorConfig
    from patterngen.encode import Encoding, decode
    from patterngen.encode import encode as encode_picture
    from patterngen.escape import as_text, visible, visible_lines
    from patterngen.families import Family, Pictures, family, register
    from patterngen.families import families as known_families
    from patterngen.filtering.filter import FilterConfig, filter_dataset
    from patterngen.filtering.selection import ShardSelection, select
    from patterngen.interrupt import undisturbed
    from patterngen.jobs.config import RenderConfig
    from patterngen.jobs.estimate import EstimateConfig
    from patterngen.jobs.live import Drawn, stream
    from patterngen.jobs.rendering import render
    from patterngen.jobs.run_options import RunOptions
    from patterngen.jobs.spec import DatasetSpec
    from patterngen.jobs.status import StatusConfig
    from patterngen.metrics import TotalVariation, total_variation
    from patterngen.packing import pack
    from patterngen.preview import PreviewConfig, ShowConfig
    from patterngen.progress import Progress
    from patterngen.publishing.command import PublishConfig, publish_folder
    from patterngen.registry import Registry
    from patterngen.report import SheetRow, contact_sheet
    from patterngen.shader_check import ShadersCheckConfig
    from patterngen.shader_new import ShadersNewConfig
    from patterngen.spawn import check_rerun, refuse_rerun, spawning
    from patterngen.spelling import column_names, look_alikes, one_spelling, trimmed
    from patterngen.stats import StatsConfig
    from patterngen.storage.files import atomic_file, output_file
    from patterngen.storage.home import cache_folder, expanded
    from patterngen.storage.names import find_named
    from patterngen.storage.names import in_text as path_in_text
    from patterngen.storage.names import plain as plain_name
    from patterngen.storage.places import open_file
    from patterngen.storage.texts import read_text
    from patterngen.storage.walk import FoundFiles, LeftOut, find_files, is_hidden, subfolders
    from patterngen.tables import print_table, stacked
    from patterngen.terminal import (
        print_json,
        print_line,
        print_lines,
        print_notice,
        print_report,
    )
    from patterngen.verify import VerifyConfig
    from patterngen.yaml_text import NotYamlError, parse_yaml

__all__ = [
    "BrowseConfig",
    "Dataset",
    "DatasetFolder",
    "DatasetSpec",
    "DoctorConfig",
    "Drawn",
    "Encoding",
    "EstimateConfig",
    "Family",
    "FilterConfig",
    "FoundFiles",
    "LeftOut",
    "ListConfig",
    "MissingDependencyError",
    "NotYamlError",
    "PatternGenError",
    "Picture",
    "Pictures",
    "PreviewConfig",
    "Progress",
    "PublishConfig",
    "Registry",
    "RenderConfig",
    "RunFailedError",
    "RunOptions",
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
    "as_text",
    "atomic_file",
    "cache_folder",
    "check_rerun",
    "column_names",
    "contact_sheet",
    "decode",
    "encode_picture",
    "expanded",
    "family",
    "filter_dataset",
    "find_files",
    "find_named",
    "fit_values",
    "is_hidden",
    "known_families",
    "load_config",
    "look_alikes",
    "one_spelling",
    "open",
    "open_file",
    "output_file",
    "pack",
    "parse_yaml",
    "path_in_text",
    "plain_name",
    "print_json",
    "print_line",
    "print_lines",
    "print_notice",
    "print_report",
    "print_table",
    "publish_folder",
    "read_text",
    "refuse_rerun",
    "register",
    "render",
    "run_commands",
    "save_config",
    "select",
    "spawning",
    "stacked",
    "stream",
    "subfolders",
    "total_variation",
    "trimmed",
    "undisturbed",
    "unknown_name",
    "visible",
    "visible_lines",
]

# Where each lazy name lives. Functions that share their module's name go by another one here, because
# `patterngen.encode` and `patterngen.families` are the modules.
_HOMES = {
    "BrowseConfig": "browse",
    "Dataset": "access",
    "DatasetFolder": "dataset",
    "DatasetSpec": "jobs.spec",
    "Drawn": "jobs.live",
    "DoctorConfig": "doctor",
    "Encoding": "encode",
    "EstimateConfig": "jobs.estimate",
    "Family": "families",
    "FilterConfig": "filtering.filter",
    "FoundFiles": "storage.walk",
    "LeftOut": "storage.walk",
    "ListConfig": "catalogue",
    "PreviewConfig": "preview",
    "ShowConfig": "preview",
    "PublishConfig": "publishing.command",
    "SheetRow": "report",
    "ShadersCheckConfig": "shader_check",
    "ShadersNewConfig": "shader_new",
    "StatsConfig": "stats",
    "StatusConfig": "jobs.status",
    "Picture": "access",
    "Pictures": "families",
    "Progress": "progress",
    "Registry": "registry",
    "RenderConfig": "jobs.config",
    "RunOptions": "jobs.run_options",
    "ShardSelection": "filtering.selection",
    "TotalVariation": "metrics",
    "VerifyConfig": "verify",
    "as_text": "escape",
    "atomic_file": "storage.files",
    "check_rerun": "spawn",
    "column_names": "spelling",
    "contact_sheet": "report",
    "decode": "encode",
    "encode_picture": "encode:encode",
    "cache_folder": "storage.home",
    "expanded": "storage.home",
    "family": "families",
    "filter_dataset": "filtering.filter",
    "find_files": "storage.walk",
    "find_named": "storage.names",
    "fit_values": "config",
    "is_hidden": "storage.walk",
    "known_families": "families:families",
    "load_config": "config",
    "look_alikes": "spelling",
    "one_spelling": "spelling",
    "open": "access:open_dataset",
    "open_file": "storage.places",
    "output_file": "storage.files",
    "pack": "packing",
    "path_in_text": "storage.names:in_text",
    "plain_name": "storage.names:plain",
    "NotYamlError": "yaml_text",
    "parse_yaml": "yaml_text",
    "read_text": "storage.texts",
    "print_json": "terminal",
    "print_line": "terminal",
    "print_lines": "terminal",
    "print_notice": "terminal",
    "print_report": "terminal",
    "print_table": "tables",
    "publish_folder": "publishing.command",
    "refuse_rerun": "spawn",
    "register": "families",
    "render": "jobs.rendering",
    "run_commands": "console:run",
    "save_config": "config",
    "select": "filtering.selection",
    "spawning": "spawn",
    "stacked": "tables",
    "stream": "jobs.live",
    "subfolders": "storage.walk",
    "total_variation": "metrics",
    "trimmed": "spelling",
    "undisturbed": "interrupt",
    "visible": "escape",
    "visible_lines": "escape",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), attribute or name)
