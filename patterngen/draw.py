"""Drawing the pictures of one shard of a job, and writing them."""

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from patterngen.encode import encode
from patterngen.executors import Report
from patterngen.families import Pictures
from patterngen.files import local_folder
from patterngen.metrics import total_variation
from patterngen.mixture import Portion
from patterngen.shard import Row, ShardWriter, image_key, shard_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from patterngen.job import RenderJob

_WINDOW_IMAGES = 256
_WINDOW_BYTES = 64 << 20


def image_seed(master: int, index: int) -> int:
    """Return the seed of a picture, in [0, 2⁶³), from the job's seed and the picture's index alone."""
    return _image_draw(master, index)[0]


def _image_draw(master: int, index: int) -> tuple[int, float]:
    """Return the seed of a picture and a number from U[0, 1) that chooses its family."""
    state = np.random.SeedSequence(master, spawn_key=(index,)).generate_state(2, np.uint64)
    return int(state[0]) >> 1, (int(state[1]) >> 11) / (1 << 53)


def render_shard(job: "RenderJob", shard: int, report: Report) -> None:
    """Draw one shard of a job and commit it. May be called again: it writes the same bytes.

    Args:
        job: the whole job.
        shard: 0 … num_shards − 1.
        report: told how many more pictures are done.
    """
    folder = local_folder(job.out)
    indices = job.indices(shard)
    # A window bounds the memory of a shard, however many pictures it has and however large they are.
    step = max(1, min(_WINDOW_IMAGES, _WINDOW_BYTES // (3 * job.size**2)))
    writer = ShardWriter(folder, shard_name(shard), extension=job.encode_format, job_hash=job.job_hash)
    with writer:
        for start in range(0, len(indices), step):
            _render_window(job, indices[start : start + step], writer, report)
        writer.commit()


def _render_window(job: "RenderJob", indices: range, writer: ShardWriter, report: Report) -> None:
    """Draw some pictures, family by family, and write them in the order of their keys."""
    groups: dict[int, list[tuple[int, int]]] = {}
    for index in indices:
        seed, u = _image_draw(job.seed, index)
        groups.setdefault(job.mixture.pick(u), []).append((index, seed))
    drawn: dict[int, tuple[NDArray[np.uint8], Row]] = {}
    for choice, members in groups.items():
        portion = job.mixture.portions[choice]
        pictures = portion.family.draw([seed for _, seed in members], job.size)
        drawn.update(
            zip(
                (index for index, _ in members),
                zip(pictures.pixels, _describe(portion, members, pictures), strict=True),
                strict=True,
            )
        )
    for index in indices:
        picture, row = drawn[index]
        writer.add(encode(picture, job.encoding), row)
    report(len(indices))


def _describe(portion: Portion, members: list[tuple[int, int]], pictures: Pictures) -> list[Row]:
    """Measure a batch of one family's pictures; its members are (index, seed)."""
    pixels = np.ascontiguousarray(pictures.pixels)
    variation = total_variation(pixels)
    height, width = pixels.shape[1:3]
    label, version, renderer = portion.label, portion.family.version, portion.family.renderer
    return [
        Row(
            key=image_key(index),
            family=label,
            family_version=version,
            class_id=portion.first_class + int(pictures.class_id[n]),
            seed=seed,
            width=width,
            height=height,
            tv=float(variation.tv[n]),
            tv_iso=float(variation.tv_iso[n]),
            tv_rgb=float(variation.tv_rgb[n]),
            sha256=hashlib.sha256(pixels[n].data).hexdigest(),
            params=json.dumps(pictures.params[n], sort_keys=True),
            renderer=renderer,
        )
        for n, (index, seed) in enumerate(members)
    ]
