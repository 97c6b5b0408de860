"""Drawing the pictures of one shard of a dataset, and writing them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from patterngen.dataset.folder import NOTES_FILE, QUARANTINE_FILE
from patterngen.dataset.format_version import FIRST, exact
from patterngen.dataset.marker import shard_name
from patterngen.dataset.npy import npy_bytes
from patterngen.dataset.programs import write_programs
from patterngen.dataset.shard import Row, ShardWriter, image_key
from patterngen.dataset.staging import staged
from patterngen.encode import encode
from patterngen.executors import Report
from patterngen.families import Param, Pictures
from patterngen.jobs.seeds import portion_and_seed
from patterngen.measures import measure
from patterngen.metrics import total_variation
from patterngen.shaders.language.excluded import FailedProgram
from patterngen.shaders.language.noted import NotedProgram
from patterngen.shaders.render.notes import Notes
from patterngen.shaders.render.options import drawing
from patterngen.shaders.render.quarantine import Quarantine
from patterngen.storage.places import place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from patterngen.jobs.run_options import RunOptions
    from patterngen.jobs.spec import DatasetSpec

_WINDOW_IMAGES = 256
_WINDOW_BYTES = 64 << 20


def render_shard(spec: "DatasetSpec", run: "RunOptions", shard: int, report: Report) -> None:
    """Draw one shard of a dataset and commit it. May be called again, and anywhere: it writes the same bytes.

    Args:
        spec: the whole dataset.
        run: how to draw it, and where to.
        shard: 0 … num_shards − 1.
        report: told how many more pictures are done.

    Raises:
        PatternGenError: it cannot be drawn, or not be written where it belongs.
        GaveUpError: it was drawn, but could not be sent to a remote place.
    """
    with staged(place(run.out), run.scratch) as folder, drawing(run.drawing):
        _render_into(folder, spec, shard, report)


def _render_into(folder: Path, spec: "DatasetSpec", shard: int, report: Report) -> None:
    writer = ShardWriter(
        folder,
        shard_name(shard),
        extension=spec.encode_format,
        job_hash=spec.job_hash,
        format_version=spec.version,
        measures=spec.measures,
        arrays=spec.arrays,
    )
    sources: dict[str, str] = {}
    quarantine, notes = Quarantine(folder / QUARANTINE_FILE), Notes(folder / NOTES_FILE)
    encoding = spec.encoding
    with writer:
        quarantine.add(map(FailedProgram.by_hand, spec.excluded))
        for window in windows(spec, spec.indices(shard)):
            # Other processes, too, give programs up.
            drawn = draw_pictures(spec.excluding(quarantine.excluded), window)
            quarantine.add(drawn.failed)
            notes.add(drawn.noted)
            sources |= drawn.sources
            measured = measure([pixels for pixels, _ in drawn.pictures], spec.measures)
            for (pixels, row), values, arrays in zip(drawn.pictures, measured, drawn.arrays, strict=True):
                npy = {name: npy_bytes(array) for name, array in arrays.items()}
                writer.add(encode(pixels, encoding), row, values, npy)
            report(len(window))
        write_programs(folder, sources)
        writer.commit()


def windows(spec: "DatasetSpec", indices: range) -> Iterator[range]:
    """Cut indices into windows: they bound memory, however many pictures there are and however large."""
    height, width = spec.shape
    # Of a family of squares, it is the squares that take memory.
    if not all(portion.family.draws_rectangles for portion in spec.mixture.portions):
        height = width = max(spec.shape)
    step = max(1, min(_WINDOW_IMAGES, _WINDOW_BYTES // (3 * height * width)))
    for start in range(0, len(indices), step):
        yield indices[start : start + step]


@dataclass(frozen=True)
class DrawnPictures:
    """Some pictures of a dataset.

    Attributes:
        pictures: pixels, uint8 [H, W, 3], and the manifest's row of each.
        arrays: what the dataset holds beside each picture, by name.
        sources: texts of programs that were written for them, as `Pictures.sources`.
        failed: programs that were given up over them, as `Pictures.failed`.
        noted: what was done to the programs of them, as `Pictures.noted`.
    """

    pictures: list[tuple["NDArray[np.uint8]", Row]]
    arrays: list[dict[str, "NDArray[np.generic]"]]
    sources: dict[str, str]
    failed: list[FailedProgram]
    noted: list[NotedProgram]


def draw_pictures(spec: "DatasetSpec", indices: Sequence[int]) -> DrawnPictures:
    """Draw some pictures of a dataset, family by family, and measure them.

    Args:
        spec: the whole dataset.
        indices: which of its pictures; they come in this order.
    """
    groups: dict[int, list[tuple[int, int]]] = {}
    for index in indices:
        choice, seed = portion_and_seed(spec, index)
        groups.setdefault(choice, []).append((index, seed))
    drawn: dict[int, tuple[NDArray[np.uint8], Row]] = {}
    arrays: dict[int, dict[str, NDArray[np.generic]]] = {index: {} for index in indices}
    sources: dict[str, str] = {}
    failed: list[FailedProgram] = []
    noted: list[NotedProgram] = []
    for choice, members in groups.items():
        portion = spec.mixture.portions[choice]
        drawer = portion.family.without(spec.excluding(program.excluded for program in failed).excluded)
        pictures = drawer.draw([seed for _, seed in members], spec.shape)
        rows = manifest_rows(
            pictures,
            members,
            label=portion.label,
            version=portion.family.version,
            format_version=spec.version,
            first_class=portion.first_class,
            renderer=portion.family.renderer,
        )
        sources |= pictures.sources
        failed += pictures.failed
        noted += pictures.noted
        for (index, _), pixels, row in zip(members, pictures.pixels, rows, strict=True):
            drawn[index] = pixels, row
        for name in spec.arrays:
            stored = drawer.stored(name, [seed for _, seed in members], spec.shape)
            for (index, _), array in zip(members, stored, strict=True):
                arrays[index][name] = array
    return DrawnPictures(
        [drawn[index] for index in indices], [arrays[index] for index in indices], sources, failed, noted
    )


def manifest_rows(
    pictures: Pictures,
    members: Sequence[tuple[int, int]],
    *,
    label: str,
    version: int,
    format_version: int,
    first_class: int = 0,
    renderer: str = "cpu",
) -> list[Row]:
    """Measure a batch of pictures that came about in one way; its members are (index, seed)."""
    pixels = np.ascontiguousarray(pictures.pixels)
    variation = total_variation(pixels)
    height, width = pixels.shape[1:3]
    return [
        Row(
            key=image_key(index),
            family=label,
            family_version=version,
            class_id=first_class + int(pictures.class_id[n]),
            seed=seed,
            width=width,
            height=height,
            tv=float(variation.tv[n]),
            tv_iso=float(variation.tv_iso[n]),
            tv_rgb=float(variation.tv_rgb[n]),
            sha256=hashlib.sha256(pixels[n].data).hexdigest(),
            params=_params_text(pictures.params[n], format_version),
            renderer=renderer,
        )
        for n, (index, seed) in enumerate(members)
    ]


def _params_text(params: Mapping[str, Param], format_version: int) -> str:
    if format_version > FIRST:
        params = {name: exact(value) if type(value) is int else value for name, value in params.items()}
    return json.dumps(params, sort_keys=True)
