"""Drawing the pictures of one shard of a job, and writing them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from patterngen.encode import encode
from patterngen.executors import Report
from patterngen.families import Param, Pictures
from patterngen.format_version import FIRST, exact
from patterngen.gl.options import drawing
from patterngen.kept import keep
from patterngen.metrics import total_variation
from patterngen.shard import Row, ShardWriter, image_key, shard_name
from patterngen.storage.places import place
from patterngen.storage.staging import staged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from patterngen.jobs.job import RenderJob

_WINDOW_IMAGES = 256
_WINDOW_BYTES = 64 << 20


SEED_BITS = {1: 63, 2: 53}
"""Of a picture's seed, by the version of the format."""
KIN_BITS = 32
"""The lower ones, in which the seeds of kin differ."""


def image_seed(master: int, index: int, format_version: int) -> int:
    """Return the seed of a picture, of `SEED_BITS`, from the job's seed and the picture's index alone.

    A family that has `kin` gets it with the upper bits of `kin_seed`.
    """
    return _image_draw(master, index, format_version)[0]


def kin_seed(master: int, block: int, format_version: int) -> int:
    """Return the upper bits, above `KIN_BITS`, of the seeds that the pictures of one block share."""
    sequence = partial(np.random.SeedSequence, master)
    if format_version == FIRST:
        return int(sequence(spawn_key=(block, 0)).generate_state(1, np.uint32)[0]) >> 1
    # 21 bits drawn for each block would be drawn twice after some 2000 of them; steps of an odd number come
    # back only when all 2²¹ have been there.
    start, step = map(int, sequence(spawn_key=(0, 0)).generate_state(2, np.uint32))
    return (start + block * (step | 1)) % (1 << SEED_BITS[format_version] - KIN_BITS)


def _image_draw(master: int, index: int, format_version: int) -> tuple[int, float]:
    """Return the seed of a picture and a number from U[0, 1) that chooses its family."""
    state = np.random.SeedSequence(master, spawn_key=(index,)).generate_state(2, np.uint64)
    return int(state[0]) >> 64 - SEED_BITS[format_version], (int(state[1]) >> 11) / (1 << 53)


def choose(job: "RenderJob", index: int) -> tuple[int, int]:
    """Return which portion of the job's mixture draws a picture, and from which seed."""
    seed, u = _image_draw(job.seed, index, job.version)
    choice = job.mixture.pick(u)
    portion = job.mixture.portions[choice]
    if portion.family.kin > 1:
        # A family with a part of the pictures has its kin spread over as many more of them.
        block = int(index * portion.share) // portion.family.kin
        seed = kin_seed(job.seed, block, job.version) << KIN_BITS | seed % (1 << KIN_BITS)
    return choice, seed


def render_shard(job: "RenderJob", shard: int, report: Report) -> None:
    """Draw one shard of a job and commit it. May be called again, and anywhere: it writes the same bytes.

    Args:
        job: the whole job.
        shard: 0 … num_shards − 1.
        report: told how many more pictures are done.

    Raises:
        PatternGenError: it cannot be drawn, or not be written where it belongs.
        GaveUpError: it was drawn, but could not be sent to a remote place.
    """
    with staged(place(job.out), job.scratch) as folder:
        _render_into(folder, replace(job, out=str(folder)), shard, report)


def _render_into(folder: Path, job: "RenderJob", shard: int, report: Report) -> None:
    writer = ShardWriter(
        folder,
        shard_name(shard),
        extension=job.encode_format,
        job_hash=job.job_hash,
        format_version=job.version,
    )
    sources: dict[str, str] = {}
    encoding = job.encoding
    with writer:
        for window in windows(job, job.indices(shard)):
            for pixels, row in draw_pictures(job, window, sources):
                writer.add(encode(pixels, encoding), row)
            report(len(window))
        keep(folder, sources)
        writer.commit()


def windows(job: "RenderJob", indices: range) -> Iterator[range]:
    """Cut indices into windows: they bound memory, however many pictures there are and however large."""
    step = max(1, min(_WINDOW_IMAGES, _WINDOW_BYTES // (3 * job.size**2)))
    for start in range(0, len(indices), step):
        yield indices[start : start + step]


def draw_pictures(
    job: "RenderJob", indices: Sequence[int], sources: dict[str, str] | None = None
) -> list[tuple["NDArray[np.uint8]", Row]]:
    """Draw some pictures of a job, family by family, and measure them.

    Args:
        job: the whole job.
        indices: which of its pictures.
        sources: where to add the `Pictures.sources`, if they are wanted.

    Returns:
        Pixels, uint8 [size, size, 3], and the manifest's row of each picture, in the order of the indices.
    """
    groups: dict[int, list[tuple[int, int]]] = {}
    for index in indices:
        choice, seed = choose(job, index)
        groups.setdefault(choice, []).append((index, seed))
    drawn: dict[int, tuple[NDArray[np.uint8], Row]] = {}
    for choice, members in groups.items():
        portion = job.mixture.portions[choice]
        with drawing(job.drawing):
            pictures = portion.family.draw([seed for _, seed in members], job.size)
            rows = describe(
                pictures,
                members,
                label=portion.label,
                version=portion.family.version,
                format_version=job.version,
                first_class=portion.first_class,
                renderer=portion.family.renderer,
            )
        if sources is not None:
            sources.update(pictures.sources)
        for (index, _), pixels, row in zip(members, pictures.pixels, rows, strict=True):
            drawn[index] = pixels, row
    return [drawn[index] for index in indices]


def describe(
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
