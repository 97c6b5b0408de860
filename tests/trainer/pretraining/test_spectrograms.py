import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import patterngen
from patterngen import DatasetFolder, PatternGenError
from patterngen.encode import decode
from tests.recordings import write_clips
from trainer.errors import TrainerError
from trainer.pretraining.spectrograms import SpectrogramsConfig, grays, pack_spectrograms, windows
from trainer.sound.clips import load_logmels
from trainer.sound.logmel import LogMel
from trainer.tasks import load

RATE = 16000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eight clips of 0.1 to 0.8 s, of two classes in two folds: hum and hiss."""
    rng, clips = np.random.default_rng(0), []
    for i in range(8):
        time = np.arange(RATE * (i + 1) // 10) / RATE
        sound = rng.standard_normal(len(time)) if i % 2 else np.sin(2 * np.pi * 440 * time)
        clips.append((0.1 * sound, ["hum", "hiss"][i % 2], i // 4 + 1))
    return write_clips(tmp_path_factory.mktemp("sounds"), clips)


def pack(folder, out, **changed):
    settings = {"task": "csv", "root": str(folder), "out": str(out), "frames": 32, "clips_per_shard": 3}
    return pack_spectrograms(SpectrogramsConfig(**settings | changed))


@given(st.integers(1, 300), st.integers(1, 40))
def test_windows_cover_a_clip_with_as_few_as_can(length, width):
    picture = np.arange(length, dtype=np.uint16)[None].repeat(2, axis=0) + 1
    starts, pieces = windows(picture, width)
    assert len(starts) == len(pieces) == -(-length // width)
    assert pieces.shape[1:] == (2, width)
    assert set(range(1, length + 1)) == set(pieces.ravel().tolist()) - {0}
    assert all(piece[0, 0] == start + 1 for start, piece in zip(starts, pieces, strict=True))


def test_grays_are_decibels():
    logmel = LogMel(range_db=50.0)
    decibels = torch.tensor([[-50.0, -40.0, -20.0, 0.0]])
    assert grays(decibels * np.log(10) / 10, logmel).tolist() == [[0, 51, 153, 255]]


def test_a_picture_is_what_a_sound_encoder_is_given(folder, tmp_path):
    report = pack(folder, tmp_path / "set")
    task = load("csv", folder)
    logmel = LogMel(range_db=50.0)
    sounds = load_logmels([clip.path for clip in task.clips], logmel, clip_seconds=task.clip_seconds)
    found = patterngen.open_dataset(str(tmp_path / "set"))
    assert (
        (report.clips, report.pictures) == (8, len(found)) == (8, sum(-(-s.shape[1] // 32) for s in sounds))
    )
    for n in range(len(found)):
        said = json.loads(found[n].row["params"])
        number = int(said["clip"].removesuffix(".wav"))
        start = round(said["seconds"] * 100)
        part = sounds[number][:, start : start + 32]
        pixels = decode(found[n].data)
        assert (pixels == pixels[..., :1]).all()  # gray
        levels = (pixels[:, : part.shape[1], 0] / 255 - 1) * 50 * np.log(10) / 10
        # JPEG, beside the step of a byte: within a decibel on the average.
        assert np.abs(levels - part.numpy()).mean() < np.log(10) / 10
        assert pixels[:, part.shape[1] + 8 :].max(initial=0) <= 8  # past its end it is black
        assert found[n].row["class_id"] == task.targets[number]
        assert said["part"] == task.clips[number].part


def test_a_hum_is_bright_in_low_rows_at_the_top(folder, tmp_path):
    pack(folder, tmp_path / "set")
    rows = decode(patterngen.open_dataset(str(tmp_path / "set"))[0].data)[:, :8, 0].mean(axis=1)
    assert rows.argmax() < 20  # 440 Hz is in the lowest quarter of 80 bands


def test_joined_clips_leave_no_black(folder, tmp_path):
    apart, joined = pack(folder, tmp_path / "apart"), pack(folder, tmp_path / "joined", join=True)
    assert joined.pictures < apart.pictures
    found = patterngen.open_dataset(str(tmp_path / "joined"))
    assert {json.loads(found[n].row["params"])["clip"] for n in range(len(found))} <= {
        f"{i}.wav" for i in range(8)
    }
    # Every column has sound in it: a loudest band within 50 dB of its clip's.
    assert all(decode(picture.data)[..., 0].max(axis=0).min() > 20 for picture in found)


def test_test_clips_can_be_left_out(folder, tmp_path):
    report = pack(folder, tmp_path / "set", held_out=(2,))
    found = patterngen.open_dataset(str(tmp_path / "set"))
    assert report.clips == 4
    assert {json.loads(picture.row["params"])["part"] for picture in found} == {"fold 1"}


def test_running_again_changes_nothing_and_other_settings_are_refused(folder, tmp_path):
    pack(folder, tmp_path / "set")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").glob("*.tar")}
    pack(folder, tmp_path / "set")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").glob("*.tar")} == before
    assert DatasetFolder.open(str(tmp_path / "set")).job_hash
    for other in ({"range_db": 60.0}, {"clips_per_shard": 5}):
        with pytest.raises(PatternGenError, match="holds another dataset"):
            pack(folder, tmp_path / "set", **other)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"held_out": (3,)}, r"--held-out 3: csv has folds 1 … 2"),
        ({"held_out": (1, 2)}, "every clip is in the test part"),
        ({"frames": 0}, "frames = 0"),
        ({"range_db": 0.0}, "range_db = 0"),
    ],
)
def test_mistakes_are_named(folder, tmp_path, wrong, said):
    with pytest.raises(TrainerError, match=said):
        pack(folder, tmp_path / "set", **wrong)
