import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from trainer.encoders.sound_encoder import random_sound_encoder
from trainer.results.file import append_results, read_results
from trainer.results.names import parse_named_path
from trainer.sound.logmel import LogMel
from trainer.tasks import Clip, Fold, Task
from trainer.transfer.evaluation import NO_PART, OF_ENCODERS, OF_PROTOCOLS, evaluation
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
    **heard,
):
    """Make a row; `heard` is what a `TaskFeatures` came to."""
    untrained = heard.pop("untrained", False)
    config = ProbeConfig(**{"task": task, "root": "data/notes", "run": ("mine=nowhere",)} | dict(changed))
    clips = tuple(Clip(Path(f"{i}.wav"), "ab"[i % 2], fold=i // 2) for i in range(6))
    made = Task(task, clips, 1.0)
    return evaluation(
        LoadedClip(config, made, **heard),
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
    assert not settings.keys() & {*NO_PART, *OF_PROTOCOLS["knn"]}
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
    ("encoder", "heard", "same"),
    [
        ("sound", {"logmel": LogMel(range_db=80.0)}, False),
        (None, {"logmel": LogMel(range_db=80.0)}, False),
        (None, {"logmel": LogMel(style="kaldi", range_db=50.0)}, False),
        ("sound", {"precision": "bfloat16 on cpu"}, False),
        (None, {"precision": "bfloat16 on cpu"}, False),  # as its encoders' protocol is another
    ],
)
def test_what_took_effect_counts_and_not_what_was_asked_for(sound_encoder, encoder, heard, same):
    rows = [row(sound_encoder, encoder=encoder, **each) for each in ({}, heard)]
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


def test_settings_that_are_told_apart_exist():
    known = {field.name for field in fields(ProbeConfig)}
    assert {name for names in OF_PROTOCOLS.values() for name in names} | {*OF_ENCODERS} <= known


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
