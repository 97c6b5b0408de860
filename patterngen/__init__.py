"""Synthetic patterns, drawn fast into WebDataset shards, each picture with its Total Variation.

Names are loaded when first used, so that ``import patterngen`` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from patterngen._version import __version__
from patterngen.errors import MissingDependencyError, PatternGenError, RunFailedError, unknown_name

if TYPE_CHECKING:
    from patterngen.browse import BrowseConfig
    from patterngen.browse.contact_sheet import SheetRow, contact_sheet
    from patterngen.commands.doctor import DoctorConfig
    from patterngen.commands.list import ListConfig
    from patterngen.commands.preview import PreviewConfig
    from patterngen.commands.shaders_check import ShadersCheckConfig
    from patterngen.commands.shaders_new import ShadersNewConfig
    from patterngen.commands.show import ShowConfig
    from patterngen.commands.stats import StatsConfig
    from patterngen.common.config import fit_values, load_config, save_config
    from patterngen.common.console import run as run_commands
    from patterngen.common.progress import Progress
    from patterngen.common.registry import Registry
    from patterngen.common.spawn import check_rerun, refuse_rerun, spawning
    from patterngen.common.spelling import column_names, look_alikes, one_spelling, trimmed
    from patterngen.common.tables import print_table, stacked
    from patterngen.common.yaml_text import NotYamlError, parse_yaml
    from patterngen.dataset.folder import DatasetFolder
    from patterngen.dataset.reader import Dataset, Picture
    from patterngen.dataset.reader import open_dataset as open  # noqa: A004 - said with its package: patterngen.open
    from patterngen.dataset.selection import ShardSelection, select
    from patterngen.encode import Encoding, decode
    from patterngen.encode import encode as encode_picture
    from patterngen.escape import as_text, visible, visible_lines
    from patterngen.families import Family, Pictures, family, register
    from patterngen.families import families as known_families
    from patterngen.filtering.filter import FilterConfig, filter_dataset
    from patterngen.home import cache_folder, expanded
    from patterngen.jobs.config import RenderConfig
    from patterngen.jobs.estimate import EstimateConfig
    from patterngen.jobs.live import Drawn, stream
    from patterngen.jobs.packing import pack
    from patterngen.jobs.rendering import render
    from patterngen.jobs.run_options import RunOptions
    from patterngen.jobs.spec import DatasetSpec
    from patterngen.jobs.status import StatusConfig
    from patterngen.jobs.verify import VerifyConfig
    from patterngen.metrics import TotalVariation, total_variation
    from patterngen.publishing.publish import PublishConfig, publish_folder
    from patterngen.signals import undisturbed
    from patterngen.storage.files import atomic_file, output_file
    from patterngen.storage.names import find_named
    from patterngen.storage.names import in_text as path_in_text
    from patterngen.storage.names import plain as plain_name
    from patterngen.storage.places import open_file
    from patterngen.storage.texts import read_text
    from patterngen.storage.walk import FoundFiles, LeftOut, find_files, is_hidden, subfolders
    from patterngen.terminal import print_json, print_line, print_lines, print_notice, print_report

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
    "Dataset": "dataset.reader",
    "DatasetFolder": "dataset.folder",
    "DatasetSpec": "jobs.spec",
    "Drawn": "jobs.live",
    "DoctorConfig": "commands.doctor",
    "Encoding": "encode",
    "EstimateConfig": "jobs.estimate",
    "Family": "families",
    "FilterConfig": "filtering.filter",
    "FoundFiles": "storage.walk",
    "LeftOut": "storage.walk",
    "ListConfig": "commands.list",
    "PreviewConfig": "commands.preview",
    "ShowConfig": "commands.show",
    "PublishConfig": "publishing.publish",
    "SheetRow": "browse.contact_sheet",
    "ShadersCheckConfig": "commands.shaders_check",
    "ShadersNewConfig": "commands.shaders_new",
    "StatsConfig": "commands.stats",
    "StatusConfig": "jobs.status",
    "Picture": "dataset.reader",
    "Pictures": "families",
    "Progress": "common.progress",
    "Registry": "common.registry",
    "RenderConfig": "jobs.config",
    "RunOptions": "jobs.run_options",
    "ShardSelection": "dataset.selection",
    "TotalVariation": "metrics",
    "VerifyConfig": "jobs.verify",
    "as_text": "escape",
    "atomic_file": "storage.files",
    "check_rerun": "common.spawn",
    "column_names": "common.spelling",
    "contact_sheet": "browse.contact_sheet",
    "decode": "encode",
    "encode_picture": "encode:encode",
    "cache_folder": "home",
    "expanded": "home",
    "family": "families",
    "filter_dataset": "filtering.filter",
    "find_files": "storage.walk",
    "find_named": "storage.names",
    "fit_values": "common.config",
    "is_hidden": "storage.walk",
    "known_families": "families:families",
    "load_config": "common.config",
    "look_alikes": "common.spelling",
    "one_spelling": "common.spelling",
    "open": "dataset.reader:open_dataset",
    "open_file": "storage.places",
    "output_file": "storage.files",
    "pack": "jobs.packing",
    "path_in_text": "storage.names:in_text",
    "plain_name": "storage.names:plain",
    "NotYamlError": "common.yaml_text",
    "parse_yaml": "common.yaml_text",
    "read_text": "storage.texts",
    "print_json": "terminal",
    "print_line": "terminal",
    "print_lines": "terminal",
    "print_notice": "terminal",
    "print_report": "terminal",
    "print_table": "common.tables",
    "publish_folder": "publishing.publish",
    "refuse_rerun": "common.spawn",
    "register": "families",
    "render": "jobs.rendering",
    "run_commands": "common.console:run",
    "save_config": "common.config",
    "select": "dataset.selection",
    "spawning": "common.spawn",
    "stacked": "common.tables",
    "stream": "jobs.live",
    "subfolders": "storage.walk",
    "total_variation": "metrics",
    "trimmed": "common.spelling",
    "undisturbed": "signals",
    "visible": "escape",
    "visible_lines": "escape",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), attribute or name)
