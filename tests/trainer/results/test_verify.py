import json
import shutil

import numpy as np
import pytest

from patterngen.errors import RunFailedError
from tests.shallow import shallow_settings
from trainer.cli import main
from trainer.errors import TrainerError
from trainer.pretraining.pretrain import pretrain
from trainer.results.file import append_results, predictions_file
from trainer.results.predictions import Predictions
from trainer.results.verify import VerifiedRuns, VerifyRunsConfig, verify_runs


def verify(*paths):
    return verify_runs(VerifyRunsConfig(paths=tuple(map(str, paths))))


def flip(path, where):
    """Turn one bit of a file; a share of its length says which byte."""
    data = bytearray(path.read_bytes())
    data[int(where * (len(data) - 1))] ^= 4
    path.unlink()  # it may be a link to the original
    path.write_bytes(data)


@pytest.fixture(scope="module")
def whole_run(patterns, tmp_path_factory):
    return pretrain(shallow_settings(patterns, tmp_path_factory.mktemp("runs") / "run", save_every=3))


@pytest.fixture
def run(whole_run, tmp_path):
    return shutil.copytree(whole_run, tmp_path / "run")


@pytest.fixture
def scores(evaluated, tmp_path):
    said = Predictions(
        clips=("a.wav", "b.wav"), groups=("", ""), classes=("x", "y"),
        targets=np.array([0, 1]), outputs=np.array([0, 0]),
    )  # fmt: skip
    rows = evaluated([{"fold 1": 0.5}, {"fold 1": 0.5}], predictions=said)
    append_results(tmp_path / "scores", rows)
    return tmp_path / "scores", rows


def test_what_is_as_it_was_written_is_counted(run, scores, shipping):
    found = verify(run, scores[0], run / "checkpoints" / "step-000000003.pt", "toy-tiny")
    assert found == VerifiedRuns(checkpoints=3, encoders=2, results=2, without=0, steps=6)
    predictions_file(scores[0], scores[1][0]).unlink()
    assert str(verify(scores[0])).endswith("without predictions, and so without an interval: 1")


@pytest.mark.parametrize("where", np.linspace(0.02, 0.98, 9))
def test_a_flipped_bit_of_weights_is_found(run, where):
    flip(run / "checkpoints" / "step-000000006.pt", where)
    flip(run / "export" / "encoder.safetensors", where)
    with pytest.raises(RunFailedError) as failed:
        verify(run)
    told = str(failed.value)
    assert told.startswith("2 problems:\n")
    assert "step-000000006.pt: truncated or damaged" in told
    assert "export: cannot be read as an exported encoder" in told


def test_what_is_cut_short_is_found(run, scores):
    log = run / "metrics.jsonl"
    log.write_bytes(log.read_bytes()[:-5])
    with pytest.raises(RunFailedError, match=r"metrics\.jsonl: line 6 of 6 is cut short or damaged$"):
        verify(run)
    said = predictions_file(scores[0], scores[1][0])
    said.write_bytes(said.read_bytes()[:-5])
    with pytest.raises(RunFailedError, match="cannot be read as predictions"):
        verify(scores[0])


def test_the_command_says_it_in_json_and_by_its_exit_code(run, tmp_path, capsys):
    assert main(["verify", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checkpoints"] == 2
    flip(run / "export" / "encoder.safetensors", 0.5)
    assert main(["verify", str(run)]) == 1
    (tmp_path / "empty").mkdir()
    assert main(["verify", str(tmp_path / "empty")]) == 2
    assert "holds no run, no exported encoder and no results.parquet" in capsys.readouterr().err


def test_nothing_is_refused():
    with pytest.raises(TrainerError, match=r"^nothing to verify"):
        verify()
    with pytest.raises(TrainerError, match="no such run"):
        verify("nowhere")
