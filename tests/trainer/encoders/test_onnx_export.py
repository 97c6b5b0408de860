"""One graph from the waveform on: it computes what torch does, whatever the length."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from patterngen import MissingDependencyError, PatternGenError, RunFailedError
from tests.encoders import small_config
from trainer.encoders import onnx_export
from trainer.encoders.config import new_encoder, parse_encoder_config
from trainer.encoders.encoder import Encoder
from trainer.encoders.feature import POOLINGS, Feature
from trainer.encoders.onnx_export import OnnxConfig, WaveformEncoder, export_onnx
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError
from trainer.sound.logmel import LogMel

RATE = 16_000


@pytest.mark.parametrize("samples", [1, 500, 10_079, 10_080, 10_081, 33_333])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_module_to_be_exported_is_the_encoder(sound_encoder, samples, pooling):
    waveform = 0.1 * torch.randn(2, samples, generator=torch.Generator().manual_seed(0))
    plain = replace(sound_encoder.config, feature=Feature((5, "norm", "logmel"), pooling))
    overlapping = replace(plain, stride=(16, 8))
    for config in (plain, overlapping):
        encoder = SoundEncoder(new_encoder(config), config).eval()
        with torch.no_grad():
            embedding, features = WaveformEncoder(encoder)(waveform)
        expected = Encoder(encoder, precision="float32").embed(waveform, RATE)
        np.testing.assert_allclose(embedding, expected, atol=1e-4)
        assert features.shape[1] == encoder.steps(torch.tensor(1 + samples // 160))


def shallow(stride=None, feature=None, **settings):
    """An untrained encoder of one block: a graph takes torch a second per block."""
    torch.manual_seed(0)
    logmel = LogMel(n_mels=16, **settings)
    config = small_config(16, 64, logmel=logmel, stride=stride, feature=feature)
    vit = new_encoder(config)
    vit.blocks = vit.blocks[:1]
    return Encoder(SoundEncoder(vit, config), precision="float32")


@pytest.fixture(scope="module")
def encoder():
    return shallow(feature=Feature())


@pytest.fixture(scope="module")
def exported(encoder, tmp_path_factory):
    pytest.importorskip("onnxscript")
    out = tmp_path_factory.mktemp("onnx") / "shallow.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.encoders.onnx_export.load", lambda *args, **settings: encoder)
        return out, export_onnx(OnnxConfig(run="shallow", out=str(out)))


@pytest.fixture(scope="module")
def session(exported):
    import onnxruntime

    return onnxruntime.InferenceSession(exported[0])


@pytest.mark.parametrize(("clips", "samples"), [(1, 1), (1, 1600), (7, 5000), (2, 10_240), (1, 100_000)])
def test_onnx_runtime_computes_the_same(session, encoder, clips, samples):
    waveform = (0.1 * np.random.default_rng(samples).standard_normal((clips, samples))).astype(np.float32)
    embedding, features = session.run(["embedding", "features"], {"waveform": waveform})
    expected = encoder.embed(waveform, RATE)
    assert np.abs(embedding - expected).max() < 1e-3 * features.std()
    pooled = np.concatenate([features.mean(axis=1), features.std(axis=1)], axis=1)
    np.testing.assert_allclose(pooled, embedding, atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"feature": Feature((1, "norm", "logmel"), "concat+max"), "stride": (8, 6)},
        {"feature": Feature(("logmel",)), "style": "kaldi", "range_db": 50.0},
        {"feature": Feature((1,), "mean"), "style": "kaldi", "range_db": 50.0, "stride": (8, 6)},
        {},
    ],
)
def test_other_features_log_mels_and_patches_that_overlap_are_computed_too(settings):
    pytest.importorskip("onnxscript")
    encoder = shallow(**settings)
    report = onnx_export._compare(encoder, onnx_export._graph(encoder), "x.onnx")
    assert report.difference < 1e-3
    assert report.inputs == 5


def test_the_report_says_how_near(exported):
    out, report = exported
    assert report.difference < 1e-3
    assert str(report).startswith(f"{out}: ONNX Runtime and torch differ by ")
    assert sorted(path.name for path in out.parent.iterdir()) == ["shallow.onnx"]


def test_the_file_says_what_it_wants(session, encoder):
    described = session.get_modelmeta().custom_metadata_map
    assert described["sample_rate"] == "16000"
    assert described["min_samples"] == "1"
    assert (described["dim"], described["step_dim"]) == ("384", "192")
    assert described["step_ms"] == "160.0"
    assert parse_encoder_config(json.loads(described["encoder"]), Path("x.onnx")) == encoder.model.config
    assert session.get_inputs()[0].shape == ["clips", "samples"]
    assert [(output.name, output.shape) for output in session.get_outputs()] == [
        ("embedding", ["clips", 384]),
        ("features", ["clips", "steps", 192]),
    ]


def test_the_file_is_well_formed_and_tells_nothing_of_this_machine(exported):
    onnx = pytest.importorskip("onnx")
    onnx.checker.check_model(str(exported[0]), full_check=True)
    content = exported[0].read_bytes()
    assert str(Path(onnx_export.__file__).parent.parent).encode() not in content
    assert b"stack_trace" not in content


def test_a_graph_that_computes_something_else_is_not_written(tmp_path, monkeypatch, exported):
    def another(encoder):
        return exported[0].read_bytes()

    wrong = shallow(feature=Feature())
    torch.nn.init.constant_(wrong.model.vit.norm.bias, 0.01)
    monkeypatch.setattr(onnx_export, "_graph", another)
    monkeypatch.setattr("trainer.encoders.onnx_export.load", lambda *args, **settings: wrong)
    with pytest.raises(RunFailedError, match=r"differ by .*e-02 standard deviations.*nothing was written"):
        export_onnx(OnnxConfig(run="shallow", out=str(tmp_path / "x.onnx")))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", ["embedding", "features"])
def test_a_graph_that_computes_nan_is_refused(monkeypatch, encoder, wrong):
    onnxruntime = pytest.importorskip("onnxruntime")

    class Session:
        def __init__(self, *args, **settings):
            pass

        def run(self, names, inputs):
            with torch.no_grad():
                found = WaveformEncoder(encoder.model)(torch.from_numpy(inputs["waveform"]))
            return [
                np.full_like(value, np.nan) if name == wrong else value.numpy()
                for name, value in zip(names, found, strict=True)
            ]

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    with pytest.raises(RunFailedError, match=r"differ by nan standard deviations.*nothing was written"):
        onnx_export._compare(encoder, b"", "x.onnx")


def test_mistakes_are_told_before_anything_is_done(
    picture_encoder, sound_encoder_folder, tmp_path, monkeypatch
):
    with pytest.raises(PatternGenError, match=r"sound\.pt"):
        export_onnx(OnnxConfig(run=str(sound_encoder_folder), out=str(tmp_path / "sound.pt")))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "onnxscript", None)
        patch.setitem(sys.modules, "onnxruntime", None)
        with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[train,onnx\]'"):
            export_onnx(OnnxConfig(run=str(sound_encoder_folder), out=str(tmp_path / "sound.onnx")))
    monkeypatch.setattr(onnx_export, "_need_onnx", lambda: None)
    with pytest.raises(TrainerError, match="without sound settings"):
        export_onnx(OnnxConfig(run=str(picture_encoder), out=str(tmp_path / "p.onnx")))
    monkeypatch.setattr(onnx_export, "_LARGEST", 1000)
    with pytest.raises(TrainerError, match=r"GB of weights, and an ONNX file holds 2\.1 GB"):
        export_onnx(OnnxConfig(run=str(sound_encoder_folder), out=str(tmp_path / "sound.onnx")))
    assert not list(tmp_path.iterdir())
