import json
import re
from dataclasses import asdict, replace

import pytest
from rich.console import Console

from patterngen import RunFailedError
from tests.shallow import SHALLOW, shallow_settings
from trainer.errors import DivergedError, TrainerError
from trainer.pretraining.loop import train
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.pretraining.run_summary import summarise_run
from trainer.pretraining.run_words import duration
from trainer.pretraining.show import ShowRunConfig, runs_table, show_runs
from trainer.training.metrics_log import read_metrics


@pytest.fixture(scope="module")
def runs(patterns, tmp_path_factory):
    """A run that is finished and one that stopped."""
    folder = tmp_path_factory.mktemp("runs")
    finished = pretrain(shallow_settings(patterns, folder / "finished", steps=4))
    stopped = pretrain(
        shallow_settings(patterns, folder / "stopped", stop_at=2, norm_pix=True, model="vit_small")
    )
    return finished, stopped


def test_a_finished_run_says_what_it_saw_and_learned(runs):
    found, rows = summarise_run(runs[0]), read_metrics(runs[0])
    assert (found.state, found.step, found.steps, found.error) == ("finished", 4, 4, None)
    assert (found.images, found.pictures, found.epochs) == (16, 36, 16 / 36)
    assert (found.loss_first, found.loss_last) == (rows[0]["loss"], rows[3]["loss"])
    assert found.loss_best == min(row["loss"] for row in rows)
    assert min(row["images_per_second"] for row in rows) <= found.images_per_second
    assert found.checkpoints == ("step-000000004.pt",)
    assert found.export == str(runs[0] / "export")
    assert found.proceed.startswith(f"trainer transfer probe --run {runs[0]}")
    assert found.settings["steps"] == 4
    assert {"mask_ratio", "out"}.isdisjoint(found.settings)  # the default, and where it lies
    assert found.dataset == json.loads((runs[0] / "environment.json").read_text())["dataset"]
    assert found.seconds >= 0


def test_a_run_shows_itself_in_a_notebook(runs):
    shown = summarise_run(runs[0])._repr_html_()
    assert "finished: 4 steps" in shown
    assert "batch_size" in shown
    (points,) = re.findall('points="(.*?)"', shown)
    assert len(points.split()) == 4  # a line of metrics.jsonl each
    hostile = replace(summarise_run(runs[1]), run="<b>", settings={"<i>": "</td><script>"})._repr_html_()
    assert {*re.findall("<([a-z]+)", hostile)} == {"table", "tr", "td"}  # nor a curve, of no such run


def test_a_stopped_run_says_how_to_go_on(runs, tmp_path):
    found = summarise_run(runs[1])
    assert (found.state, found.step, found.steps) == ("stopped", 2, 6)
    assert found.proceed == f"trainer pretrain --config {runs[1]}/config.yaml"
    moved = runs[1].rename(tmp_path / "my run")
    try:
        assert summarise_run(moved).proceed == (
            f"trainer pretrain --config '{moved}/config.yaml' --out '{moved}'"
        )
    finally:
        moved.rename(runs[1])


def test_how_a_run_ended_is_remembered(patterns, tmp_path, monkeypatch):
    config = shallow_settings(patterns, tmp_path / "run")
    endings = {
        DivergedError("loss nan"): "diverged",
        RunFailedError("disk full"): "failed",
        KeyboardInterrupt(): "interrupted",
    }
    for error, state in endings.items():
        training = Pretraining(config)

        def fail(_pictures, error=error):
            raise error

        monkeypatch.setattr(training, "take_step", fail)
        with pytest.raises(type(error)):
            train(training)
        found = summarise_run(tmp_path / "run")
        assert (found.state, found.error) == (state, str(error) or None)
    Pretraining(config)  # begun, and neither ended nor alive as far as anybody knows
    assert summarise_run(tmp_path / "run").state == "running or killed"


def test_runs_lie_side_by_side(runs):
    console = Console(width=200, record=True)
    console.print(runs_table(show_runs(ShowRunConfig(run=tuple(map(str, runs))))))
    lines = {
        line.split("│")[1].strip(): line.split("│")[2:-1]
        for line in console.export_text().splitlines()
        if "│" in line
    }
    assert [cell.strip() for cell in lines["state"]] == ["finished: 4 steps", "stopped at step 2 of 6"]
    assert [cell.strip() for cell in lines["model"]] == [SHALLOW, "vit_small"]
    assert [cell.strip() for cell in lines["norm_pix"]] == ["default", "True"]
    assert json.loads(json.dumps(asdict(summarise_run(runs[0]))))["step"] == 4


def test_a_folder_that_holds_no_run_is_named(runs, patterns, tmp_path):
    with pytest.raises(TrainerError, match="/nowhere: no such folder"):
        summarise_run("/nowhere")
    with pytest.raises(
        TrainerError, match=r"is no run of `trainer pretrain`.*runs inside it: finished, stopped"
    ):
        summarise_run(runs[0].parent)
    with pytest.raises(TrainerError, match="is no run"):
        summarise_run(patterns)
    (tmp_path / "config.yaml").write_text("bread: butter\n")
    with pytest.raises(TrainerError, match="is no run of this version"):
        summarise_run(tmp_path)


def test_a_run_of_a_crash_can_be_read(runs, tmp_path):
    (tmp_path / "config.yaml").write_text((runs[0] / "config.yaml").read_text())
    found = summarise_run(tmp_path)
    assert (found.state, found.step, found.loss_last) == ("not begun", 0, None)
    (tmp_path / "environment.json").write_text('{"starts": [')
    (tmp_path / "facts.json").write_text("[]")
    assert summarise_run(tmp_path).state == "not begun"
    Console(file=(tmp_path / "table").open("w")).print(runs_table([replace(found, error="broken")]))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3.14159, "3.14 s"), (80, "80 s"), (100, "1.67 min"), (3 * 3600, "3 h"), (1e6, "11.6 d")],
)
def test_times_are_said_in_their_unit(seconds, said):
    assert duration(seconds) == said
