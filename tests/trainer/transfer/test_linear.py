from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from trainer.encoders.features import Feature
from trainer.errors import TrainerError
from trainer.tasks import Clip, Task
from trainer.transfer.linear import (
    LinearConfig,
    LinearProtocol,
    classification_loss,
    probe_fold,
    protocol_name,
    transfer_linear,
)

QUICK = LinearProtocol(lr=0.03, epochs=40)


def task(labels, folds):
    clips = [
        Clip(Path(f"{i}.wav"), label, fold) for i, (label, fold) in enumerate(zip(labels, folds, strict=True))
    ]
    return Task("made", tuple(clips), 1.0)


@pytest.fixture
def separable():
    """Four classes around four corners, and the folds 1 and 2 in turn."""
    rng = np.random.default_rng(0)
    classes = np.arange(160) % 4
    features = np.eye(4)[classes] * 5 + rng.normal(size=(160, 4))
    return task([f"class {c}" for c in classes], np.arange(160) // 80 + 1), torch.tensor(features).float()


def probe(made, features, seed=0, protocol=QUICK):
    return probe_fold(features, made, next(made.folds()), seed=seed, protocol=protocol)


# --- scores ------------------------------------------------------------------------------------


def test_what_a_line_separates_is_learned(separable):
    made, features = separable
    assert probe(made, features) > 0.97
    apart = torch.from_numpy(10 * np.eye(4, dtype=np.float32)[made.targets]) + features
    assert probe(made, apart) == 1
    assert probe(made, 1000 * features + 77) == probe(made, features)  # whatever the units


def test_labels_without_sense_give_chance(separable):
    made, features = separable
    shuffled = np.random.default_rng(1).permutation([clip.label for clip in made.clips])
    senseless = task(shuffled, [clip.fold for clip in made.clips])
    scores = [probe(senseless, features, seed) for seed in range(5)]
    assert abs(np.mean(scores) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 80)


def test_several_labels_a_clip_are_scored_by_mean_average_precision(separable):
    made, features = separable
    several = task(
        [(clip.label, "even" if i % 2 else "odd") for i, clip in enumerate(made.clips)],
        np.arange(160) // 80 + 1,
    )
    assert several.multi_label
    assert probe(several, features) > 0.97


def test_equal_seeds_give_equal_scores(separable):
    made, features = separable
    noisy = features + 4 * torch.randn(features.shape, generator=torch.Generator().manual_seed(0))
    scores = [probe(made, noisy, seed) for seed in range(4)]
    torch.manual_seed(99)  # what others draw does not matter
    assert scores == [probe(made, noisy, seed) for seed in range(4)]
    assert len(set(scores)) > 1


# --- the test clips choose nothing -------------------------------------------------------------


def test_test_features_reach_no_weight(separable, monkeypatch):
    made, features = separable
    fold = next(made.folds())
    layers = []
    monkeypatch.setattr(
        torch.nn, "Linear", lambda *size, real=torch.nn.Linear: layers.append(real(*size)) or layers[-1]
    )
    probe(made, features)
    poisoned = features.clone()
    poisoned[fold.test] = torch.nan
    probe(made, poisoned)
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert layers[1].weight.isfinite().all()


def test_test_labels_choose_no_epoch(separable):
    made, features = separable
    noisy = features + 4 * torch.randn(features.shape, generator=torch.Generator().manual_seed(0))
    fold = next(made.folds())
    half = np.zeros(len(fold.test), bool)
    half[::2] = True
    parts = [replace(fold, test=fold.test[half]), replace(fold, test=fold.test[~half])]
    scores = [probe_fold(noisy, made, part, seed=0, protocol=QUICK) for part in parts]
    # If test clips chose the epoch, each half would choose its own and together they would beat the whole.
    assert probe(made, noisy) == pytest.approx(np.mean(scores))


def test_validation_clips_choose_the_epoch_and_no_weight(separable):
    made, features = separable
    fold = next(made.folds())
    fold = replace(fold, train=fold.train[:60], valid=fold.train[60:])
    misleading = features.clone()
    # Here the better the training, the worse the score: the first epoch is the best.
    misleading[fold.valid] = features[fold.valid].roll(1, dims=1)
    slow = replace(QUICK, lr=0.003)
    first = probe_fold(features, made, fold, seed=0, protocol=replace(slow, epochs=1))
    assert probe_fold(misleading, made, fold, seed=0, protocol=slow) == first
    assert probe_fold(features, made, fold, seed=0, protocol=slow) > first


# --- settings and losses ----------------------------------------------------------------------


def test_classes_of_one_clip_leave_nothing_to_validate_on():
    made = task("abab", [1, 1, 2, 2])
    with pytest.raises(TrainerError, match="no class of fold 1 has two training clips"):
        probe(made, torch.randn(4, 3))


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("norm", [None]),
        ("all", [1, 2, 3, None]),
        ("norm,3,1", [1, 3, None]),
        ("2, 2", [2]),
        ("all ", [1, 2, 3, None]),
    ],
)
def test_layers_are_read(layers, expected):
    config = LinearConfig(task="csv", root=".", layers=layers, pooling="mean, concat")
    assert config.features(3) == [
        Feature(layer, pooling) for layer in expected for pooling in ("concat", "mean")
    ]


def test_spaces_around_all_change_nothing():
    config = LinearConfig(task="csv", root=".", layers="\tall ", pooling=" all")
    assert config.several_layers
    assert config.features(2) == LinearConfig(task="csv", root=".", layers="all", pooling="all").features(2)


@pytest.mark.parametrize("layers", ["", "0", "4", "-1", "first", "1-3", "1,,2", "1 2", "²"])
def test_layers_that_are_not_there_are_named(layers):
    with pytest.raises(TrainerError, match=r"layers = .* is none of .* and norm"):
        LinearConfig(task="csv", root=".", layers=layers).features(3)


def test_protocols_tell_layer_and_pooling_where_they_are_not_the_published():
    assert protocol_name("linear", Feature()) == "linear"
    assert protocol_name("knn", Feature(3, "mean")) == "knn (layer 3, mean)"


@pytest.mark.parametrize("pooling", ["", "max", "mean,,concat"])
def test_poolings_that_are_not_there_are_named(pooling):
    with pytest.raises(TrainerError, match=r"pooling = .* is none of concat, mean, concat\+std"):
        LinearConfig(task="csv", root=".", pooling=pooling)


def test_losses():
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    expected = torch.log(1 + torch.exp(torch.tensor([-2.0, -1.0]))).mean()
    torch.testing.assert_close(classification_loss(logits, torch.tensor([0, 1])), expected)
    several = torch.tensor([[1, 1], [0, 1]])
    expected = torch.log(1 + torch.exp(torch.tensor([-2.0, 0.0, 0.0, -1.0]))).mean()
    torch.testing.assert_close(classification_loss(logits, several), expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"patience": 0},
        {"lr": -1},
        {"valid_share": 0},
        {"valid_share": 1},
        {"valid_share": float("nan")},
    ],
)
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        LinearProtocol(**wrong)


# --- the command -------------------------------------------------------------------------------


def test_layers_and_poolings_are_rows_beside_random_weights_and_floor(tmp_path, picture_encoder, monkeypatch):
    rng = np.random.default_rng(0)
    table = ["file_name,label,fold"]
    for i in range(8):
        soundfile.write(tmp_path / f"{i}.wav", 0.1 * rng.standard_normal(1600), 16_000)
        table.append(f"{i}.wav,{'ab'[i % 2]},{i // 4 + 1}")
    (tmp_path / "metadata.csv").write_text("\n".join(table))
    config = LinearConfig(
        task="csv",
        root=str(tmp_path),
        run=(f"mine={picture_encoder}",),
        out=str(tmp_path / "out"),
        layers="2,norm",
        pooling="concat,mean",
        seeds=2,
        epochs=2,
        knn=3,
        frames=32,
    )
    results = transfer_linear(config)
    kinds = ["", " (mean)", " (layer 2)", " (layer 2, mean)"]
    for encoder in ("random", "mine"):
        found = {row.protocol: row for row in results if row.encoder == encoder}
        assert found.keys() == {f"{protocol}{kind}" for protocol in ("linear", "knn") for kind in kinds}
        assert {row.seeds for name, row in found.items() if name.startswith("linear")} == {2}
        assert {row.seeds for name, row in found.items() if name.startswith("knn")} == {1}
        assert all(len(row.folds) == 2 for row in found.values())
    assert {row.protocol for row in results if row.encoder == "floor"} == {"linear", "knn"}
    assert (tmp_path / "out" / "layers.png").stat().st_size > 10_000
    # What was computed beside, and in threads, is what is computed alone.
    (alone,) = transfer_linear(replace(config, layers="2", pooling="mean", knn=0, out=None))[2:]
    same = next(row for row in results if (row.encoder, row.protocol) == ("mine", "linear (layer 2, mean)"))
    assert (alone.protocol, alone.folds) == (same.protocol, same.folds)
    monkeypatch.setattr("trainer.transfer.linear._probed", pytest.fail)  # it is said before that
    with pytest.raises(TrainerError, match=r"layers = 13: '13' is none of 1 … 12 and norm"):
        transfer_linear(replace(config, layers="13", out=None))
