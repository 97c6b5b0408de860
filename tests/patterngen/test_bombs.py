"""Small files that claim, or swell to, what no memory holds: each is refused in one line."""

import re
import struct
import zlib

import numpy as np
import pytest

from patterngen.common.yaml_text import parse_yaml
from patterngen.dataset.tar import end_of_archive, member, read_members
from patterngen.encode import Encoding, decode, encode
from tests.fuzzing import read_hostile

MANY = 5_000
SIDE = 31_623
"""Pixels across a picture of 10⁹ of them."""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png():
    """A PNG of black, each of whose rows is there, compressed."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + SIDE // 8 + 1)) for _ in range(SIDE)) + packer.flush()
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg():
    """A JPEG whose header claims more than its data hold."""
    small = encode(np.zeros((8, 8, 3), np.uint8), Encoding(format="jpg"))
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack(">HH", SIDE, SIDE) + small[at + 4 :]


@pytest.mark.parametrize("bomb", [png, jpeg])
def test_a_picture_of_a_billion_pixels(bomb, tmp_path):
    data = bomb()
    assert len(data) < 1 << 18
    refused = read_hostile(lambda: decode(data), tmp_path)
    assert re.search(rf"{SIDE}|{SIDE**2}", str(refused))


def test_names_in_yaml_that_stand_for_a_billion_values(tmp_path):
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    text = "\n".join(["l0: &l0 [x]", *levels])
    refused = read_hostile(lambda: parse_yaml(text, "bomb.yaml"), tmp_path)
    assert "stand for more than 100000 values" in str(refused)


def test_lists_within_lists_without_end(tmp_path):
    for opening in ("[", "{a: "):
        refused = read_hostile(lambda opening=opening: parse_yaml(opening * 3_000, "deep.yaml"), tmp_path)
        assert refused is not None


def test_a_number_of_many_digits(tmp_path):
    assert read_hostile(lambda: parse_yaml("count: " + "9" * 5000, "long.yaml"), tmp_path) is not None


def test_a_tar_of_very_many_members_is_read_one_by_one(tmp_path):
    """Members of no bytes at all take a block each: a reader that remembers them grows with the file."""
    header = b"".join(member("1.cls", b""))
    path = tmp_path / "many.tar"
    path.write_bytes(header * MANY + end_of_archive(len(header) * MANY))
    kept = []
    assert read_hostile(lambda: kept.append(sum(1 for _ in read_members(path))), tmp_path) is None
    assert kept == [MANY]
