"""Pictures to tensors: an endless, seeded stream of batches from the shards of a dataset folder.

The order of pictures is a function of (seed, rank, worker, pass over the data), so a stream that starts
at batch k gives just what a stream from the beginning would have given after k batches.
"""

import random
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from webdataset import filters, tariterators

from patterngen import PatternGenError, ShardSelection, decode
from trainer.errors import TrainerError

PICTURES = (".jpg", ".png", ".webp")
_LUMA = (299, 587, 114)


@dataclass(frozen=True, kw_only=True)
class PictureStream(IterableDataset[Tensor]):
    """Batches of pictures, uint8 [batch, channels, height, width], for ever.

    Pictures larger than the input are cropped at a random place; with `flip`, each is mirrored left to
    right with probability ½. Both depend on (seed, pass, key) alone.

    Attributes:
        shards: what to read, from `patterngen.select`.
        image_size: height and width in pixels; no picture may be smaller.
        channels: 3, or 1 for the luma.
        batch_size: pictures in a batch of this rank.
        seed: of the order, the crops and the flips.
        first_batch: where to start; the batches before it are passed over without decoding.
        rank: of this process, 0 … ranks − 1; every rank sees other shards.
        ranks: processes that train together.
        buffer: pictures (still encoded) that are shuffled among each other.
        flip: mirror at random.
    """

    shards: tuple[ShardSelection, ...]
    image_size: tuple[int, int]
    channels: int
    batch_size: int
    seed: int
    first_batch: int = 0
    rank: int = 0
    ranks: int = 1
    buffer: int = 2000
    flip: bool = True

    def __iter__(self) -> Iterator[Tensor]:
        """Yield batches for ever; with DataLoader workers, each yields every n-th batch."""
        info = get_worker_info()
        place, workers = (info.id, info.num_workers) if info else (0, 1)
        # Batches come from the workers in turn: worker w gives number w, w + n, w + 2n … The loader asks its
        # first process first, which therefore plays the worker whose turn it is.
        worker = (place + self.first_batch) % workers
        passed = len(range(worker, self.first_batch, workers)) * self.batch_size
        samples = self._samples(self.rank * workers + worker, self.ranks * workers, passed)
        while True:
            yield torch.from_numpy(np.stack([self._picture(*next(samples)) for _ in range(self.batch_size)]))

    def _samples(self, part: int, parts: int, passed: int) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield (encoded sample, pass over the data) of one part of the shards, after `passed` of them."""
        mine = self.shards[part::parts]
        per_pass = sum(shard.count for shard in mine)
        first_pass, skip = divmod(passed, per_pass)
        for number in count(first_pass):
            order = random.Random(f"{self.seed}/{part}/{number}")  # noqa: S311 (an order, no secret)
            shards = order.sample(mine, len(mine))
            samples = _read(shards)
            for sample in filters._shuffle(samples, bufsize=self.buffer, initial=self.buffer, rng=order):
                if skip:
                    skip -= 1
                    continue
                yield sample, number

    def _picture(self, sample: dict[str, Any], number: int) -> NDArray[np.uint8]:
        """Decode, crop and flip one picture: uint8 [channels, height, width]."""
        key = str(sample["__key__"])
        data = next((value for name, value in sample.items() if f".{name}" in PICTURES), None)
        if data is None:
            raise TrainerError(f"{sample['__url__']}: {key} holds no picture ({', '.join(PICTURES)})")
        try:
            pixels = decode(data)
        except PatternGenError as error:
            raise TrainerError(f"{sample['__url__']}: picture {key}: {error}") from None
        height, width = self.image_size
        spare = pixels.shape[0] - height, pixels.shape[1] - width
        if min(spare) < 0:
            raise TrainerError(
                f"{sample['__url__']}: picture {key} is {pixels.shape[0]}×{pixels.shape[1]}, smaller than "
                f"--image-size {height}x{width}: draw larger pictures or ask for a smaller input"
            )
        place = random.Random(f"{self.seed}/{number}/{zlib.crc32(key.encode())}")  # noqa: S311
        top, left = place.randint(0, spare[0]), place.randint(0, spare[1])
        pixels = pixels[top : top + height, left : left + width]
        if self.flip and place.random() < 0.5:
            pixels = pixels[:, ::-1]
        if self.channels == 1:
            return luma(pixels)[None]
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def luma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ITU-R BT.601 luma of RGB pixels [H, W, 3] as bytes [H, W]."""
    red, green, blue = (pixels[..., i].astype(np.uint32) * weight for i, weight in enumerate(_LUMA))
    return ((red + green + blue + 500) // 1000).astype(np.uint8)


def _read(shards: list[ShardSelection]) -> Iterator[dict[str, Any]]:
    """Yield the kept samples of shards, in order, through webdataset."""
    for shard in shards:
        found = 0
        try:
            # Opened here and not by webdataset, for which a path is a URL, where # and ? end the name.
            with Path(shard.path).open("rb") as tar:
                source = {"url": shard.path, "stream": tar}
                files = tariterators.tar_file_expander([source], select_files=_kept(shard.keys))
                for sample in tariterators.group_by_keys(files):
                    found += 1
                    yield sample
        except (tarfile.TarError, OSError, ValueError) as error:
            # webdataset appends where it was to the arguments of the error.
            said = next((part for part in error.args if isinstance(part, str)), type(error).__name__)
            raise TrainerError(
                f"{shard.path}: cannot be read as a tar ({said.partition(' @ ')[0]}); "
                "`patterngen verify` says more"
            ) from None
        if found != shard.count:
            raise TrainerError(
                f"{shard.path}: {found} pictures found where the manifest promises {shard.count}; "
                "the tar may be truncated: `patterngen verify` says more"
            )


def _kept(keys: frozenset[str] | None) -> Callable[[str], bool]:
    """Return which members of a tar to read: the pictures of these keys, or of all."""

    def kept(member: str) -> bool:
        key, dot, ending = member.rpartition(".")
        return dot + ending in PICTURES and (keys is None or key in keys)

    return kept


def batches(stream: PictureStream, workers: int) -> Iterator[Tensor]:
    """Read a stream, ahead of its use if there are workers.

    Args:
        stream: what to read.
        workers: processes that read and decode; 0 does it in this one.

    Raises:
        TrainerError: there are fewer shards than readers; later, what the stream raises.
    """
    readers = stream.ranks * max(workers, 1)
    if len(stream.shards) < readers:
        raise TrainerError(
            f"{len(stream.shards)} shards cannot feed {stream.ranks} ranks × {max(workers, 1)} workers "
            f"= {readers} readers: use fewer workers, or draw with a smaller --samples-per-shard"
        )
    return _raising(
        DataLoader(
            _Told(stream),
            batch_size=None,
            collate_fn=_as_it_is,
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
            prefetch_factor=4 if workers else None,
        )
    )


@dataclass(frozen=True)
class _Told(IterableDataset[NDArray[np.uint8] | PatternGenError]):
    """A stream whose last item may be its error: torch would bury one that is raised in a traceback.

    Batches travel as arrays. Tensors would travel as open files, and a process that is told to stop between
    sending one and receiving it leaves the other with a broken pipe and its traceback.
    """

    stream: PictureStream

    def __iter__(self) -> Iterator[NDArray[np.uint8] | PatternGenError]:
        try:
            for batch in self.stream:
                yield batch.numpy()
        except PatternGenError as error:
            yield error


def _as_it_is(item: object) -> object:
    return item


def _raising(items: Iterable[NDArray[np.uint8] | PatternGenError]) -> Iterator[Tensor]:
    for item in items:
        if isinstance(item, PatternGenError):
            raise item
        yield torch.from_numpy(item)
