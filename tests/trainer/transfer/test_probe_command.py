from dataclasses import replace

import numpy as np
import pytest
import soundfile

from trainer.encoders.feature import TIME_AVERAGE, Feature, parse_features
from trainer.errors import TrainerError
from trainer.transfer.probe import protocol_name, transfer_probe
from trainer.transfer.probe_config import ProbeConfig

# --- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"layers": "3,3"}, {"layers": "0"}, {"pooling": "max"}])
def test_what_cannot_be_read_is_refused_at_once(wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        ProbeConfig(task="csv", root=".", **wrong)


def test_protocols_tell_layer_and_pooling_where_they_are_not_the_default():
    assert protocol_name("linear", Feature()) == "linear"
    assert protocol_name("linear", TIME_AVERAGE) == "linear (concat)"
    assert protocol_name("knn", Feature((3,), "mean")) == "knn (layer 3, mean)"


# --- the command -------------------------------------------------------------------------------


def test_layers_and_poolings_are_rows_beside_random_weights_and_floor(tmp_path, picture_encoder, monkeypatch):
    rng = np.random.default_rng(0)
    table = ["file_name,label,fold"]
    for i in range(8):
        soundfile.write(tmp_path / f"{i}.wav", 0.1 * rng.standard_normal(1600), 16_000)
        table.append(f"{i}.wav,{'ab'[i % 2]},{i // 4 + 1}")
    (tmp_path / "metadata.csv").write_text("\n".join(table))
    config = ProbeConfig(
        task="csv",
        root=str(tmp_path),
        run=(f"mine={picture_encoder}",),
        out=str(tmp_path / "out"),
        layers="each",
        pooling="each",
        seeds=2,
        neighbours=3,
        frames=32,
    )
    results = transfer_probe(config)
    features = parse_features("each", "each", 12)
    assert len(features) == 13 * 4
    kinds = [f" ({feature})" if str(feature) else "" for feature in features]
    for encoder in ("random", "mine"):
        found = {row.protocol: row for row in results if row.encoder == encoder}
        assert found.keys() == {f"{protocol}{kind}" for protocol in ("linear", "knn") for kind in kinds}
        assert {row.seeds for name, row in found.items() if name.startswith("linear")} == {2}
        networks = 2 if encoder == "random" else 1  # a k-NN asks for no seed, and each network is one
        assert {row.seeds for name, row in found.items() if name.startswith("knn")} == {networks}
        assert all(len(row.folds) == 2 for row in found.values())
    assert {row.protocol for row in results if row.encoder == "floor"} == {"linear", "knn"}
    assert (tmp_path / "out" / "layers.png").stat().st_size > 10_000
    # What was computed beside, and in threads, is what is computed alone.
    less = replace(config, layers="2", pooling="mean", protocol=("linear",), out=None)
    (alone,) = transfer_probe(less)[2:]
    same = next(row for row in results if (row.encoder, row.protocol) == ("mine", "linear (layer 2, mean)"))
    assert (alone.protocol, alone.folds) == (same.protocol, same.folds)
    monkeypatch.setattr("trainer.transfer.probe._probed", pytest.fail)  # it is said before that
    with pytest.raises(TrainerError, match=r"layers = 13: '13' is none of 1 … 12, norm and logmel"):
        transfer_probe(replace(config, layers="13", out=None))
