"""A dataset folder, and whatever may befall it, against what must hold.

What must hold, in short. Whatever happened, drawing again gives the undisturbed dataset, byte for byte; but
for bytes that were changed behind its back, which `verify` names, and drawing mends once it did. Foreign
files stay as they are. What a command cannot do, it refuses in a `PatternGenError` or `RunFailedError`.
"""

import contextlib
import functools
import hashlib
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from patterngen import DatasetSpec, FilterConfig, RunOptions, filter_dataset, render
from patterngen.dataset.indexes import index_json
from patterngen.dataset.marker import MARKER
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.publishing.publish import PublishConfig, publish_folder
from tests.operations import killed, meanwhile
from tests.patterngen.jobs.small import OF_THE_RUN, whole
from tests.searching import few

SPEC = DatasetSpec(family=("perlin", "worley"), count=5, size=8, samples_per_shard=2)
OTHER = replace(SPEC, seed=1)
COUNTS = range(3, 7)
CONDITION = "class_id >= 0 and width == 8"
FOREIGN = (
    "notes.txt",
    "train-000009.tar.bak",
    ".train-000001.tar.patterngen-elsewhere-1-abcdef",
    "train-x.tar",
)
MADE_ANEW = ("README.md", "croissant.json", "_info.json", "shards.json")
REFUSED = (PatternGenError, RunFailedError)
POINTS = st.integers(0, 45)


@functools.cache
def undisturbed(count: int, work: str = "render") -> dict[str, object]:
    """All that the dataset of so many pictures is; or what a filter's `repack` makes of it."""
    with tempfile.TemporaryDirectory() as room, contextlib.chdir(room):
        render(replace(SPEC, count=count), RunOptions(out="set"))
        if work == "repack":
            filter_dataset(FilterConfig(dir="set", where=CONDITION, repack="packed"))
        return whole(Path("packed" if work == "repack" else "set"))


class DatasetMachine(RuleBasedStateMachine):
    """Two folders of one dataset, `set` and, repacked from it, `packed`."""

    def __init__(self):
        super().__init__()
        self.room = Path(tempfile.mkdtemp(prefix="machine-")).resolve()
        self.folder = self.room / "set"
        self.drawn = 0
        """Most pictures that a run was asked for."""
        self.foreign: dict[str, bytes] = {}
        self.changed: set[str] = set()
        """Files with a byte that somebody changed."""
        self.stale = False
        """Whether the indexes may be those of other shards: a run ended before it wrote them."""

    def teardown(self):
        shutil.rmtree(self.room)

    # What is done.

    def draw(self, count):
        with contextlib.chdir(self.room):
            render(replace(SPEC, count=count), RunOptions(out="set"))

    def publish(self):
        with contextlib.chdir(self.room):
            publish_folder(PublishConfig(dir="set"))

    def repack(self):
        with contextlib.chdir(self.room):
            filter_dataset(FilterConfig(dir="set", where=CONDITION, repack="packed"))

    def choose(self):
        return filter_dataset(
            FilterConfig(dir=str(self.folder), where=CONDITION, out=str(self.room / "keep.parquet"))
        )

    def check(self):
        return verify(VerifyConfig(dir=str(self.folder), redraw=1))

    # What is known.

    @property
    def files(self):
        return (
            {path.name: path.read_bytes() for path in self.folder.iterdir()} if self.folder.exists() else {}
        )

    @property
    def held(self):
        """Pictures of each whole shard, by its name."""
        found = {}
        for path in self.folder.glob(f"*{MARKER}"):
            name = path.name.removesuffix(MARKER)
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = json.loads(path.read_bytes())
                tar = path.with_name(f"{name}.tar")
                if (
                    tar.exists()
                    and tar.stat().st_size == said["bytes"]
                    and tar.with_suffix(".parquet").exists()
                ):
                    found[name] = said["count"]
        return found

    def holds_more_than(self, count):
        """Whether some shard has more pictures than one of the dataset of so many."""
        there = {n: min(2, count - 2 * n) for n in range(-(-count // 2))}
        return any(found > there.get(int(name[-6:]), 0) for name, found in self.held.items())

    def is_undisturbed(self, count):
        """Check every file but those that were changed; forget of these what is as it was."""
        expected, found = undisturbed(count), self.without_md5()
        ours = {name: data for name, data in found.items() if name not in self.foreign}
        assert ours.keys() == expected.keys()
        differ = {name for name in expected if ours[name] != expected[name]}
        assert differ <= self.changed | ({*MADE_ANEW} if self.changed else set()), differ
        self.changed = differ
        hidden = {name for name in self.files if name.startswith(".")}
        assert hidden <= self.foreign.keys()

    def without_md5(self):
        """All that the dataset is, but for the MD5 of tars, which are what `publish` has taken of them."""
        found = whole(self.folder)
        if "shards.json" in found:
            with contextlib.suppress(*((ValueError,) if self.changed else ())):
                index = json.loads(found["shards.json"])
                for entry in index["shardlist"]:
                    md5 = entry.pop("md5sum", None)
                    tar = (self.folder / entry["url"]).read_bytes()
                    assert md5 in (None, hashlib.md5(tar).hexdigest()) or self.changed
                found["shards.json"] = index_json(index).encode()
        return found

    @invariant()
    def foreign_files_are_as_they_were(self):
        files = self.files
        assert all(files.get(name) == data for name, data in self.foreign.items())

    # Rules.

    @initialize(count=st.sampled_from(COUNTS))
    def begin(self, count):
        self.drawn = count
        self.draw(count)
        self.is_undisturbed(count)

    @rule(count=st.sampled_from(COUNTS))
    def render_or_extend(self, count):
        refused = self.holds_more_than(count)
        try:
            self.draw(count)
        except REFUSED:
            assert refused or self.changed
            return
        assert not refused or self.changed
        self.drawn = count
        self.stale = False
        self.is_undisturbed(count)

    @rule(count=st.sampled_from(COUNTS), point=POINTS)
    def kill(self, count, point):
        if self.holds_more_than(count):
            return
        with contextlib.suppress(*(REFUSED if self.changed else ())):
            self.stale |= killed(self.folder, point, lambda: self.draw(count))
        self.drawn = max(self.drawn, count)

    @precondition(lambda self: self.held)
    @rule()
    def another_job_is_refused(self):
        before = self.files
        with contextlib.chdir(self.room):
            try:
                render(OTHER, RunOptions(out="set"))
            except REFUSED:
                assert self.files == before
            else:
                raise AssertionError("pictures of another job were drawn into the folder")

    @rule(point=POINTS)
    def kill_publishing(self, point):
        with contextlib.suppress(*REFUSED):
            self.stale |= killed(self.folder, point, self.publish)

    @rule()
    def publish_and_verify(self):
        """What can be published is whole, as far as it is read; its indexes are those of its shards."""
        held, changed = self.held, self.changed
        try:
            self.publish()
        except REFUSED:
            assert changed or not held or self.damaged_in_sight
            return
        index = json.loads((self.folder / "shards.json").read_bytes())["shardlist"]
        if not changed:
            assert {entry["url"]: entry["nsamples"] for entry in index} == {
                f"{n}.tar": c for n, c in held.items()
            }
        self.stale = False

    @property
    def damaged_in_sight(self):
        """Whether a marker stands there without its tar or manifest."""
        return len([*self.folder.glob(f"*{MARKER}")]) > len(self.held)

    @rule()
    def choose_pictures(self):
        try:
            report = self.choose()
        except REFUSED:
            assert self.changed or not self.held or self.damaged_in_sight
            return
        if not self.changed:
            assert report.kept == sum(self.held.values())
            keys = pq.read_table(self.room / "keep.parquet")["key"].to_pylist()
            numbers = [
                2 * int(name[-6:]) + i for name, count in sorted(self.held.items()) for i in range(count)
            ]
            assert [int(key) for key in keys] == numbers

    @rule(point=st.none() | POINTS)
    def repack_some(self, point):
        shutil.rmtree(self.room / "packed", ignore_errors=True)
        if self.changed or self.damaged_in_sight or not self.held:
            return
        if point is not None:
            killed(self.room / "packed", point, self.repack)
        self.repack()
        count = sum(self.held.values())
        if len(self.held) == -(-count // 2):
            assert whole(self.room / "packed") == undisturbed(count, "repack")

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def lose_a_file(self, data):
        ours = sorted(self.files.keys() - self.foreign.keys())
        name = data.draw(st.sampled_from(ours))
        (self.folder / name).unlink()
        self.changed.discard(name)

    @precondition(lambda self: self.held and not self.changed)
    @rule(data=st.data())
    def change_a_byte(self, data):
        """Of a shard: `verify` finds it, unless nothing that is read was changed."""
        shard = data.draw(st.sampled_from(sorted(self.held)))
        name = data.draw(st.sampled_from([f"{shard}.tar", f"{shard}.parquet", f"{shard}{MARKER}"]))
        path = self.folder / name
        before = path.read_bytes()
        place = data.draw(st.integers(0, len(before) - 1))
        flipped = before[place] ^ (1 << data.draw(st.integers(0, 7)))
        meaning = _meaning(path)
        path.write_bytes(before[:place] + bytes([flipped]) + before[place + 1 :])
        self.changed.add(name)
        try:
            self.check()
        except REFUSED:
            return
        assert _meaning(path) == meaning, f"byte {place} of {name} is believed"
        if name.endswith((".parquet", MARKER)):
            path.write_bytes(before)  # it means the same, and need not be found
            self.changed.discard(name)

    @rule()
    def verify_and_mend(self):
        """What `verify` names is mended as it says; then it is the undisturbed dataset again."""
        try:
            self.check()
        except REFUSED:
            for name in [name for name in self.changed if name.startswith("train-")]:
                stem = name.removesuffix(MARKER).rpartition(".")[0] or name.removesuffix(MARKER)
                (self.folder / f"{stem}{MARKER}").unlink(missing_ok=True)
        else:
            assert not {name for name in self.changed if name.endswith(".tar")}
        if self.holds_more_than(self.drawn):
            return
        self.draw(self.drawn)
        self.changed -= {name for name in self.changed if name.startswith("train-")}
        self.is_undisturbed(self.drawn)
        assert self.check().images == self.drawn

    @rule(name=st.sampled_from(FOREIGN), data=st.binary(max_size=20))
    def foreign_file(self, name, data):
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(data)
        self.foreign[name] = data

    @precondition(lambda self: not self.changed)
    @rule(
        count=st.sampled_from(COUNTS),
        point=POINTS,
        other=st.sampled_from(["draw", "publish", "choose", "check"]),
    )
    def two_at_once(self, count, point, other):
        """All of another command comes between two operations of a run."""
        if self.holds_more_than(count):
            return

        def second():
            with contextlib.suppress(*(REFUSED if other != "draw" else ())):
                getattr(self, other)(*([count] if other == "draw" else []))

        meanwhile(self.folder, point, lambda: self.draw(count), second)
        self.drawn = count
        self.is_undisturbed(count)

    @precondition(lambda self: not self.changed)
    @rule(count=st.sampled_from(COUNTS), point=POINTS)
    def publish_while_it_grows(self, count, point):
        if self.holds_more_than(count):
            return
        with contextlib.suppress(*REFUSED):
            meanwhile(self.folder, point, self.publish, lambda: self.draw(count))
        self.draw(count)
        self.drawn = count
        self.is_undisturbed(count)


def _meaning(path):
    """What a file says to who reads it; None if it cannot be read."""
    try:
        if path.suffix == ".parquet":
            table = pq.read_table(path, page_checksum_verification=True)
            return table.schema.metadata[b"job_hash"], table.to_pylist()
        if path.name.endswith(MARKER):
            said = json.loads(path.read_bytes())
            return {name: said.get(name) for name in said if name not in OF_THE_RUN}
    except Exception:
        return None
    return path.read_bytes()


TestDataset = DatasetMachine.TestCase
TestDataset.settings = few(5, stateful_step_count=8)
