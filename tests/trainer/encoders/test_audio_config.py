from dataclasses import replace

import pytest

from patterngen import PatternGenError
from trainer.encoders.audio_config import AudioConfig
from trainer.encoders.exported import export_encoder
from trainer.errors import TrainerError
from trainer.sound.logmel import LogMel, log_mel


@pytest.fixture
def exported(sound_encoder, tmp_path):
    """Make exported sound encoders of any log-mel settings."""

    def export(name, **changes):
        config = replace(sound_encoder.config, logmel=replace(sound_encoder.logmel, **changes))
        export_encoder(tmp_path / name, config, sound_encoder.vit.state_dict())
        return tmp_path / name

    return export


def test_without_an_exported_encoder_the_flags_decide(picture_encoder):
    runs = {"--run p": picture_encoder}
    assert AudioConfig().logmel(runs) == LogMel(range_db=50.0)
    assert AudioConfig(sound="librosa", range_db=0).logmel({}) == LogMel()
    assert AudioConfig(sound="kaldi", range_db=0).logmel(runs) == log_mel("kaldi")


def test_an_exported_encoder_brings_its_settings(exported, picture_encoder):
    one, same = exported("one", range_db=30.0), exported("same", range_db=30.0)
    runs = {"--run one": one, "--run p": picture_encoder, "--run same": same}
    assert AudioConfig().logmel(runs) == LogMel(n_mels=32, range_db=30.0)
    assert AudioConfig(sound="librosa").logmel(runs).n_mels == 32
    with pytest.raises(TrainerError, match="--sound kaldi: --run one was exported for the form librosa"):
        AudioConfig(sound="kaldi").logmel(runs)


@pytest.mark.parametrize("flag", [{"frames": 96}, {"stride": "8x8"}])
def test_an_exported_encoder_is_not_asked_for_another_input(exported, flag):
    path = exported("mine")
    config = AudioConfig(**flag)
    with pytest.raises(TrainerError, match=rf"--{next(iter(flag))} .*was exported .*leave the flag out"):
        config.adapt(path, LogMel(n_mels=32), 0.0, 1.0)


def test_encoders_that_hear_in_different_ways_are_told_apart(exported):
    runs = {"--run one": exported("one"), "--run two": exported("two", f_min=60.0, range_db=30.0)}
    with pytest.raises(
        TrainerError, match=r"--run one and --run two .* \(f_min 50.0 and 60.0, range_db None and 30"
    ):
        AudioConfig().logmel(runs)


@pytest.mark.parametrize(("sound", "shape"), [("librosa", (80, 208)), ("kaldi", (128, 1024))])
def test_published_inputs_are_the_defaults(picture_encoder, sound, shape):
    config = AudioConfig(sound=sound)
    encoder = config.adapt(picture_encoder, config.logmel({}), 0.0, 1.0)
    assert encoder.config.input_size == shape
    assert encoder.vit.patch_embed.grid_size == (shape[0] // 16, shape[1] // 16)


@pytest.mark.parametrize(
    ("text", "stride"), [(None, None), ("8", (8, 8)), ("16x8", (16, 8)), ("10×4", (10, 4))]
)
def test_strides_are_read(text, stride):
    assert AudioConfig(stride=text).patch_stride == stride


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stride": "8x8x8"}, "stride = 8x8x8: give bands x frames"),
        ({"stride": "0x8"}, "stride = 0x8"),
        ({"stride": "a"}, "stride = a"),
        ({"frames": 0}, "frames = 0"),
        ({"range_db": -3.0}, r"range_db = -3.0 must be at least 0"),
    ],
)
def test_settings_out_of_range_are_named(wrong, said):
    with pytest.raises(PatternGenError, match=said):
        AudioConfig(**wrong)
