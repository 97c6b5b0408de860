import numpy as np
import pytest

from trainer import tasks
from trainer.errors import TrainerError
from trainer.sound.audio import read_clip
from trainer.tasks import tones


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tones.synthesise(tmp_path_factory.mktemp("tones"))


def test_every_class_is_in_every_fold_alike(folder):
    task = tasks.load("tones", folder)
    assert len(task.classes) == 8
    for fold in task.folds():
        counts = np.bincount(task.targets[fold.test], minlength=8)
        assert counts.min() == counts.max() > 0


def test_every_clip_is_a_second_of_sound(folder):
    for clip in tasks.load("tones", folder).clips[::7]:
        wave = read_clip(clip.path, tones.SAMPLE_RATE)
        assert len(wave) == tones.SECONDS * tones.SAMPLE_RATE
        assert 0.05 < np.abs(wave).max() <= 1


def test_folds_differ_in_pitch(folder):
    """The strongest frequency of each fold's plain tones lies in the region of that fold."""
    task = tasks.load("tones", folder)
    for clip in task.clips:
        if clip.label == "harmonic":
            wave = read_clip(clip.path, tones.SAMPLE_RATE)
            strongest = np.argmax(np.abs(np.fft.rfft(wave))) * tones.SAMPLE_RATE / len(wave)
            octave = np.log2(strongest / 110)
            assert (clip.fold - 1) * 0.8 - 0.02 <= octave <= clip.fold * 0.8 + 0.02


def test_written_once_and_alike(folder, tmp_path):
    again = tones.synthesise(tmp_path / "deep" / "folder")
    names = sorted(path.relative_to(again) for path in again.rglob("*.wav"))
    assert len(names) == 480
    for name in names[::37]:
        assert (again / name).read_bytes() == (folder / name).read_bytes()
    (again / names[0]).unlink()
    tones.synthesise(again)
    assert not (again / names[0]).exists()  # a folder with its table is taken as it is


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainerError, match="cannot write the tones"):
        tones.synthesise(tmp_path / "file")
