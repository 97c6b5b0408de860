# The public names of the library, each said here once, by what one does with them.
# ruff: noqa: I001 - in the order of their use

# Draw pictures, measure them, register a family of one's own; `families` holds the rest of it.
from . import families as families
from .families import Family as Family
from .families import Pictures as Pictures
from .families import family as family
from .families import known_families as known_families
from .families import register as register
from .measures import spectral_slope as spectral_slope
from .measures import zlib_bpp as zlib_bpp
from .metrics import TotalVariation as TotalVariation
from .metrics import total_variation as total_variation

# Define a dataset, and draw it: into a folder, or without a disk.
from .jobs.spec import DatasetSpec as DatasetSpec
from .jobs.run_options import RunOptions as RunOptions
from .jobs.estimate import estimate as estimate
from .jobs.rendering import render as render
from .jobs.live import Drawn as Drawn
from .jobs.live import stream_pictures as stream_pictures

# Open a dataset, and choose among its pictures.
from .dataset.folder import DatasetFolder as DatasetFolder
from .dataset.reader import Dataset as Dataset
from .dataset.reader import Picture as Picture
from .dataset.reader import open_dataset as open_dataset
from .dataset.selection import ShardSelection as ShardSelection
from .dataset.selection import select as select
from .filtering.filter import FilterConfig as FilterConfig
from .filtering.filter import filter_dataset as filter_dataset

# What may go wrong.
from .errors import MissingDependencyError as MissingDependencyError
from .errors import PatternGenError as PatternGenError
from .errors import RunFailedError as RunFailedError

from ._version import __version__ as __version__
