"""Tar members, byte by byte as the standard library writes them, and read without trust."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.dataset.tar import BLOCK, end_of_archive, member, read_members
from patterngen.errors import PatternGenError

files = st.lists(
    st.tuples(st.from_regex(r"[0-9]{1,9}\.(jpg|cls|json)", fullmatch=True), st.binary(max_size=1500)),
    max_size=5,
)


def archive(items) -> bytes:
    data = b"".join(part for name, content in items for part in member(name, content))
    return data + end_of_archive(len(data))


@given(files)
def test_equals_what_tarfile_writes(items):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in items:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o444
            tar.addfile(info, io.BytesIO(content))
    assert archive(items) == buffer.getvalue()


def test_members_come_back_with_the_place_of_their_data(tmp_path):
    path = tmp_path / "a.tar"
    items = [("1.jpg", b"x" * 700), ("1.cls", b"3"), ("1.json", b"")]
    path.write_bytes(archive(items))
    members = list(read_members(path))
    assert [(m.name, m.data) for m in members] == items
    assert members[0].offset == BLOCK
    for m in members:
        assert path.read_bytes()[m.offset : m.offset + len(m.data)] == m.data


@pytest.mark.parametrize("cut", [1, 200, BLOCK + 1, BLOCK + 300])
def test_a_truncated_tar_is_named(tmp_path, cut):
    path = tmp_path / "cut.tar"
    path.write_bytes(archive([("1.jpg", b"x" * 700)])[:cut])
    with pytest.raises(PatternGenError, match=r"cut\.tar is truncated"):
        list(read_members(path))


def test_links_folders_and_giants_are_refused(tmp_path):
    path = tmp_path / "odd.tar"
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
        info = tarfile.TarInfo("1.jpg")
        info.type, info.linkname = kind, "/etc/passwd"
        path.write_bytes(info.tobuf() + bytes(2 * BLOCK))
        with pytest.raises(PatternGenError, match="no shard does"):
            list(read_members(path))
    path.write_bytes(archive([("1.json", bytes(2 << 20))]))
    with pytest.raises(PatternGenError, match="no shard does"):
        list(read_members(path))


def test_a_missing_tar_is_named(tmp_path):
    with pytest.raises(PatternGenError, match=r"none\.tar is missing"):
        list(read_members(tmp_path / "none.tar"))
