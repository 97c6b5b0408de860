"""Other people's evaluators take an encoder, with their own code, in an environment of their own."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

import trainer
from tests.band_encoders import CHANCE, LEARNT, write_band_encoders, write_tones
from tests.forked import Nursery
from tests.shallow import SHALLOW
from trainer import digests
from trainer.cli import main
from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.exported import export_encoder

ROOT = Path(__file__).parents[2]
RATE = 16_000
PACKAGES = (
    *("hearvalidator==2021.0.2", "xares==0.1.3"),
    *("jiwer==4.0.0", "loguru==0.7.3", "pytorch-ignite==0.5.5", "rapidfuzz==3.14.6", "torchaudio==2.11.1"),
)
"""The evaluators, and what they import that ours lacks. Their own requirements are not followed: they would
bring TensorFlow, and torch a second time."""
STAND_INS = {
    "tensorflow.py": '''"""What hear-validator needs in order to see that a model is not TensorFlow's."""


class Module:
    pass
''',
    "transformers.py": '''"""What X-ARES imports for tasks of dictation, of which there is none here."""

AutoModelForCausalLM = AutoTokenizer = None
''',
    "torchcodec/__init__.py": "",
    "torchcodec/decoders.py": '''"""What torchaudio reads sound by: the real one wants FFmpeg\'s libraries."""

from types import SimpleNamespace

import soundfile
import torch


class AudioDecoder:
    def __init__(self, file):
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        self.metadata = SimpleNamespace(sample_rate=rate)
        self.samples = SimpleNamespace(data=torch.from_numpy(samples.T.copy()))

    def get_all_samples(self):
        return self.samples
''',
}
"""What the evaluators import and is too heavy to bring for what they do here."""
UNREACHABLE = ("from versions: none", "NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def evaluators(pytestconfig):
    """An environment with the evaluators, on top of ours; kept between runs."""
    ours = [path for path in sys.path if path.endswith("site-packages")]
    what = "\n".join([sys.version, *PACKAGES, *ours, *map("".join, STAND_INS.items())])
    folder = Path(pytestconfig.cache.mkdir(f"evaluators-{hashlib.sha256(what.encode()).hexdigest()[:12]}"))
    complete = folder / "complete"
    if not complete.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--no-deps"]
        done = subprocess.run(
            [*pip, "--retries", "1", "--timeout", "20", *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and any(words in done.stderr for words in UNREACHABLE):
            pytest.skip("PyPI cannot be reached, and the evaluators have not been installed before")
        assert done.returncode == 0, done.stderr
        (packages,) = folder.glob("lib/python*/site-packages")
        (packages / "ours.pth").write_text("".join(f"{path}\n" for path in ours))
        for name, text in STAND_INS.items():
            (packages / name).parent.mkdir(exist_ok=True)
            (packages / name).write_text(text)
        complete.touch()
    return folder / "bin"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return furnished(tmp_path_factory.mktemp("home"), "vit_tiny")


def furnished(home, model):
    """Make a folder as in docs/encoders.md: a clip, an encoder of pictures, and one of sound made of it."""
    (home / "sound").mkdir()
    for i in range(3):
        soundfile.write(home / f"sound/{i}.wav", 0.1 * np.random.default_rng(i).standard_normal(RATE), RATE)
    (home / "sound/1.wav").rename(home / "clip.wav")
    torch.manual_seed(0)
    config = EncoderConfig(
        model=model, input_size=(64, 64), patch_size=(16, 16), channels=3, mean=0.5, std=0.25
    )
    export_encoder(home / "pictures", config, new_encoder(config).state_dict())
    words = [
        "export",
        "--run",
        home / "pictures",
        "--clips",
        home / "sound",
        "--out",
        home / "encoders/smooth",
    ]
    assert main([str(word) for word in words]) == 0
    return home


@pytest.fixture(scope="module")
def blocks():
    """The Python of docs/encoders.md, by a word in it."""
    text = (ROOT / "docs/encoders.md").read_text()
    found = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    words = (
        "trainer.load()",
        'trainer.load("',
        "XaresFeatures",
        "YavihFeatures",
        "MtebFeatures",
        "onnxruntime",
    )
    return {word: block for word, block in zip(words, found, strict=True) if word in block}


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="module")
def evaluator(evaluators):
    """Run a module of theirs, with words behind it, in a process that has imported them all."""
    imports = "import timm, hearvalidator.validate, trainer.encoders.hear, trainer.encoders.xares, xares.run"
    with Nursery(imports, ENVIRONMENT, [evaluators / "python"]) as nursery:
        yield nursery.run


def test_hear_validator_accepts(evaluator, home):
    words = ("hearvalidator.validate", "trainer.encoders.hear", "--model", "encoders/smooth")
    done = evaluator(*words, cwd=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Looks good!\n")
    assert "Interval between timestamps is 40.0ms" in done.stdout
    assert "suggest" not in done.stderr  # its only warning: an interval of more than 50 ms


def test_xares_accepts(evaluator, home, blocks):
    (home / "smooth_encoder.py").write_text(blocks["XaresFeatures"])
    check = """
from xares.audio_encoder_checker import check_audio_encoder
from xares.utils import attr_from_py_path
encoder = attr_from_py_path("smooth_encoder.py", endswith="Encoder")()  # as xares.run finds it
print(check_audio_encoder(encoder))
encoder.output_dim += 1
print(check_audio_encoder(encoder))  # it does look
"""
    done = evaluator("-c", check, cwd=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "False"], done.stderr


def test_xares_ranks_the_band_with_the_tones_first(evaluator, tmp_path):
    write_tones(tmp_path / "sounds", count=96)  # its training is short: a step for 32 clips, ten times
    write_band_encoders(tmp_path / "encoders", "vit_tiny")
    words = ["tasks", "export", "csv", "--root", tmp_path / "sounds", "--evaluator", "xares"]
    assert main([*map(str, words), "--out", str(tmp_path / "evaluated/tones")]) == 0
    scores = {}
    for name in ("low", "high"):
        (tmp_path / f"{name}_encoder.py").write_text(
            "from trainer.encoders.xares import XaresFeatures\n\n\n"
            f"class {name.title()}Encoder(XaresFeatures):\n    path = 'encoders/{name}'\n"
        )
        files = (f"{name}_encoder.py", "evaluated/tones/xares_task.py")
        done = evaluator("xares.run", "--max-jobs", 0, *files, cwd=tmp_path)
        found = re.search(r"^tones +([\d.]+) +([\d.]+) ", done.stdout, re.MULTILINE)
        assert found, done.stderr
        scores[name] = [float(score) for score in found.groups()]
    for low, high in zip(scores["low"], scores["high"], strict=True):  # its linear layer, its k-NN
        assert high < CHANCE < LEARNT < low, scores


def test_the_python_of_the_documents_runs(tmp_path, blocks, monkeypatch, capsys):
    home = furnished(tmp_path, SHALLOW)
    capsys.readouterr()
    monkeypatch.chdir(home)
    plain: dict[str, np.ndarray] = {}
    exec(blocks['trainer.load("'], plain)
    pinned = f"{digests.of_file('encoders/smooth/encoder.safetensors')}  smooth/encoder.safetensors\n"
    (home / "encoders/SHA256SUMS").write_text(pinned)
    monkeypatch.setattr("trainer.encoders.shipped.shipped_folder", lambda: home / "encoders")
    shipped: dict[str, np.ndarray] = {}
    exec(blocks["trainer.load()"], shipped)
    np.testing.assert_array_equal(shipped["vector"], plain["vectors"])
    assert plain["vectors"].shape == (1, 2 * 5 * 192)
    assert plain["features"].shape == (1, len(plain["times"]), 5 * 192)

    pytest.importorskip("onnxscript")
    assert main(["export", "onnx", "encoders/smooth", "--out", "smooth.onnx"]) == 0
    assert "smooth.onnx: ONNX Runtime and torch differ by" in capsys.readouterr().out
    end = "import sys; assert 'torch' not in sys.modules; np.save('embedding.npy', embedding)"
    done = subprocess.run(
        [sys.executable, "-c", blocks["onnxruntime"] + end],
        cwd=home,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    exact = trainer.load("encoders/smooth", precision="float32")
    expected = exact.embed(plain["waveform"], plain["rate"])
    assert np.abs(np.load("embedding.npy") - expected).max() < 1e-3 * expected.std()


def test_an_encoder_without_sound_settings_ends_in_one_line(home, capsys):
    assert main(["export", "onnx", str(home / "pictures"), "--out", str(home / "p.onnx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"trainer export --run {home / 'pictures'} --clips" in line
    assert not (home / "p.onnx").exists()
