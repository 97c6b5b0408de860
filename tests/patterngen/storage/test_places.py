"""Places behind URLs: which are refused, how they are read, and what goes wrong there."""

import importlib
import json
import pickle
import shutil

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import patterngen
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.shard import MANIFEST
from patterngen.errors import GaveUpError, MissingDependencyError, PatternGenError
from patterngen.retry import Retry
from patterngen.storage import patience
from patterngen.storage.files import atomic_file, write_atomic
from patterngen.storage.places import RemotePath, listing, open_file, place, read_bounded
from patterngen.storage.upload import upload


@pytest.fixture
def memory():
    """An empty folder of this process's memory."""
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    return "memory://bucket/set"


@pytest.fixture
def trouble(monkeypatch, memory):
    """Errors that the next writes raise, one each, and what was written or should have been."""
    errors, written = [], []
    write = MemoryFileSystem.pipe_file

    def pipe_file(fs, path, value, **options):
        written.append(path)
        if errors:
            raise errors.pop(0)
        write(fs, path, value, **options)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", pipe_file)
    monkeypatch.setattr(patience, "PATIENCE", Retry(retries=2, pause=0.0))
    return errors, written


@pytest.fixture
def remote(sound_folder, memory):
    """The sound dataset behind a URL."""
    for path in sound_folder.iterdir():
        upload(path, RemotePath(memory) / path.name)
    return memory


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("pipe:cat /etc/passwd", "would run a command"),
        ("pipe://cat /etc/passwd", "would run a command"),
        ("simplecache::s3://bucket/set", "leads on to another place"),
        ("zip://*.tar::pipe://x", "leads on to another place"),
        ("reference://x.json", "leads on to another place"),
        ("s3://", "names no place"),
        ("sftp://me:secret@host/set", "came with a password"),
        ("nonsense://bucket/set", "no scheme that fsspec knows"),
        ("", "name is empty"),
    ],
)
def test_urls_that_are_none_of_ours_are_refused(url, words):
    with pytest.raises(PatternGenError, match=words) as refused:
        place(url)
    assert "secret" not in str(refused.value)


def test_a_scheme_without_its_package_names_what_to_install(monkeypatch):
    def missing(scheme):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(importlib.import_module("fsspec.registry"), "get_filesystem_class", missing)
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[s3\]'"):
        place("s3a://bucket/set")


def test_a_remote_path_has_the_parts_of_a_path():
    path = place("s3://bucket/a set/") / "train-000000.tar"
    assert str(path) == "s3://bucket/a set/train-000000.tar"
    assert (path.name, path.stem, path.suffix) == ("train-000000.tar", "train-000000", ".tar")
    assert str(path.with_suffix(".parquet")) == "s3://bucket/a set/train-000000.parquet"
    assert path.parent.name == "a set"
    assert pickle.loads(pickle.dumps(path)) == path


def test_a_folder_is_listed_with_its_sizes_and_a_missing_one_is_empty(tmp_path, memory):
    assert listing(tmp_path / "none") == listing(place(f"{memory}/none")) == {}
    write_atomic(tmp_path / "a", b"12")
    write_atomic(place(memory) / "a", b"12")
    write_atomic(place(memory) / "b" / "c", b"123")
    (tmp_path / "b").mkdir()
    assert listing(tmp_path) == listing(place(memory)) == {"a": 2}


def test_a_file_larger_than_it_may_be_is_not_read(tmp_path, memory):
    for folder in (tmp_path, place(memory)):
        write_atomic(folder / "a", b"12345")
        assert read_bounded(folder / "a", 5) == b"12345"
        with pytest.raises(PatternGenError, match="larger than 4 bytes"):
            read_bounded(folder / "a", 4)
        with pytest.raises(FileNotFoundError):
            read_bounded(folder / "none", 4)


def test_a_remote_file_appears_when_it_is_whole(memory):
    path = place(memory) / "a"
    with atomic_file(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert open_file(str(path)).read() == b"new"
    with pytest.raises(ZeroDivisionError), atomic_file(path) as file:
        file.write(b"%d" % (1 / 0))
    assert path.read_bytes() == b"new"


def test_an_upload_that_fails_twice_then_works(trouble):
    errors, written = trouble
    errors += [OSError("busy"), RuntimeError("of a library's own")]
    upload(b"data", place("memory://a/b"))
    assert written == ["/a/b"] * 3
    assert place("memory://a/b").read_bytes() == b"data"


def test_an_upload_that_always_fails_is_given_up_and_says_so(trouble):
    errors, written = trouble
    errors += [OSError("busy")] * 9
    with pytest.raises(GaveUpError, match="memory://a/b could not be uploaded, 3 times: busy"):
        upload(b"data", place("memory://a/b"))
    assert len(written) == 3


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError("Forbidden"), r"writing is denied \(Forbidden\); check the credentials"),
        (FileNotFoundError("The specified bucket does not exist"), "make the bucket first"),
        (NotImplementedError(), "can only be read"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(trouble, error, words):
    errors, written = trouble
    errors.append(error)
    with pytest.raises(PatternGenError, match=words):
        upload(b"data", place("memory://a/b"))
    assert len(written) == 1


def test_a_remote_dataset_is_read_as_a_local_one(sound_folder, remote):
    here, there = patterngen.open_dataset(str(sound_folder)), patterngen.open_dataset(remote)
    assert there.folder.job_hash == here.folder.job_hash
    assert there.folder.manifest().equals(here.folder.manifest())
    assert [picture.data for picture in there] == [picture.data for picture in here]
    assert pickle.loads(pickle.dumps(there))[24].data == here[24].data


def test_a_remote_picture_is_one_request_for_its_bytes(remote, monkeypatch):
    there, asked = patterngen.open_dataset(remote), []
    row = there[12].row  # which opens its shard
    # What a file of a real store asks its server for; the memory's own files ask nobody.
    read = type(fsspec.filesystem("memory").open("/bucket/set/train-000001.tar")).read
    monkeypatch.setattr(
        "fsspec.implementations.memory.MemoryFile.read",
        lambda file, size=-1: asked.append((file.tell(), size)) or read(file, size),
    )
    assert there[12].pixels.shape == (32, 32, 3)
    assert asked == [(row["offset"] - 512, 512 + row["size"])]


def test_damage_is_named_by_its_url(remote):
    (place(remote) / "train-000001.tar").unlink()
    with pytest.raises(PatternGenError, match=r"memory://bucket/set/train-000001\.tar is missing"):
        DatasetFolder.open(remote)
    with pytest.raises(PatternGenError, match="no whole shard"):
        DatasetFolder.open("memory://bucket/none")


def claim(folder, **claims):
    """Let a marker claim what is not so."""
    marker = folder / "train-000000_stats.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | claims))


def varint(number):
    """Write a number as thrift's compact protocol does, in which parquet's footers are."""
    number, digits = 2 * number, []
    while number >= 128:
        digits.append(number % 128 + 128)
        number //= 128
    return bytes([*digits, number])


def test_a_manifest_that_claims_10_to_the_12_rows_is_refused_before_memory_is_taken(folder):
    path, rows = folder / "train-000000.parquet", 123_457
    pq.write_table(pa.table({"key": pa.nulls(rows)}), path)
    data = path.read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = data[start:-8].replace(varint(rows), varint(10**12))
    path.write_bytes(data[:start] + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    assert pq.read_metadata(path).num_rows == 10**12
    with pytest.raises(PatternGenError, match="1000000000000 rows for 10 pictures"):
        DatasetFolder.open(str(folder)).manifest(["key"])
    claim(folder, count=10**12)
    with pytest.raises(PatternGenError, match=r"1000000000000 pictures in \d+ bytes"):
        DatasetFolder.open(str(folder))
    claim(folder, bytes=10**16)
    with pytest.raises(PatternGenError, match="is truncated"):
        DatasetFolder.open(str(folder))


def test_a_manifest_that_claims_endless_texts_is_refused(folder):
    path = folder / "train-000000.parquet"
    table = pq.read_table(path)
    text = pa.array(["x" * (1 << 20)] * len(table))  # all equal: compressed, they take next to nothing
    table = table.set_column(MANIFEST.names.index("params"), MANIFEST.field("params"), text)
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(PatternGenError, match="too many"):
        DatasetFolder.open(str(folder)).manifest(["params"])


@pytest.mark.parametrize("claims", [{"count": "10"}, {"count": 0}, {"bytes": None}, {"tv_quantiles": []}])
def test_a_marker_of_other_kinds_is_damaged(folder, claims):
    claim(folder, **claims)
    with pytest.raises(PatternGenError, match=r"train-000000_stats\.json is damaged"):
        DatasetFolder.open(str(folder))


def test_a_marker_without_an_end_is_not_read(folder):
    with (folder / "train-000000_stats.json").open("ab") as marker:
        marker.truncate(1 << 40)  # a sparse file: it takes no room
    with pytest.raises(PatternGenError, match="larger than 1048576 bytes"):
        DatasetFolder.open(str(folder))
    shutil.rmtree(folder)
