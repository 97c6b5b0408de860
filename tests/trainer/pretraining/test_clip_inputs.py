import numpy as np
import pytest
import soundfile

from tests.shallow import shallow_settings
from trainer.pretraining.clip_inputs import clip_inputs

RATE = 16_000


def test_clips_are_spectrograms_of_the_runs_size(tmp_path):
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 2) / RATE)
    soundfile.write(tmp_path / "tone.wav", tone, RATE)
    config = shallow_settings(tmp_path, tmp_path / "run", image_size="80x208", patch_size=16, channels=3)
    images, mean, std = clip_inputs(config, [tmp_path / "tone.wav"])
    assert images.shape == (1, 3, 80, 208)
    loud = images[0, 0]
    assert loud[:, 5:40].mean(1).argmax() in range(20, 32)  # 1 kHz among 80 mel bands from 50 to 8000 Hz
    levels = loud * std + mean
    assert levels.max() == pytest.approx(0, abs=1e-4)  # the loudest
    assert levels[:, 60:].max() == pytest.approx(-50 * np.log(10) / 10, abs=1e-4)  # silence after the clip
    smaller = shallow_settings(tmp_path, tmp_path / "run", image_size=32, channels=1)
    assert clip_inputs(smaller, [tmp_path / "tone.wav"] * 2).images.shape == (2, 1, 32, 32)
