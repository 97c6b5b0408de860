"""Which files are sound: every format that libsndfile knows, and no matrix or picture of the same ending."""

import os

import numpy as np
import pytest
import soundfile

from trainer.sound.audio import read_clip
from trainer.sound.audio_files import _COMMON, _RARE, SUFFIXES, audio_files, header

RATE = 8000
HEADERLESS = {"RAW"}
SILENT_FRAMES = {".mp1": (b"\xff\xff\xc4\x00", 384), ".mp2": (b"\xff\xfd\xa4\x00", 576)}
"""Headers of MPEG audio (ISO 11172-3, 2.4.1.3) at 384 and 192 kbit/s and 48 kHz, and a frame's bytes."""


def test_every_format_of_libsndfile_has_its_endings():
    assert soundfile.available_formats().keys() - HEADERLESS <= _COMMON.keys() | _RARE.keys()
    endings = {ending for each in (_COMMON, _RARE) for some in each.values() for ending in some.split()}
    assert endings >= SUFFIXES
    assert {".raw", ".pcm", ".txt", ".mp4"}.isdisjoint(SUFFIXES)


@pytest.mark.parametrize("name", sorted(soundfile.available_formats().keys() - HEADERLESS))
def test_every_format_is_found_and_read(tmp_path, name):
    samples = 0.1 * np.sin(np.arange(RATE // 4))
    endings = (_COMMON | _RARE)[name].split()
    for ending in endings:
        if ending in SILENT_FRAMES:
            begin, size = SILENT_FRAMES[ending]
            (tmp_path / f"a{ending}").write_bytes((begin + bytes(size - len(begin))) * 5)
        else:
            soundfile.write(tmp_path / f"a{ending.upper()}", samples, RATE, format=name)
    found = audio_files(tmp_path)
    assert {path.suffix.lower() for path in found.files} == set(endings)
    assert not found.left_out.endings
    for path in found.files:
        seconds, rate = header(path)
        assert seconds > 0
        assert len(read_clip(path, rate)) == pytest.approx(seconds * rate, rel=0.1)


def test_other_programs_files_of_a_rare_ending_are_left_out_and_damaged_sounds_are_not(tmp_path):
    for name in ("annotations.mat", "picture.iff", "words.voc", "damaged.wav"):
        (tmp_path / name).write_bytes(b"no sound at all")
    soundfile.write(tmp_path / "sound.mat", np.zeros(100), RATE, format="MAT5")
    found = audio_files(tmp_path)
    assert [path.name for path in found.files] == ["damaged.wav", "sound.mat"]
    assert str(found.left_out) == "left out: 3 files of other kinds (.iff 1, .mat 1, .voc 1)"


def test_a_name_that_is_not_utf_8_is_read(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    soundfile.write(tmp_path / "a.wav", np.full(800, 0.1), RATE)
    (tmp_path / "a.wav").rename(path)
    assert audio_files(tmp_path).files == (path,)
    assert header(path) == (0.1, RATE)
    assert len(read_clip(path, RATE)) == 800


def test_a_damaged_file_of_a_rare_ending_is_sound(tmp_path):
    """It is left for its reader to refuse by name; what is no sound at all is counted."""
    soundfile.write(tmp_path / "empty.voc", np.zeros(0), 8000, format="VOC", subtype="PCM_16")
    (tmp_path / "matrix.mat").write_bytes(b"no sound")
    found = audio_files(tmp_path)
    assert [path.name for path in found.files] == ["empty.voc"]
    assert found.left_out.endings == {".mat": 1}
