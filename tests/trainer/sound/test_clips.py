from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from trainer.sound.audio import ClipError
from trainer.sound.cache import Cache
from trainer.sound.clips import LoadedClip, load_clips, load_logmels, mean_and_std, skipped_note
from trainer.sound.logmel import LogMel

RATE = 16_000


@pytest.fixture
def folder(tmp_path):
    """Three clips, one without a sample and one with NaN."""
    rng = np.random.default_rng(0)
    for name, samples in (("a.wav", 1600), ("b.flac", 8000), ("c.ogg", 4000), ("empty.wav", 0)):
        soundfile.write(tmp_path / name, 0.1 * rng.standard_normal(samples), RATE)
    soundfile.write(tmp_path / "nan.wav", np.array([0.1, np.nan]), RATE, subtype="FLOAT")
    return tmp_path


GOOD = ("a.wav", "b.flac", "c.ogg")


def loaded(folder, names=GOOD, logmel=LogMel(), **settings):  # noqa: B008 - a frozen value
    return list(load_clips([folder / name for name in names], logmel, clip_seconds=None, **settings))


# --- bad clips ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["empty.wav", "nan.wav", "absent.wav"])
@pytest.mark.parametrize("cached", [True, False])
def test_a_bad_clip_stops_the_reading_by_name(folder, name, cached):
    with pytest.raises(ClipError, match=rf"{name}: "):
        loaded(folder, ("a.wav", name), cache=Cache(folder / "cache" if cached else None))


def test_bad_clips_are_left_out_if_asked(folder):
    found = loaded(folder, ("nan.wav", "a.wav", "empty.wav", "absent.wav", "b.flac"), skip_bad=True)
    assert [isinstance(clip, LoadedClip) for clip in found] == [False, True, False, False, True]
    errors = [clip for clip in found if isinstance(clip, ClipError)]
    said = skipped_note(errors, of=5)
    assert said.startswith("3 of 5 clips left out (--skip-bad): ")
    assert all(word in said for word in ("nan.wav: holds samples that are NaN", "empty.wav", "absent.wav"))
    assert skipped_note(errors * 4, of=99).endswith("; and 7 more")


@pytest.mark.parametrize("cached", [True, False])
def test_a_file_that_may_not_be_read_is_a_bad_clip(folder, monkeypatch, cached):
    def refuse(path, *args):
        raise PermissionError(13, "Permission denied", str(path))

    # As root may read everything, the system is played.
    monkeypatch.setattr("trainer.sound.clips.digests.of_file", refuse)
    monkeypatch.setattr("trainer.sound.clips.read_logmel", refuse)
    cache = Cache(folder / "cache" if cached else None)
    (error,) = loaded(folder, ("a.wav",), cache=cache, skip_bad=True)
    assert isinstance(error, ClipError)
    assert str(error).startswith(f"{folder / 'a.wav'}: cannot be read (Permission denied)")
    with pytest.raises(ClipError, match=r"a\.wav: .* --skip-bad"):
        loaded(folder, ("a.wav",), cache=cache)


def test_only_who_can_leave_clips_out_is_told_to(folder):
    with pytest.raises(ClipError, match="--skip-bad"):
        loaded(folder, ("empty.wav",))
    with pytest.raises(ClipError, match=r"empty\.wav") as error:
        load_logmels([folder / "empty.wav"], LogMel(), clip_seconds=None)
    assert "--skip-bad" not in str(error.value)


# --- the cache ---------------------------------------------------------------------------------


def test_a_clip_is_read_once(folder, monkeypatch):
    cache = Cache(folder / "cache")
    first = loaded(folder, cache=cache)
    monkeypatch.setattr("trainer.sound.clips.read_logmel", pytest.fail)
    again = loaded(folder, cache=cache)
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one.logmel, other.logmel)
        assert one.key == other.key
    (folder / "moved.wav").write_bytes((folder / "a.wav").read_bytes())
    assert loaded(folder, ("moved.wav",), cache=cache)[0].key == first[0].key  # by content, not by name


def test_other_content_and_other_settings_are_other_entries(folder):
    cache = Cache(folder / "cache")
    settings = [{}, {"logmel": LogMel(n_mels=40)}, {"logmel": LogMel(range_db=50.0)}]
    keys = [loaded(folder, ("a.wav",), cache=cache, **chosen)[0].key for chosen in settings]
    cut = next(load_clips([folder / "a.wav"], LogMel(), clip_seconds=0.05, cache=cache))
    (folder / "a.wav").write_bytes((folder / "c.ogg").read_bytes())
    (changed,) = loaded(folder, ("a.wav",), cache=cache)
    assert len({*keys, cut.key, changed.key}) == 5
    torch.testing.assert_close(
        changed.logmel, load_logmels([folder / "c.ogg"], LogMel(), clip_seconds=None)[0]
    )


# --- reading -----------------------------------------------------------------------------------


def test_statistics_are_over_all_bands_and_frames():
    random = torch.Generator().manual_seed(0)
    clips = [3 * torch.randn(32, frames, generator=random) - 4 for frames in (20, 1, 70)]
    values = np.concatenate([clip.numpy().ravel() for clip in clips])
    assert mean_and_std(clips) == pytest.approx((values.mean(), values.std(ddof=1)), rel=1e-4)
    assert mean_and_std([torch.zeros(4, 5)]) == (0, 1e-3)  # silence divides by no zero


def test_clips_are_cut_but_not_filled_up(tmp_path):
    def clip(name: str, seconds: float) -> Path:
        soundfile.write(tmp_path / name, 0.1 * np.sin(np.arange(round(16000 * seconds))), 16000)
        return tmp_path / name

    logmel = LogMel()
    paths = [clip("short.wav", 0.2), clip("long.wav", 2.0)]
    short, long = load_logmels(paths, logmel, clip_seconds=1.0)
    assert (short.shape[1], long.shape[1]) == (logmel.frames(3200), logmel.frames(16000))
    whole = load_logmels(paths, logmel, clip_seconds=None)[1]
    # Up to where the transform reaches over the cut.
    torch.testing.assert_close(long[:, :-2], whole[:, : long.shape[1] - 2], atol=1e-5, rtol=0)
