"""The encoder as a plain object: one embedding path, and features over time."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import trainer
from patterngen import RunFailedError
from tests.encoders import small_config
from trainer.encoders.config import new_encoder
from trainer.encoders.embed import EmbedConfig, embed_folder
from trainer.encoders.encoder import Encoder, load
from trainer.encoders.exported import export_encoder
from trainer.encoders.feature import TIME_AVERAGE, Feature
from trainer.encoders.hear import HearModel, get_scene_embeddings
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError
from trainer.sound.logmel import LogMel, standardise
from trainer.transfer.task_features import EvaluationConfig, TaskFeatures

pytestmark = pytest.mark.numerical

RATE = 16_000


@pytest.fixture(scope="module")
def encoder(sound_encoder_folder):
    return load(sound_encoder_folder, device="cpu", precision="float32")


@pytest.fixture(scope="module")
def kaldi():
    """An untrained encoder of the other style, whose patches are 8 frames wide."""
    torch.manual_seed(3)
    config = small_config(32, 32, patch_size=(16, 8), logmel=LogMel(style="kaldi", n_mels=32))
    return Encoder(SoundEncoder(new_encoder(config), config), precision="float32")


@pytest.fixture(scope="module")
def overlapping(sound_encoder):
    """An untrained encoder whose patches of 16 frames begin every 8."""
    torch.manual_seed(4)
    config = replace(sound_encoder.config, stride=(16, 8))
    return Encoder(SoundEncoder(new_encoder(config), config), precision="float32")


def with_feature(encoder, feature):
    return SoundEncoder(encoder.vit, replace(encoder.config, feature=feature)).eval()


def noise(*shape, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


# --- embeddings ------------------------------------------------------------------------------------------


FUSED = Feature((3, "norm", "logmel"))


@pytest.fixture(scope="module")
def fused_folder(sound_encoder, tmp_path_factory):
    """An exported encoder whose feature is of two layers and of the mel bands."""
    folder = tmp_path_factory.mktemp("encoders") / "fused"
    export_encoder(folder, replace(sound_encoder.config, feature=FUSED), sound_encoder.vit.state_dict())
    return folder


@pytest.mark.parametrize(
    ("of", "precision"),
    [("sound_encoder", "float32"), ("fused", "float32"), ("fused", "bf16"), ("fused", "int8")],
)
def test_one_sound_gives_one_vector_wherever_it_is_embedded(request, tmp_path, of, precision):
    """As a file by `trainer embed` or of a task, as a waveform, in HEAR's hands; and nearly so by itself."""
    folder = request.getfixturevalue(f"{of}_folder")
    feature = {"sound_encoder": TIME_AVERAGE, "fused": FUSED}[of]
    clips = [(noise(30_000), 44_100), (noise(5000), RATE), (noise(70), 8000), (noise(5000, seed=1), RATE)]
    rows = ["file_name,label,fold"]
    for i, (waveform, rate) in enumerate(clips):
        soundfile.write(tmp_path / f"{i}.wav", waveform, rate, subtype="FLOAT")
        rows.append(f"{i}.wav,{'ab'[i % 2]},{1 + i // 2}")
    out = tmp_path / "vectors.parquet"
    folders = {"root": str(tmp_path), "run": (str(folder),), "cache": "none"}
    embed_folder(
        EmbedConfig(clips=str(tmp_path), run=str(folder), out=str(out), precision=precision, cache="none")
    )
    of_files = np.stack(pq.read_table(out)["embedding"].to_numpy())
    (tmp_path / "metadata.csv").write_text("\n".join(rows))
    sound = TaskFeatures(EvaluationConfig(task="csv", precision=precision, **folders))
    of_task = sound.embed(sound.encoders()[folder.name], [feature], label="test")[feature]
    np.testing.assert_array_equal(of_task.numpy(), of_files)
    encoder = load(folder, device="cpu", precision=precision)
    assert encoder.dim == of_files.shape[1]
    for vector, (waveform, rate) in zip(of_files, clips, strict=True):
        np.testing.assert_array_equal(encoder.embed([waveform, waveform[::-1]], rate)[0], vector)
        apart = np.linalg.norm(encoder.embed(waveform, rate)[0] - vector) / np.linalg.norm(vector)
        assert apart < (1e-5 if precision == "float32" else 3e-2)
    alike = torch.from_numpy(np.stack([clips[3][0], clips[1][0]]))
    np.testing.assert_array_equal(get_scene_embeddings(alike, HearModel(encoder)).numpy(), of_files[[3, 1]])


def test_the_package_exports_it(sound_encoder_folder):
    encoder = trainer.load(sound_encoder_folder, device="cpu")
    assert encoder.dim == 2 * 192
    assert repr(encoder) == f"<Encoder vit_tiny: sound at {RATE} Hz, 384 numbers a clip, on cpu>"


def test_every_way_to_hand_over_sound_gives_the_same(encoder):
    batch = noise(3, 4000)
    expected = encoder.embed(batch, RATE)
    assert expected.shape == (3, encoder.dim)
    assert expected.dtype == np.float32
    for same in (batch.astype(np.float64), torch.from_numpy(batch), list(batch), tuple(torch.tensor(batch))):
        np.testing.assert_array_equal(encoder.embed(same, RATE), expected)
    one = encoder.embed(batch[1], RATE)
    assert one.shape == (1, encoder.dim)
    np.testing.assert_allclose(one[0], expected[1], rtol=0, atol=1e-2 * np.abs(expected).max())
    assert encoder.embed([], RATE).shape == (0, encoder.dim)


def test_clips_of_a_list_do_not_feel_each_other(encoder):
    clips = [noise(samples, seed=samples) for samples in (1, 900, 12_000, 40_000)]
    together = encoder.embed(clips, RATE)
    for clip, vector in zip(clips, together, strict=True):
        np.testing.assert_array_equal(encoder.embed([clips[1], clip], RATE)[1], vector)


def test_the_rate_of_a_recording_hardly_matters(encoder):
    def hum(rate):
        return 0.1 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)

    vectors = [encoder.embed(hum(rate), rate)[0] for rate in (RATE, 44_100, 8000)]
    other = encoder.embed(noise(RATE), RATE)[0]
    near = [np.linalg.norm(vectors[0] - vector) for vector in vectors[1:]]
    assert max(near) < 0.1 * np.linalg.norm(vectors[0] - other)


def test_it_works_in_silence(encoder, capfd):
    encoder.embed(noise(2, 4000), RATE)
    encoder.frames(noise(2, 4000), RATE)
    assert capfd.readouterr() == ("", "")


def test_bf16_gives_float32_that_is_near(sound_encoder, encoder):
    half = Encoder(sound_encoder, precision="bf16")
    for exact, rough in (
        (encoder.embed, half.embed),
        (lambda *a: encoder.frames(*a)[0], lambda *a: half.frames(*a)[0]),
    ):
        expected, found = exact(noise(8000), RATE), rough(noise(8000), RATE)
        assert found.dtype == np.float32
        assert 0 < np.abs(found - expected).max() < 0.1 * expected.std()


# --- over time -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def each(request, encoder, kaldi, overlapping):
    return {"plain": encoder, "kaldi": kaldi, "overlapping": overlapping}[request.param]


every_kind = pytest.mark.parametrize("each", ["plain", "kaldi", "overlapping"], indirect=True)


@every_kind
@settings(max_examples=15, deadline=None)
@given(samples=st.integers(1, 12_000), limit=st.floats(10, 400), rate=st.sampled_from([RATE, 11_025]))
def test_time_steps_are_regular_and_within_the_clip(each, samples, limit, rate):
    samples = max(samples, 2)  # one sample at a higher rate may be none at ours
    features, times = each.frames(noise(samples), rate, limit)
    assert features.shape == (1, len(times), each.step_dim)
    assert np.isfinite(features).all()
    hop, duration = each.hop_ms(limit), 1000 * samples / rate
    assert hop <= limit
    assert times[0] >= 0
    assert times[-1] <= duration
    np.testing.assert_allclose(np.diff(times), hop, atol=1e-9)
    # No room for another at the end, and at the start for none but what half a frame takes.
    assert duration - times[-1] < hop
    assert times[0] <= min(duration, each.model.logmel.window_ms / 2 + each.model.logmel.hop_ms / 2)


def test_steps_are_40_ms_apart_unless_asked(encoder):
    _, times = encoder.frames(noise(RATE), RATE)
    assert encoder.hop_ms() == 40
    np.testing.assert_allclose(times, 5 + 40 * np.arange(25))
    assert [encoder.hop_ms(limit) for limit in (10, 20, 79, 80, 160, 1000)] == [10, 20, 40, 80, 160, 160]


def test_the_coarse_grid_is_the_encoders_own(encoder, sound_encoder):
    waveform = noise(RATE)
    coarse, times = encoder.frames(waveform, RATE, 160)
    sound = standardise(
        sound_encoder.logmel(torch.from_numpy(waveform)), sound_encoder.config.mean, sound_encoder.config.std
    )
    sound = torch.nn.functional.pad(sound, (7, 4))  # half a patch less half a frame lies before the start
    with torch.no_grad():
        expected = sound_encoder(sound[None])[:, : len(times)]
    np.testing.assert_allclose(coarse, expected.numpy(), atol=1e-5)


def test_time_steps_are_of_the_layers_of_the_feature_unpooled(sound_encoder, encoder):
    waveform = noise(20_000)
    both, times = Encoder(with_feature(sound_encoder, FUSED), precision="float32").frames(waveform, RATE)
    norm, _ = encoder.frames(waveform, RATE)
    third, _ = Encoder(with_feature(sound_encoder, Feature((3,), "mean")), precision="float32").frames(
        waveform, RATE
    )
    assert both.shape == (1, len(times), 2 * 2 * 192 + 32)
    # Of other layers beside them, a kernel of another shape may round otherwise.
    np.testing.assert_allclose(both[..., :-32], np.concatenate([third, norm], axis=2), atol=1e-4)
    bands = sound_encoder.logmel(torch.from_numpy(waveform)).numpy()
    inside = [step for step in range(len(times)) if 7 <= 4 * step <= bands.shape[1] - 9]
    expected = np.stack([bands[:, 4 * step - 7 : 4 * step + 9].mean(axis=1) for step in inside])
    np.testing.assert_allclose(both[0, inside, -32:], expected, atol=1e-4)


def test_the_fine_grid_holds_the_coarse_one(encoder):
    waveforms = noise(2, 20_000)
    coarse, seldom = encoder.frames(waveforms, RATE, 160)
    fine, often = encoder.frames(waveforms, RATE, 20)
    np.testing.assert_allclose(often[::8], seldom)
    np.testing.assert_allclose(fine[:, ::8], coarse, atol=1e-5)


@every_kind
@pytest.mark.parametrize("at", [0, 130, 800, 1200, 1990])
def test_a_click_is_found_where_it_is(each, at):
    quiet = 0.01 * noise(2 * RATE)
    click = quiet.copy()
    click[at * RATE // 1000] = 1.0
    (before, times), (after, _) = each.frames(quiet, RATE), each.frames(click, RATE)
    change = np.linalg.norm(after - before, axis=2)[0]
    patch_ms = each.model.patch * each.model.logmel.hop_ms
    feels = np.abs(times - at) < patch_ms / 2 - 15  # a frame reaches 12.5 ms to both sides
    assert change[feels].min() > change[np.abs(times - at) > patch_ms / 2 + 15].max()
    assert abs(np.average(times[feels], weights=change[feels]) - at) < 50


def test_patches_that_overlap_are_finer_by_themselves(overlapping):
    assert [overlapping.hop_ms(limit) for limit in (50, 80, 1000)] == [40, 80, 80]
    waveform = noise(20_000)
    coarse, fine = (overlapping.frames(waveform, RATE, hop)[0] for hop in (80, 40))
    np.testing.assert_allclose(fine[:, ::2], coarse, atol=1e-5)


def test_a_batch_over_time_is_its_clips(encoder):
    batch = noise(70, 2000)  # more than a GPU computes at once
    features, _ = encoder.frames(batch, RATE)
    for i in (0, 63, 64, 69):
        np.testing.assert_array_equal(encoder.frames(batch[i], RATE)[0][0], features[i])
    assert encoder.frames(batch[:0], RATE)[0].shape[0] == 0


# --- mistakes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waveform", "words"),
    [
        (np.zeros((2, 3, 100)), r"shape \(2, 3, 100\): give one clip"),
        (0.5, r"shape \(\): give one clip"),
        ([0.1, 0.2], r"shape \(\): give one clip"),
        (np.zeros((8000, 2)), r"channels side by side: average them first"),
        (np.zeros(100, np.int16), r"int16: give floating point.*divided by 32768"),
        (torch.zeros(100, dtype=torch.int32), r"int32: give floating point"),
        (np.zeros(0), r"clip 0 of 1 holds no samples"),
        ([np.zeros(100), np.zeros(0)], r"clip 1 of 2 holds no samples"),
        (np.array([0.0, np.nan]), r"clip 0 of 1 holds samples that are NaN or infinite"),
        (np.full((2, 100), np.inf), r"clip 0 of 2 holds samples that are NaN"),
        (np.array([[0.0, 0.1], [0.1, 3e38]]), r"clip 1 of 2 holds a sample of 3e\+38, .* at sample 1"),
        (np.array([0.0, 1e300]), r"clip 0 of 1 holds samples that are NaN or infinite"),
    ],
)
def test_what_is_no_waveform_is_said(encoder, waveform, words):
    for method in (encoder.embed, encoder.frames):
        with pytest.raises(TrainerError, match=words):
            method(waveform, RATE)


@pytest.mark.parametrize("rate", [0, -8000, float("nan")])
def test_what_is_no_rate_is_said(encoder, rate):
    with pytest.raises(TrainerError, match=r"sample_rate = .* must be hertz"):
        encoder.embed(noise(100), rate)


def test_time_steps_need_equal_lengths_and_a_hop_there_is(encoder):
    with pytest.raises(TrainerError, match="several lengths"):
        encoder.frames([noise(100), noise(200)], RATE)
    with pytest.raises(TrainerError, match="max_hop_ms = 5 must be at least 10"):
        encoder.frames(noise(1000), RATE, 5)


def test_an_encoder_that_never_met_sound_says_what_to_do(picture_encoder):
    with pytest.raises(TrainerError, match=f"trainer export --run {picture_encoder} --clips") as caught:
        load(picture_encoder)
    assert "\n" not in str(caught.value)


def test_an_encoder_that_gives_nan_is_not_used(sound_encoder):
    broken = SoundEncoder(new_encoder(sound_encoder.config), replace(sound_encoder.config))
    torch.nn.init.constant_(broken.vit.norm.weight, torch.nan)
    for method in (Encoder(broken).embed, Encoder(broken).frames):
        with pytest.raises(RunFailedError, match="gives NaN or infinity"):
            method(noise(4000), RATE)
