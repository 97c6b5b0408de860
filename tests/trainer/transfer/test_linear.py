from dataclasses import replace

import numpy as np
import pytest
import soundfile

from trainer.encoders.features import Feature
from trainer.errors import TrainerError
from trainer.transfer.linear import LinearConfig, protocol_name, transfer_linear

# --- settings ---------------------------------------------------------------------------------


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
