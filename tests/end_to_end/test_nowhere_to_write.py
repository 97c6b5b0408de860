"""An --out that cannot be one is one line and code 2, before anything is read or computed for it."""

import shlex

import pytest

from trainer.cli import main

TASK = "--task csv --root gone"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.onnx").mkdir()
    return tmp_path


def complaint(capsys, words):
    assert main(shlex.split(words)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1, output.err
    return output.err


@pytest.mark.parametrize("out", ["file", "file/below"])
@pytest.mark.parametrize(
    "command",
    [
        "pretrain --data gone --steps 1",
        "sweep --data gone --steps 1 --over seed=1,2",
        "study gone.yaml",
        f"transfer probe {TASK}",
        f"transfer finetune {TASK} --run gone",
        f"compare {TASK} --run gone",
        f"spectrograms {TASK}",
        "import gone.pth",
    ],
)
def test_a_folder_to_write_to_that_is_a_file(place, capsys, command, out):
    said = complaint(capsys, f"{command} --out {out}")
    assert said == f"error: --out {out}: file is a file; give a folder\n"
    assert (place / "file").read_text() == "mine"


def test_a_file_to_write_that_is_a_folder(place, capsys):
    assert "'folder.onnx': this is a folder" in complaint(capsys, "export onnx gone --out folder.onnx")
