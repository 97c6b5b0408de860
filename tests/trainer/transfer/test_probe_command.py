from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from tests.encoders import write_picture_encoder
from tests.recordings import write_noises
from tests.shallow import SHALLOW
from trainer.encoders.feature import TIME_AVERAGE, Feature, parse_features
from trainer.errors import TrainerError
from trainer.results.rows import summarise
from trainer.transfer.probe import probe_task, protocol_name, transfer_probe
from trainer.transfer.probe_config import ProbeConfig
from trainer.transfer.task_features import TaskFeatures

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


@pytest.fixture(scope="module")
def picture_encoder(tmp_path_factory):
    """Of two blocks, as a probe of each layer costs as much as the last."""
    return write_picture_encoder(tmp_path_factory.mktemp("encoders") / "shallow", SHALLOW)


def small(tmp_path, picture_encoder, **changed):
    given = {"run": (f"mine={picture_encoder}",), "frames": 32, "seeds": 2, "cache": "none"}
    sounds = write_noises(tmp_path / "sounds", 24, 2, samples=3200)
    return ProbeConfig(**{"task": "csv", "root": str(sounds)} | given | changed)


def test_every_protocol_stands_beside_floor_and_random(tmp_path, picture_encoder):
    protocols = ("linear", "knn", "attentive", "linear-evar")
    config = small(tmp_path, picture_encoder, protocol=protocols)
    data = TaskFeatures(config)
    rows = probe_task(data, config)
    counted = Counter((row.encoder, row.protocol, row.fold) for row in rows)
    assert counted == {
        (encoder, protocol, fold): 1 if protocol == "knn" and encoder != "random" else 2
        for encoder in ("floor", "random", "mine")
        for protocol in protocols
        for fold in ("fold 1", "fold 2")
    }
    told = {row.protocol: row.chosen.partition(" ")[0] for row in rows}
    assert told == {"linear": "strength", "knn": "", "attentive": "strength", "linear-evar": ""}
    assert {row.encoder_sha256 for row in rows if row.encoder == "mine"} == {data.encoders()["mine"].sha256}
    assert len({row.encoder_sha256 for row in rows}) == 3
    assert all(len(row.folds) == 2 for row in summarise(rows))


def test_another_encoder_changes_no_row(tmp_path, picture_encoder):
    alone = small(tmp_path, picture_encoder, seeds=1)
    beside = replace(alone, run=(f"other={picture_encoder}", *alone.run))
    found = [
        {
            (row.encoder, row.protocol): (row.folds, row.settings, row.encoder_sha256)
            for row in transfer_probe(config)
        }
        for config in (alone, beside)
    ]
    assert found[0].items() < found[1].items()


def test_of_several_features_the_one_that_validates_best_is_told(tmp_path, picture_encoder, monkeypatch):
    config = small(tmp_path, picture_encoder, layers="1,norm,1+norm", pooling="concat,mean", choose=True)
    rows = probe_task(TaskFeatures(config), config)
    # Of each feature by itself, no random encoder is asked for.
    monkeypatch.setattr("trainer.transfer.probe.baselines", lambda *_: {})
    assert {row.protocol for row in rows} == {"linear (chosen)", "knn (chosen)"}
    valid = defaultdict(dict)
    for layers in ("1", "norm", "1+norm"):
        for pooling in ("concat", "mean"):
            asked = replace(config, choose=False, layers=layers, pooling=pooling, protocol=("linear",))
            for row in probe_task(TaskFeatures(asked), asked):
                if row.encoder == "mine":
                    valid[row.fold, row.seed][row.protocol] = row
    for row in rows:
        if (row.encoder, row.protocol) == ("mine", "linear (chosen)"):
            features = valid[row.fold, row.seed]
            best = max(features.values(), key=lambda each: each.valid_score)
            name = best.protocol.removeprefix("linear (").removesuffix(")")
            assert row.valid_score == best.valid_score
            assert row.score == best.score
            assert row.chosen == f"{name}; {best.chosen}"


def test_the_attentive_probe_takes_layers_of_an_encoder_alone():
    with pytest.raises(TrainerError, match="leave logmel out"):
        ProbeConfig(task="csv", root=".", layers="norm,logmel", protocol=("attentive",))


def test_layers_are_rows_beside_random_weights_and_floor(tmp_path, picture_encoder, monkeypatch):
    config = ProbeConfig(
        task="csv",
        root=str(write_noises(tmp_path / "sounds", 8, 2, samples=3200)),
        run=(f"mine={picture_encoder}",),
        out=str(tmp_path / "out"),
        layers="each",
        seeds=2,
        neighbours=3,
        frames=32,
    )
    results = transfer_probe(config)
    features = parse_features("each", "concat+std", 2)
    assert len(features) == 3
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
    less = replace(config, layers="2", protocol=("linear",), out=None)
    (alone,) = transfer_probe(less)[2:]
    same = next(row for row in results if (row.encoder, row.protocol) == ("mine", "linear (layer 2)"))
    assert (alone.protocol, alone.folds) == (same.protocol, same.folds)
    monkeypatch.setattr("trainer.transfer.probe._probed", pytest.fail)  # it is said before that
    with pytest.raises(TrainerError, match=r"layers = 3: '3' is none of 1 … 2, norm and logmel"):
        transfer_probe(replace(config, layers="3", out=None))
