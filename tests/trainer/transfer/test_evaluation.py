import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from trainer.encoders.sound_encoder import random_sound_encoder
from trainer.results.file import append_results, read_results
from trainer.results.names import parse_named_path
from trainer.results.rows import OF_ENCODER
from trainer.scored import scored_settings
from trainer.sound.logmel import LogMel
from trainer.tasks import Clip, Fold, Task
from trainer.transfer.evaluation import evaluation
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.probe_config import ProbeConfig
from trainer.transfer.scores import FoldOutputs


@dataclass
class LoadedClip:
    """What `evaluation` asks of a `TaskFeatures`."""

    config: ProbeConfig
    task: Task
    metric: str = "accuracy"
    data_sha256: str = "ab" * 32
    logmel: LogMel = field(default_factory=lambda: LogMel(range_db=50.0))
    precision: str = "float32 on cpu"

    def path(self, name: str, _: Fold) -> Path:
        return dict(map(parse_named_path, self.config.run))[name]


def row(
    sound_encoder,
    changed=(),
    *,
    protocol="linear",
    encoder_name="mine",
    encoder="sound",
    task="fsdd",
    **loaded,
):
    """Make a row; `loaded` is what a `TaskFeatures` came to."""
    untrained = loaded.pop("untrained", False)
    kind = FinetuneConfig if protocol.startswith("finetune") else ProbeConfig
    config = kind(**{"task": task, "root": "data/notes", "run": ("mine=nowhere",)} | dict(changed))
    clips = tuple(Clip(Path(f"{i}.wav"), "ab"[i % 2], fold=i // 2) for i in range(6))
    made = Task(task, clips, 1.0)
    return evaluation(
        LoadedClip(config, made, **loaded),
        protocol=protocol,
        encoder_name=encoder_name,
        encoder=sound_encoder if encoder == "sound" else None,
        fold=next(made.folds()),
        seed=7,
        tested=FoldOutputs(np.eye(2, dtype=np.float32), 0.25),
        seconds=1.23456,
        settings=config,
        untrained=untrained,
    )


def test_a_row_says_what_was_evaluated_on_what(sound_encoder, tmp_path):
    found = row(sound_encoder)
    assert (found.task, found.protocol, found.encoder, found.fold, found.seed) == (
        *("fsdd", "linear", "mine", "fold 0"),
        7,
    )
    assert (found.folds, found.clips, found.classes, found.seconds) == (3, 6, 2, 1.235)
    assert (found.score, found.valid_score) == (1.0, 0.25)
    assert found.predictions.clips == ("0.wav", "1.wav")
    assert found.encoder_sha256 == sound_encoder.sha256
    assert found.data_sha256 == "ab" * 32
    assert found.command == "trainer transfer probe --task fsdd --root data/notes --run mine=nowhere"
    assert datetime.fromisoformat(found.finished).tzinfo is not None
    append_results(tmp_path, [found])
    assert read_results(tmp_path) == [found]


def test_settings_are_those_that_a_score_depends_on(sound_encoder):
    settings = json.loads(row(sound_encoder).settings)
    assert (settings["valid_share"], settings["model"], settings["patch"]) == (0.1, "vit_tiny", [16, 16])
    assert "neighbours" not in settings
    assert json.loads(row(sound_encoder, protocol="linear-evar").settings)["evar_lr"] == 3e-5
    assert json.loads(row(sound_encoder, protocol="linear-evar", encoder=None).settings)["evar_lr"] == 3e-4
    assert settings.keys().isdisjoint({"out", "device", "run", "seeds"})


@pytest.mark.parametrize(
    ("protocol", "encoder", "changed", "same"),
    [
        ("linear", "sound", {"neighbours": 3, "evar_lr": 0.1, "protocol": ("linear",)}, True),
        ("linear", "sound", {"valid_share": 0.2}, False),
        ("linear (layer 3, mean)", "sound", {"valid_share": 0.2}, False),
        ("linear (chosen)", "sound", {"choose": True, "layers": "all"}, False),
        ("linear-evar", "sound", {"evar_lr": 0.1}, False),
        ("linear-evar", "sound", {"evar_lr": 3e-5, "valid_share": 0.2}, True),
        (
            "linear",
            "sound",
            {"seeds": 9, "fold": (1,), "out": "x", "device": "cpu", "root": "elsewhere"},
            True,
        ),
        ("knn", "sound", {"evar_lr": 0.1, "valid_share": 0.2}, True),
        ("knn", "sound", {"neighbours": 3}, False),
        ("linear", None, {"frames": 64}, True),
    ],
)
def test_rows_are_averaged_if_their_scores_were_made_alike(sound_encoder, protocol, encoder, changed, same):
    rows = [row(sound_encoder, each, protocol=protocol, encoder=encoder) for each in ({}, changed)]
    assert (rows[0].group == rows[1].group) == same


@pytest.mark.parametrize(
    ("encoder", "loaded", "same"),
    [
        ("sound", {"logmel": LogMel(range_db=80.0)}, False),
        (None, {"logmel": LogMel(range_db=80.0)}, False),
        (None, {"logmel": LogMel(style="kaldi", range_db=50.0)}, False),
        ("sound", {"precision": "bfloat16 on cpu"}, False),
        (None, {"precision": "bfloat16 on cpu"}, False),  # as its encoders' protocol is another
    ],
)
def test_what_took_effect_counts_and_not_what_was_asked_for(sound_encoder, encoder, loaded, same):
    rows = [row(sound_encoder, encoder=encoder, **each) for each in ({}, loaded)]
    assert (rows[0].group == rows[1].group) == same


def test_the_command_of_a_row_names_its_own_encoder_alone(sound_encoder):
    many = {"run": tuple(f"e{i}=runs/{i}" for i in range(500))}
    assert row(sound_encoder, many, encoder_name="e7").command.endswith("--run e7=runs/7")
    assert row(sound_encoder, many, encoder_name="random").command.endswith("--run e0=runs/0")


def test_random_weights_of_any_seed_are_one_encoder(sound_encoder):
    rows = [row(random_sound_encoder(sound_encoder, seed), untrained=True) for seed in (0, 1)]
    assert rows[0].group == rows[1].group
    assert (
        row(random_sound_encoder(sound_encoder, 0)).group != row(random_sound_encoder(sound_encoder, 1)).group
    )


@pytest.mark.parametrize(
    ("protocol", "encoder", "changed", "settings", "sha256"),
    [
        ("linear", "sound", {}, "f033560a16d5", "6a7ecf2f7fea"),
        ("linear", None, {}, "f85d8370012c", "6a7ecf2f7fea"),
        ("linear (chosen)", "sound", {"choose": True, "layers": "all"}, "cd40501ff053", "b7d85b651fcf"),
        ("knn", "sound", {}, "773aca46ef86", "d425ae76dc25"),
        ("knn (chosen)", "sound", {"choose": True, "layers": "6,norm"}, "d97c8398fba5", "3a9e2decb02b"),
        ("attentive", "sound", {}, "f033560a16d5", "cfac3300517d"),
        ("linear-evar", "sound", {}, "a7228e239c5e", "b92c80d1eb7d"),
        ("linear-evar", None, {}, "2fb529f5312a", "b92c80d1eb7d"),
        ("finetune (last)", "sound", {"score_epochs": True}, "9539514da2e3", "7022f6357edb"),
        ("finetune (valid)", "sound", {"selection": "valid"}, "a7f20d7e7fa1", "d4831032a81b"),
    ],
)
def test_rows_go_on_from_those_of_before(sound_encoder, protocol, encoder, changed, settings, sha256):
    """Only a protocol that changes, or its raised version, changes them: else no score has an average."""
    found = row(sound_encoder, changed, protocol=protocol, encoder=encoder)
    assert hashlib.sha256(found.settings.encode()).hexdigest()[:12] == settings
    assert found.protocol_sha256[:12] == sha256


def test_what_only_encoders_have_is_no_part_of_a_protocol():
    config = ProbeConfig(task="fsdd", root=".")
    with_one, floor = (scored_settings(config, "linear", encoder=encoder) for encoder in (True, False))
    assert with_one.keys() - floor.keys() == {"frames", "positions", "stride"} < {*OF_ENCODER}


def test_a_folder_of_the_users_own_is_named(sound_encoder):
    assert row(sound_encoder, task="csv:label=pitch_class").task == "notes (csv:label=pitch_class)"
    assert row(sound_encoder, task="folder").task == "notes (folder)"


def test_what_an_encoder_was_pretrained_on_comes_from_its_run(sound_encoder, tmp_path):
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "export").mkdir()
    (run / "environment.json").write_text('{"dataset": "0123abcd", "starts": []}')
    for source in (run, run / "export", run / "checkpoints" / "step-1.pt"):
        assert row(sound_encoder, {"run": (f"mine={source}",)}).pretraining_data == "0123abcd"
    assert row(sound_encoder, {"run": (f"mine={run}",)}, encoder_name="random").pretraining_data == ""
    (run / "environment.json").write_text("[1]")
    assert row(sound_encoder, {"run": (f"mine={run}",)}).pretraining_data == ""
    assert row(sound_encoder).pretraining_data == ""
