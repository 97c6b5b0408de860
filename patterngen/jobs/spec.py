"""A dataset's definition: everything that decides its pictures and its layout, and nothing else.

Picture i follows from (master seed, i) alone: its family, by the shares, and its seed. So any shard can
be drawn anywhere, again, at any time, and it is the unit of work, of retry, of resume and of commit.
"""

import contextlib
import hashlib
import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Self

import tyro

from patterngen.common.config import load_config
from patterngen.dataset.folder import QUARANTINE_FILE
from patterngen.dataset.format_version import FIRST, KEY, NEWEST, version_in
from patterngen.dataset.staging import nearby
from patterngen.encode import Encoding, Format
from patterngen.errors import PatternGenError, unknown_name
from patterngen.families import origins
from patterngen.families.model.arrays import STORED, ArrayName
from patterngen.jobs.mixture import Mixture, mixture
from patterngen.jobs.run_options import RunOptions
from patterngen.limits import MAX_COUNT, MAX_SEED, MAX_SHARDS, check_range
from patterngen.measures import MEASURES, Measure
from patterngen.shaders.language.excluded import check_excluded
from patterngen.shaders.language.folder import shader_folder_setting
from patterngen.shaders.render.quarantine import Quarantine
from patterngen.sizes import normal, parse_pair
from patterngen.storage.places import place

_WRITTEN_IN_FORMAT_1 = {"family", "out", "count", "size", "seed", "samples_per_shard", "workers", "dry_run"}
"""Settings that every ``job.yaml`` from before format 2 has; one written by hand lacks some of them."""


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """A dataset's definition: equal ones have equal pictures in equal shards, wherever they are drawn.

    Examples:
        >>> from patterngen import DatasetSpec
        >>> spec = DatasetSpec(family=("dead-leaves-mixed", "fbm=2"), count=100, size=64)
        >>> [round(portion.share, 2) for portion in spec.mixture.portions]
        [0.33, 0.67]
        >>> spec.num_shards
        1
    """

    family: tuple[str, ...]
    """NAME[?setting=value&…][=SHARE] of each family. Shares are weights, 1 unless given.
    `smooth:NAME` sets each picture's Total Variation, `mixup:NAME,NAME` mixes pictures."""
    count: int
    """How many pictures. A larger count extends a dataset."""
    size: int | str = 256
    """Pixels: 256 for a square, 80x208 for height and width."""
    seed: int = 0
    """Master seed: everything drawn follows from it."""
    encode_format: Format = "jpg"
    """How pictures are stored."""
    encode_quality: int = 95
    """1 … 100, of jpg and webp."""
    samples_per_shard: int = 10_000
    """Pictures in every shard but the last."""
    measures: tuple[Measure, ...] = ()
    """Measure more than Total Variation: zlib_bpp, complexity in bytes per pixel; slope, of the spectrum.
    They take milliseconds a picture. Shards that are whole stay as they are."""
    arrays: tuple[ArrayName, ...] = ()
    """Store beside each picture what its family knows of it, as KEY.NAME.npy: label_map, uint16 [H, W], which
    shape is seen where; piano_roll, float16 [96, W], which pitches sound when."""
    format_version: int | None = None
    """Format of the dataset folder, which decides the seeds of its pictures: 2, whose seeds every JSON reader
    keeps, or 1, to draw what was drawn before there was a second. Unless given, the folder's own, or 2."""
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for each family of that name that does not say otherwise."""
    shader_dir: str | None = None
    """Draw `shaders` with the programs of this folder: Shadertoy, TwiGL or our own dialect."""
    excluded: Annotated[tuple[str, ...], tyro.conf.Suppress] = ()
    """Shader programs that are not drawn with, NAME@SHA256 each, beside those that the folder lists."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", normal(self.size))
        check_range("count", self.count, 1, MAX_COUNT)
        check_range("seed", self.seed, 0, MAX_SEED)
        check_range("samples-per-shard", self.samples_per_shard, 1, MAX_COUNT)
        check_range("format-version", self.version, FIRST, NEWEST)
        _ = self.encoding  # which checks itself
        check_excluded(self.excluded)
        for name in self.measures:
            if name not in MEASURES:
                raise unknown_name("measure", name, MEASURES, "patterngen render --help")
        object.__setattr__(self, "measures", tuple(dict.fromkeys(self.measures)))
        for array in self.arrays:
            if array not in STORED:
                raise unknown_name("array", array, STORED, "patterngen render --help")
            for portion in self.mixture.portions:
                portion.family.check_gives(array)
        object.__setattr__(self, "arrays", tuple(sorted(set(self.arrays))))
        if self.num_shards > MAX_SHARDS:
            raise PatternGenError(
                f"{self.num_shards} shards are too many (at most {MAX_SHARDS}): raise --samples-per-shard"
            )

    @classmethod
    def read(cls, job_file: str | Path) -> Self:
        """Read what a folder was drawn by: its job file, and beside it the list of programs that it excludes.

        Args:
            job_file: a path or URL; where no list lies beside it, it is read as it is.

        Raises:
            PatternGenError: no such file, or one that defines no dataset or a newer format's.
        """
        spec = load_config(job_file, cls)
        with nearby(place(str(job_file)).parent) as local:
            listed = Quarantine(local / QUARANTINE_FILE).excluded
        return spec.excluding(listed)

    def excluding(self, programs: Iterable[str]) -> Self:
        """Return the same definition, but that it excludes these programs too."""
        return replace(self, excluded=tuple(dict.fromkeys((*self.excluded, *programs))))

    @classmethod
    def adapted(cls, values: Mapping[str, Any], path: object) -> Mapping[str, Any]:
        """Say what a file of settings means, which may hold how to draw beside what.

        One that `render` wrote before format 2 is of format 1.

        Raises:
            PatternGenError: it is of a newer format.
        """
        if KEY not in values and values.keys() >= _WRITTEN_IN_FORMAT_1:
            values = {**values, KEY: FIRST}
        if type(values.get(KEY)) is int and values[KEY] > NEWEST:
            version_in(values, path)  # refuses it, whatever else it may hold
        of_the_run = {field.name for field in fields(RunOptions)} - {field.name for field in fields(cls)}
        return {name: value for name, value in values.items() if name not in of_the_run}

    @property
    def version(self) -> int:
        """Format in which it is drawn; that of a folder which was begun already is set by `plan`."""
        return NEWEST if self.format_version is None else self.format_version

    @property
    def versions(self) -> tuple[Self, ...]:
        """Definitions equal to this one in each format, the newest first; one, if it says in which it is."""
        chosen = range(NEWEST, FIRST - 1, -1) if self.format_version is None else (self.format_version,)
        return tuple(replace(self, format_version=version) for version in chosen)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the pictures in pixels."""
        return parse_pair(self.size)

    @property
    def encoding(self) -> Encoding:
        """Format and quality of the stored pictures."""
        return Encoding(format=self.encode_format, quality=self.encode_quality)

    @property
    def mixture(self) -> Mixture:
        """The families and their shares."""
        return mixture(tuple(self.family), (*self.set, *shader_folder_setting(self.shader_dir)))

    @property
    def resolved(self) -> Self:
        """Definition equal to this one, with every setting in its family's text."""
        return replace(
            self,
            family=tuple(portion.text for portion in self.mixture.portions),
            format_version=self.version,
            set=(),
            shader_dir=None,
        )

    @property
    def num_shards(self) -> int:
        """How many shards hold `count` pictures."""
        return -(-self.count // self.samples_per_shard)

    @property
    def identity(self) -> dict[str, object]:
        """Everything that decides pixels or layout, but for excluded programs: a run may add to them.

        The count only says where the dataset ends, and measures stand in no tar.
        """
        return {
            **({} if self.version == FIRST else {KEY: self.version}),
            "families": [portion.identity for portion in self.mixture.portions],
            "size": self.size,
            "seed": self.seed,
            "encode_format": self.encode_format,
            "encode_quality": None if self.encode_format == "png" else self.encode_quality,
            "samples_per_shard": self.samples_per_shard,
            **({"arrays": self.arrays} if self.arrays else {}),
        }

    @property
    def job_hash(self) -> str:
        """SHA-256 of `identity`: equal for definitions of equal shards, if they exclude the same programs."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the modules that define its families: another process has not imported them."""
        return _restored, (origins(self.family), type(self), vars(self))

    def indices(self, shard: int) -> range:
        """Which pictures a shard holds."""
        first = shard * self.samples_per_shard
        return range(first, min(first + self.samples_per_shard, self.count))


def _restored(modules: Iterable[str], cls: type[DatasetSpec], values: Mapping[str, object]) -> DatasetSpec:
    for module in modules:
        with contextlib.suppress(ImportError):  # said where it is drawn: no such family
            importlib.import_module(module)
    spec = object.__new__(cls)
    vars(spec).update(values)
    return spec
