"""Pictures to bytes and back."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patterngen.encode import Encoding, decode, encode
from patterngen.errors import PatternGenError

pictures = arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3)))


def smooth(size: int = 64) -> np.ndarray:
    ramp = np.linspace(20, 230, size)
    return np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], 128.0), axis=2).round().astype(np.uint8)


@given(pictures)
@settings(max_examples=30)
def test_png_keeps_every_pixel(picture):
    np.testing.assert_array_equal(decode(encode(picture, Encoding(format="png"))), picture)


@pytest.mark.parametrize(
    ("kind", "magic"), [("jpg", b"\xff\xd8\xff"), ("png", b"\x89PNG"), ("webp", b"RIFF")]
)
def test_smooth_pictures_come_back_nearly_equal(kind, magic):
    data = encode(smooth(), Encoding(format=kind))
    assert data.startswith(magic)
    error = np.abs(decode(data).astype(int) - smooth())
    assert error.mean() < 2


@pytest.mark.parametrize("kind", ["jpg", "webp"])
def test_more_quality_takes_more_bytes(kind):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    sizes = [len(encode(noise, Encoding(format=kind, quality=q))) for q in (10, 50, 95)]
    assert sizes == sorted(set(sizes))


def test_a_view_of_a_batch_is_encoded_like_a_copy():
    batch = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    flipped = batch[1][::-1, ::-1]
    assert encode(flipped, Encoding()) == encode(flipped.copy(), Encoding())


@pytest.mark.parametrize("wrong", [{"format": "gif"}, {"quality": 0}, {"quality": 101}])
def test_wrong_settings_name_the_value(wrong):
    with pytest.raises(PatternGenError, match=str(*wrong.values())):
        Encoding(**wrong)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_damaged_pictures_are_refused(kind):
    data = encode(smooth(), Encoding(format=kind))
    with pytest.raises(PatternGenError, match="cannot be decoded"):
        decode(data[:30])


@pytest.mark.parametrize("data", [b"", b"GIF89a" + bytes(50), b"\x80\x04N."])
def test_other_bytes_are_refused(data):
    with pytest.raises(PatternGenError, match="cannot be decoded"):
        decode(data)


def test_a_header_that_claims_gigabytes_is_refused():
    png = encode(smooth(), Encoding(format="png"))
    header = b"IHDR" + struct.pack(">II", 60_000, 60_000) + png[24:29]
    with pytest.raises(PatternGenError, match="pixels"):
        decode(png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:])
