import json
import sys

import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from patterngen import MissingDependencyError
from trainer.training.boards import TensorBoard, WeightsAndBiases
from trainer.training.metrics_log import MetricsLog


def rows(*losses):
    return [{"step": step, "loss": loss} for step, loss in enumerate(losses, 1)]


def test_tensorboard_has_the_curves_and_forgets_what_is_done_again(tmp_path):
    for done, losses in ((0, (3.0, 2.0, 1.0)), (1, (2.5, 1.5))):
        board = TensorBoard(tmp_path, done)
        for row in rows(*losses):
            board.write(row | {"step": row["step"] + done})
        board.close()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 3.0), (2, 2.5), (3, 1.5)]


def test_weights_and_biases_takes_rows_without_a_network(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    board = WeightsAndBiases("patterns", tmp_path, {"lr": 1e-3})
    assert (board._run.project, board._run.config["lr"]) == ("patterns", 1e-3)
    sent, log = [], board._run.log
    monkeypatch.setattr(board._run, "log", lambda row, step: (sent.append((step, row)), log(row, step=step)))
    for row in rows(3.0, 2.0):
        board.write(row)
    Image.new("RGB", (8, 8)).save(tmp_path / "look.png")
    board.show("reconstructions", tmp_path / "look.png", 2)
    board.close()
    step, shown = sent.pop()
    assert (step, list(shown)) == (2, ["reconstructions"])
    assert len(list((tmp_path / "wandb").rglob("reconstructions*.png"))) == 1
    assert sent == [(1, {"loss": 3.0}), (2, {"loss": 2.0})]
    assert all(log.stat().st_size > 0 for log in (tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    again = WeightsAndBiases("patterns", tmp_path, {"lr": 1e-3})
    again.close()
    assert again._run.id == board._run.id  # one run folder is one run there


def test_a_board_that_is_not_installed_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[wandb\]'"):
        WeightsAndBiases("patterns", tmp_path, {})


def test_all_boards_get_every_row(tmp_path):
    class Listed(list):
        write = list.append
        closed = False

        def close(self):
            self.closed = True

    boards = Listed(), Listed()
    metrics = MetricsLog(tmp_path, 0, boards)
    for row in rows(2.0, 1.0):
        metrics.write(row)
    metrics.close()
    assert boards[0] == boards[1] == rows(2.0, 1.0)
    assert all(board.closed for board in boards)
    assert [json.loads(line) for line in metrics.file.read_text().splitlines()] == rows(2.0, 1.0)
