"""Whenever a machine loses its power, what was saved before is there, and what was not is done again."""

import shutil
from dataclasses import replace

import torch

from tests.crash_points import recorded, restored
from tests.shallow import shallow_settings
from trainer.encoders.checkpoint import Checkpoint, newest_checkpoint, save_checkpoint
from trainer.encoders.config import EncoderConfig
from trainer.encoders.exported import export_encoder, load_encoder
from trainer.pretraining.pretrain import pretrain
from trainer.results.file import append_results, read_results
from trainer.training.metrics_log import METRICS, read_metrics

CONFIG = EncoderConfig(
    model="vit_tiny", input_size=(16, 16), patch_size=(8, 8), channels=1, mean=0.0, std=1.0
)


def test_while_a_checkpoint_is_saved_and_an_old_one_removed(tmp_path):
    def save(run, step):
        weights = {"weight": torch.full((50,), float(step))}
        save_checkpoint(run / "checkpoints", Checkpoint(step, CONFIG, weights, {}), keep=2)

    def found(run):
        newest = newest_checkpoint(run, quiet=True)
        return newest and (newest[1].step, newest[1].model["weight"][0].item())

    run = tmp_path / "set"
    for step in (1, 2):
        save(run, step)
    seen = recorded(run, lambda: save(run, 3))
    assert seen.points > 4
    for state in restored(seen.states, tmp_path / "crashed"):
        assert found(state) in [(2, 2.0), (3, 3.0)]
        save(state, 3)
        assert found(state) == (3, 3.0)


def test_while_a_run_is_pre_trained(patterns, tmp_path):
    """From each state the run goes on to the losses and the weights of one that was not disturbed."""

    def work(run):
        pretrain(shallow_settings(patterns, run, steps=2, save_every=1, show_every=0, keep_checkpoints=1))

    run = tmp_path / "set"
    seen = recorded(run, lambda: work(run))
    losses = [row["loss"] for row in read_metrics(run)]
    _, weights = load_encoder(run / "export")
    # The rest (settings, figures, the export) is written anew, whatever is left of it.
    states = [
        {name: data for name, data in state.items() if name.parts[0] in ("checkpoints", METRICS)}
        for state in seen.states
    ]
    different = [state for i, state in enumerate(states) if state not in states[:i]]
    for state in restored(different, tmp_path / "crashed"):
        work(state)
        assert [row["loss"] for row in read_metrics(state)] == losses
        _, again = load_encoder(state / "export")
        assert all(torch.equal(again[name], weight) for name, weight in weights.items())


def test_while_an_encoder_is_exported_over_another(picture_encoder, tmp_path):
    """Exported again, it is the new one, whatever was left of either."""
    config, state = load_encoder(picture_encoder)
    changed = {name: weight + 1 for name, weight in state.items()}
    folder = shutil.copytree(picture_encoder, tmp_path / "set")
    seen = recorded(folder, lambda: export_encoder(folder, replace(config, mean=0.25), changed))
    for crashed in restored(seen.states, tmp_path / "crashed"):
        export_encoder(crashed, replace(config, mean=0.25), changed)
        again, weights = load_encoder(crashed)
        assert again.mean == 0.25
        assert all(torch.equal(weights[name], weight) for name, weight in changed.items())


def test_while_results_are_added(evaluated, tmp_path):
    first, second = evaluated([{"fold 1": 0.5}, {"fold 1": 0.75}])
    folder = tmp_path / "set"
    append_results(folder, [first])
    seen = recorded(folder, lambda: append_results(folder, [second]))
    for state in restored(seen.states, tmp_path / "crashed"):
        assert read_results(state) in ([first], [first, second])
        append_results(state, [second], missing=True)
        assert read_results(state) == [first, second]
