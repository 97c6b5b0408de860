"""Files that end before their header says, and headers that do not say."""

import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import ClipError
from trainer.sound.audio import read_clip
from trainer.sound.ogg import ogg_fault
from trainer.sound.sound_file import measure, open_sound

RATE = 16_000
FORMATS = ("WAV", "WAVEX", "RF64", "AIFF", "AU", "FLAC", "OGG", "MP3")
PLACEHOLDERS = (0, 0xFFFF_FFFF, 0xFFFF_FFDB, 0x7FFF_FFFF, 0x8000_0000, 0x7FFF_F000)
SUBTYPES = {"WAV": ("PCM_U8", "PCM_24", "FLOAT", "ULAW", "IMA_ADPCM"), "OGG": ("VORBIS", "OPUS")}


@pytest.fixture(scope="module")
def wave():
    return (0.1 * np.random.default_rng(0).standard_normal(RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def content(tmp_path_factory, wave):
    """Returns the bytes of a second of noise in a format, once written."""
    folder, known = tmp_path_factory.mktemp("whole"), {}

    def written(form, subtype=None):
        if (form, subtype) not in known:
            soundfile.write(folder / "a", wave, RATE, format=form, subtype=subtype)
            known[form, subtype] = (folder / "a").read_bytes()
        return known[form, subtype]

    return written


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Writes a file anew."""
    path = tmp_path_factory.mktemp("file") / "a.wav"

    def written(data):
        path.write_bytes(data)
        return path

    return written


def unknown_length(flac):
    """FLAC as a recorder leaves it: the 36 bits of STREAMINFO that count samples are 0 (RFC 9639, 8.2)."""
    data = bytearray(flac)
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    return bytes(data)


def with_length(wav, size):
    """WAV with another length of its sound."""
    place = wav.index(b"data") + 4
    return wav[:place] + struct.pack("<I", size) + wav[place + 4 :]


@pytest.mark.parametrize(
    ("form", "subtype"),
    [*((form, None) for form in FORMATS), *((form, sub) for form, subs in SUBTYPES.items() for sub in subs)],
)
def test_whole_files_are_whole(content, file, wave, form, subtype):
    path = file(content(form, subtype))
    seconds, rate = measure(path)
    assert (round(seconds, 1), rate) == (1.0, RATE)
    assert len(read_clip(path, RATE)) == round(seconds * RATE)


@given(form=st.sampled_from(FORMATS), share=st.floats(0.1, 0.9))
def test_a_file_that_was_cut_is_noticed_wherever_it_was(content, file, form, share):
    """By who looks and by who reads, also if no more is asked for than is there."""
    broken = r"a\.wav: breaks off.*; fetch it again, or write what there is of it to a new file \(ffmpeg"
    whole = content(form)
    path = file(whole[: int(share * len(whole))])
    for seconds in (None, 0.01):
        with pytest.raises(ClipError, match=broken):
            read_clip(path, RATE, seconds)
    with pytest.raises(ClipError, match=broken):
        measure(path)


@pytest.mark.parametrize("form", [("MP3", None), ("OGG", "VORBIS"), ("OGG", "OPUS")])
def test_files_that_were_joined_to_one_are_not_read_in_part(content, file, wave, form, tmp_path):
    """libsndfile reads the first of them, and calls its length that of the file."""
    soundfile.write(tmp_path / "b", wave, RATE, format=form[0], subtype=form[1])
    path = file(content(*form) + (tmp_path / "b").read_bytes())
    said = {"MP3": "goes on after the 1.00 s that its header promises", "OGG": "holds several Ogg streams"}
    for read in (measure, lambda path: read_clip(path, RATE)):
        with pytest.raises(ClipError, match=rf"a\.wav: {said[form[0]]}.*; fetch it again, or write"):
            read(path)


def test_ogg_streams_side_by_side_are_no_joined_ones(content, file):
    """A stream that describes another begins with it and ends before it (RFC 3533, section 4)."""
    whole = content("OGG")
    size = 27 + whole[26] + sum(whole[27 : 27 + whole[26]])
    first = whole[:size]
    beside = first[:14] + b"side" + first[18:]
    ended = beside[:5] + b"\x04" + beside[6:]
    assert ogg_fault(file(first + beside + whole[size:])) is None
    assert ogg_fault(file(first + beside + ended + whole[size:])) is None
    assert "several" in ogg_fault(file(whole + ended))


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3"])
def test_where_a_file_breaks_off_is_told(content, file, form):
    path = file(content(form)[: len(content(form)) // 2])
    with pytest.raises(ClipError) as error:
        measure(path)
    there, promised = (float(word) for word in str(error.value).split() if word[:1].isdigit())
    assert promised == 1.0
    assert there == pytest.approx(0.5, abs=0.27)  # decoded in blocks of 0.26 s


@pytest.mark.parametrize("size", PLACEHOLDERS)
def test_wav_that_was_written_to_a_pipe_is_read_to_its_end(content, file, size):
    whole = content("WAV")
    path = file(with_length(whole, size))
    assert measure(path) == (1.0, RATE)
    np.testing.assert_array_equal(read_clip(path, RATE), read_clip(file(whole), RATE))


def test_silence_of_unknown_length_is_silence(file, tmp_path):
    soundfile.write(tmp_path / "b.wav", np.zeros(RATE), RATE)
    path = file(with_length((tmp_path / "b.wav").read_bytes(), 0))
    assert measure(path) == (1.0, RATE)


@pytest.mark.parametrize("behind", [b"", b"LIST\x04\0\0\0INFO", b"LIST\x05\0\0\0INFO\0"])
def test_wav_without_sound_holds_none(file, tmp_path, behind):
    soundfile.write(tmp_path / "b.wav", np.zeros(0), RATE)
    path = file((tmp_path / "b.wav").read_bytes() + behind)
    with pytest.raises(ClipError, match="holds no samples"):
        read_clip(path, RATE)


@pytest.mark.parametrize("wrong", [44, -44])
def test_a_length_that_counts_the_header_is_taken(content, file, wrong):
    whole = content("WAV")
    assert measure(file(with_length(whole, len(whole) - 44 + wrong)))[0] == pytest.approx(1.0, abs=0.01)


def test_flac_of_unknown_length_is_read_to_its_end(content, file):
    whole = content("FLAC")
    path = file(unknown_length(whole))
    assert soundfile.info(path).frames > 2**62
    assert measure(path) == (1.0, RATE)
    for seconds in (None, 0.5):
        found = read_clip(path, RATE, seconds)
        np.testing.assert_array_equal(found, read_clip(file(whole), RATE, seconds))
        file(unknown_length(whole))


def test_tags_around_the_sound_are_no_sound(content, file):
    before, behind = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10), b"TAG" + bytes(125)
    for form in ("FLAC", "MP3"):
        assert len(read_clip(file(before + content(form) + behind), RATE)) == RATE


@pytest.mark.parametrize("known", [True, False])
def test_a_recording_that_no_memory_holds_is_refused(file, tmp_path, known):
    """A small file may be long: 25 hours at one sample a second."""
    soundfile.write(tmp_path / "b.flac", np.zeros(25 * 3600), 1)
    data = (tmp_path / "b.flac").read_bytes()
    assert len(data) < 10_000
    path = file(data if known else unknown_length(data))
    for read in (measure, lambda path: read_clip(path, 10)):
        with pytest.raises(ClipError, match="longer than 24 hours, the most that is taken at once; cut it"):
            read(path)
    assert len(read_clip(path, 10, seconds=3600)) == 36_000


def test_blocks_are_short_whatever_the_rate(file, tmp_path):
    """Resampling makes 16 000 samples of one."""
    soundfile.write(tmp_path / "b.wav", np.zeros((1000, 2)), 1)
    with open_sound(file((tmp_path / "b.wav").read_bytes())) as sound:
        shapes = [block.shape for block in sound.decoded(990)]
    assert shapes == [(60, 2)] * 16 + [(30, 2)]


HEADS = (
    b"RIFF\0\0\0\0WAVE",
    b"RF64\0\0\0\0WAVEds64",
    b"FORM\0\0\0\0AIFF",
    b"OggS",
    b"ID3\4\0\0\x7f\x7f\x7f\x7f",
    b"\xff\xfb\x90\x00Xing",
    b".snd",
    b"fLaC",
)


@given(head=st.sampled_from(HEADS), data=st.binary(min_size=1, max_size=200))
def test_what_only_begins_like_sound_is_sound_or_a_bad_clip(file, head, data):
    path = file(head + data)
    try:
        found = len(read_clip(path, RATE))
    except ClipError as error:
        found = str(error)
    assert found
