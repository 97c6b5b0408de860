"""mteb's protocol, by a stub: rows as `datasets` decodes them, in torch's own loader."""

import sys
import types

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from trainer.encoders.encoder import load
from trainer.encoders.mteb import MtebFeatures
from trainer.errors import TrainerError

pytestmark = pytest.mark.numerical
TASK = types.SimpleNamespace(name="Birds")
RATES = (16_000, 8000, 16_000, 44_100, 16_000)


@pytest.fixture(scope="module")
def features(sound_encoder_folder):
    return MtebFeatures(str(sound_encoder_folder))


@pytest.fixture(scope="module")
def rows():
    """Five clips of several lengths and rates, one in stereo."""
    rng = np.random.default_rng(0)
    clips = [0.1 * rng.standard_normal(rate // (2 + i)) for i, rate in enumerate(RATES)]
    clips[2] = np.stack([clips[2], np.zeros_like(clips[2])])
    return [
        {"audio": {"array": clip, "sampling_rate": rate}, "label": i}
        for i, (clip, rate) in enumerate(zip(clips, RATES, strict=True))
    ]


def encode(features, rows, **more):
    def refuses(batch):
        raise AssertionError("mteb's own collation stacks texts")

    loader = DataLoader(rows, batch_size=2, collate_fn=refuses)
    return features.encode(loader, task_metadata=TASK, hf_split="test", hf_subset="default", **more)


def test_vectors_are_the_encoders_in_order(features, rows, sound_encoder_folder):
    found = encode(features, rows, prompt_type=None, batch_size=2, show_progress_bar=False)
    encoder = load(sound_encoder_folder)
    assert found.dtype == np.float32
    for row, vector in zip(rows, found, strict=True):
        array = row["audio"]["array"]
        alone = encoder.embed(array.mean(axis=0) if array.ndim == 2 else array, row["audio"]["sampling_rate"])
        np.testing.assert_array_equal(vector, alone[0])


def test_no_rows_are_no_vectors(features):
    assert encode(features, []).shape == (0, features.encoder.dim)


def test_similarity_is_the_cosine(features):
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((3, 8)), rng.standard_normal((4, 8))
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    np.testing.assert_allclose(features.similarity(a, b), a @ b.T / lengths, atol=1e-6)
    np.testing.assert_allclose(features.similarity(a[0], torch.tensor(a[0])), [[1]], atol=1e-6)
    np.testing.assert_allclose(features.similarity_pairwise(a, b[:3]), np.diag(a @ b.T / lengths), atol=1e-6)


def test_what_does_not_sound_is_refused(features):
    with pytest.raises(TrainerError, match="Birds: rows without audio"):
        encode(features, [{"text": "a robin"}])


def test_it_says_who_it_is_when_mteb_asks(features, sound_encoder_folder, monkeypatch):
    assert "mteb" not in sys.modules
    stub = types.ModuleType("mteb.models.model_meta")
    stub.ModelMeta = types.SimpleNamespace(create_empty=lambda told: told)
    for name in ("mteb", "mteb.models"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, stub.__name__, stub)
    told = features.mteb_model_meta
    assert (told["name"], told["modalities"]) == (f"patterngen/{sound_encoder_folder.name}", ["audio"])
    assert told["embed_dim"] == features.encoder.dim
    # mteb keeps results by name and revision: the same weights have one, and others another.
    assert told["revision"] == MtebFeatures(str(sound_encoder_folder)).mteb_model_meta["revision"]
    assert MtebFeatures(str(sound_encoder_folder), revision="v2").mteb_model_meta["revision"] == "v2"
