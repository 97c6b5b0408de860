"""The shards of a dataset folder as a source."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import PurePath

import numpy as np
from webdataset import filters, tariterators

from patterngen import ShardSelection
from patterngen.storage.places import open_file
from patterngen.storage.texts import parse_json
from trainer.data.contract import Reader, Sample
from trainer.data.rolls import stored_roll
from trainer.errors import TrainerError

PICTURES = (".jpg", ".png", ".webp")
CLASS = "cls"
"""Ending of the member that holds a picture's class, in digits."""
DESCRIPTION = "json"
"""Ending of the member that says what drew a picture."""


@dataclass(frozen=True, kw_only=True)
class Shards:
    """Pictures of shards, in an order that differs from pass to pass.

    Each pass deals the shards out anew among the readers, so that where they do not divide evenly, no shard
    is read more often than others in the long run. Within a reader, pictures are shuffled through a buffer.

    Attributes:
        shards: what to read, from `patterngen.select`.
        seed: the seed of the order.
        job_hash: the dataset's hash.
        num_classes: number of classes of its pictures.
        rolls: whether their piano rolls are wanted too.
        buffer: pictures (still encoded) that are shuffled among each other.
    """

    shards: tuple[ShardSelection, ...]
    seed: int
    job_hash: str = ""
    num_classes: int = 1
    rolls: bool = False
    buffer: int = 2000

    @property
    def identity(self) -> str:
        """16 hexadecimal digits: equal for the same pictures of a dataset drawn in the same way."""
        digest = hashlib.sha256(self.job_hash.encode())
        for shard in self.shards:
            keys = "" if shard.keys is None else ",".join(sorted(shard.keys))
            digest.update(f"\n{_name(shard)} {shard.count} {keys}".encode())
        return digest.hexdigest()[:16]

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(shard.count for shard in self.shards)

    def check(self, ranks: int, workers: int) -> None:
        """Raise TrainerError unless there is a shard for every reader."""
        readers = ranks * workers
        if len(self.shards) < readers:
            folder = self.shards[0].path.removesuffix(f"/{_name(self.shards[0])}")
            raise TrainerError(
                f"{folder}: {len(self.shards)} shards cannot feed {ranks} ranks × {workers} workers "
                f"= {readers} readers: use fewer workers, or draw with a smaller --samples-per-shard"
            )

    def samples(self, reader: Reader, passed: int) -> Iterator[Sample]:
        """Yield the samples of a reader for ever, after the first `passed` of them."""
        sizes = np.array([shard.count for shard in self.shards])
        for epoch in count():
            mine = self._dealt(reader, epoch)
            in_pass = int(sizes[mine].sum())
            if passed >= in_pass:
                passed -= in_pass
                continue
            order = random.Random(f"{self.seed}/{reader.index}/{epoch}")  # noqa: S311 (an order, no secret)
            found = _read([self.shards[i] for i in mine], epoch, self.rolls)
            for sample in filters._shuffle(found, bufsize=self.buffer, initial=self.buffer, rng=order):
                if passed:
                    passed -= 1
                else:
                    yield sample

    def _dealt(self, reader: Reader, epoch: int) -> Sequence[int]:
        """Return which shards a reader reads in a pass, in order."""
        dealt: list[int] = np.random.default_rng((self.seed, epoch)).permutation(len(self.shards)).tolist()
        return dealt[reader.index :: reader.count]


def _name(shard: ShardSelection) -> str:
    return PurePath(shard.path).name


def _read(shards: list[ShardSelection], epoch: int, rolls: bool) -> Iterator[Sample]:
    """Yield just as many samples of each shard as its manifest promises; those that are lost say why."""
    for shard in shards:
        found, why = 0, ""
        try:
            for key, content, class_id, description in _pictures(shard, rolls):
                found += 1
                if found > shard.count:
                    break
                roll = stored_roll(parse_json(description)) if rolls else None
                yield Sample(shard.path, key, epoch, content, class_id, roll)
        except Exception as error:  # what reads tars and URLs raises what it likes
            # webdataset appends where it was to the arguments of the error.
            said = next((part for part in error.args if isinstance(part, str)), type(error).__name__)
            why = f"cannot be read as a tar ({said.partition(' @ ')[0]})"
        if found != shard.count:
            why = why or (
                f"{found} pictures found where the manifest promises {shard.count}; the tar may be truncated"
            )
            lost = TrainerError(f"{shard.path}: {why}: `patterngen verify` says more")
            if found > shard.count:  # not the manifest's tar at all
                raise lost
            yield from (Sample(shard.path, "", epoch, lost) for _ in range(shard.count - found))


def _pictures(shard: ShardSelection, described: bool) -> Iterator[tuple[str, bytes, int, bytes]]:
    """Yield key, bytes, class and, if asked for, description of the kept pictures of a shard, in order."""
    # Opened here and not by webdataset, which takes a path for a URL, where # and ? end the name, and would
    # run a command.
    with open_file(shard.path) as tar:
        source = {"url": shard.path, "stream": tar}
        files = tariterators.tar_file_expander([source], select_files=_kept(shard.keys, described))
        for members in tariterators.group_by_keys(files):
            picture = next((data for name, data in members.items() if f".{name}" in PICTURES), None)
            if picture is not None:  # a class alone is no sample
                class_id = _class_id(members.get(CLASS, b"0"))
                yield members["__key__"], picture, class_id, members.get(DESCRIPTION, b"")


def _class_id(text: bytes) -> int:
    """Read a class in digits; what is none is −1, which only those who learn classes refuse."""
    return int(text) if text.isdigit() and len(text) < 10 else -1


def _kept(keys: frozenset[str] | None, described: bool) -> Callable[[str], bool]:
    """Return which members of a tar to read: the pictures of these keys, or of all, and what is beside."""
    beside = {CLASS, DESCRIPTION} if described else {CLASS}

    def kept(member: str) -> bool:
        key, dot, ending = member.rpartition(".")
        return (dot + ending in PICTURES or ending in beside) and (keys is None or key in keys)

    return kept
