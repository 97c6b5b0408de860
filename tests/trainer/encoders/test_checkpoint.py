import os
import shutil
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.encoders.conftest import CONFIG
from trainer.encoders.checkpoint import (
    Checkpoint,
    DamagedError,
    checkpoints,
    latest_checkpoint,
    load_checkpoint,
    newest_checkpoint,
    save_checkpoint,
)
from trainer.encoders.exported import load_encoder
from trainer.errors import TrainerError
from trainer.tensor_files import damage


def checkpoint(weights, step=1):
    model = {f"encoder.{name}": tensor for name, tensor in weights.items()} | {"mask_token": torch.ones(3)}
    return Checkpoint(step=step, encoder=CONFIG, model=model, optimizer={"state": {0: torch.ones(2)}})


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_checkpoint_comes_back(weights, tmp_path):
    written = checkpoint(weights, step=1500)
    path = save_checkpoint(tmp_path / "checkpoints", written, keep=2)
    assert path.name == "step-000001500.pt"
    read = load_checkpoint(path)
    assert (read.step, read.encoder, read.extra) == (1500, CONFIG, {})
    assert same(read.model, written.model)
    assert same(read.optimizer["state"], written.optimizer["state"])


def test_the_newest_are_kept_and_nothing_else_left(weights, tmp_path):
    assert latest_checkpoint(tmp_path) is None
    for step in (1, 2, 30, 4):
        save_checkpoint(tmp_path / "checkpoints", checkpoint(weights, step), keep=2)
    assert latest_checkpoint(tmp_path).name == "step-000000030.pt"
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "step-000000002.pt",
        "step-000000004.pt",
        "step-000000030.pt",
    ]
    save_checkpoint(tmp_path / "checkpoints", checkpoint(weights, 31), keep=2)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-000000030.pt", "step-000000031.pt"]


THEIRS = (
    "step-best.pt",
    "step-000000003-good.pt",
    "step-000000009.pt.bak",
    "my-step-000000009.pt",
    "step-00000009.pt",
    "step-+00000009.pt",
    "step-٠٠٠٠٠٠٠٠٩.pt",
    "step-000000009.PT",
    ".step-000000009.pt",
    ".step-000000009.pt.patterngen-notes",
)


def test_what_has_another_name_is_neither_taken_for_a_checkpoint_nor_removed(weights, tmp_path):
    folder = tmp_path / "checkpoints"
    (folder / "step-000000099.pt").mkdir(parents=True)  # a folder is no checkpoint either
    for name in THEIRS:
        (folder / name).write_text("mine")
    for step in (1, 2, 3):
        save_checkpoint(folder, checkpoint(weights, step), keep=1)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-000000003.pt"]
    assert {path.name for path in folder.iterdir()} == {*THEIRS, "step-000000003.pt", "step-000000099.pt"}
    assert all((folder / name).read_text() == "mine" for name in THEIRS)
    assert load_encoder(tmp_path)[0] == CONFIG


def test_checkpoints_are_in_the_order_of_their_steps(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    for step in (10**9, 999_999_999, 5):
        (tmp_path / "checkpoints" / f"step-{step:09d}.pt").touch()
    assert [int(path.stem.removeprefix("step-")) for path in checkpoints(tmp_path)] == [5, 10**9 - 1, 10**9]


# --- what is damaged ---------------------------------------------------------------------------


def small(step):
    """A checkpoint that is none of an encoder, and quickly read."""
    numbers = torch.arange(300, dtype=torch.float32) * step
    return Checkpoint(step=step, encoder=CONFIG, model={"w": numbers}, optimizer={"state": {0: numbers}})


def flip(path, bit):
    data = bytearray(path.read_bytes())
    bit %= 8 * len(data)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


@pytest.fixture(scope="module")
def run_of_two(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    for step in (1, 2):
        save_checkpoint(run / "checkpoints", small(step), keep=2)
    return run


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_learned_from(run_of_two, place, bit):
    path = latest_checkpoint(run_of_two)
    data = path.read_bytes()
    try:
        flip(path, 8 * int(place * len(data)) + bit)
        found, read = newest_checkpoint(run_of_two, quiet=True)
    finally:
        path.write_bytes(data)
    # A bit that means nothing, the hour of a part's time stamp say, may be missed.
    assert read.step == (2 if found == path else 1)
    assert same(read.model, small(read.step).model)
    assert same(read.optimizer["state"], small(read.step).optimizer["state"])


def test_the_checkpoint_before_a_damaged_one_is_used_with_a_line(run_of_two, tmp_path, capsys):
    run = Path(shutil.copytree(run_of_two, tmp_path / "run"))
    path = latest_checkpoint(run)
    numbers = small(2).model["w"].numpy().tobytes()
    flip(path, 8 * path.read_bytes().index(numbers) + 1000)
    with pytest.raises(
        DamagedError, match=r"step-000000002\.pt: truncated or damaged \(the checksum of .*data"
    ):
        load_checkpoint(path)
    found, read = newest_checkpoint(run)
    assert (found.name, read.step) == ("step-000000001.pt", 1)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "step-000000002.pt: truncated or damaged (the checksum of" in said
    assert said.endswith("step-000000001.pt is used instead\n")
    # What is learned now is not thrown away for the damaged one, and overwrites it.
    save_checkpoint(run / "checkpoints", small(1), keep=1)
    assert newest_checkpoint(run, quiet=True)[1].step == 1
    save_checkpoint(run / "checkpoints", small(2), keep=1)
    assert [path.name for path in checkpoints(run)] == ["step-000000002.pt"]
    assert newest_checkpoint(run)[1].step == 2
    assert capsys.readouterr().err == ""


def test_where_all_checkpoints_are_damaged_one_line_says_so(run_of_two, tmp_path):
    run = Path(shutil.copytree(run_of_two, tmp_path / "run"))
    for path in checkpoints(run):
        os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(TrainerError, match=r"step-000000002\.pt: .*and so are all 2 there") as error:
        load_encoder(run)
    assert "\n" not in str(error.value)


def test_a_file_that_torch_wrote_without_checksums_is_taken_as_it_is(tmp_path):
    torch.serialization.set_crc32_options(False)
    try:
        path = save_checkpoint(tmp_path, small(1), keep=1)
    finally:
        torch.serialization.set_crc32_options(True)
    assert load_checkpoint(path).step == 1


def test_a_zip_that_would_swell_is_refused_before_it_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "swelling.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**7))
    assert damage(tmp_path / "swelling.pt") == "its parts are larger than itself"


# --- what cannot be trusted --------------------------------------------------------------------


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_and_not_run(tmp_path):
    trap, path = tmp_path / "sprung", tmp_path / "model.pt"
    torch.save({"encoder": Bomb(trap), "step": 1}, path)
    with pytest.raises(TrainerError, match=r"model\.pt: holds pickled objects"):
        load_encoder(path)
    assert not trap.exists()


@pytest.mark.parametrize("share", [0, 0.2, 0.99])
def test_a_truncated_checkpoint_is_named(weights, tmp_path, share):
    path = save_checkpoint(tmp_path, checkpoint(weights), keep=1)
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.raises(TrainerError, match=r"step-000000001\.pt: (truncated|holds)") as error:
        load_checkpoint(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content", [{}, [1, 2], torch.ones(2), {"encoder": "no json"}, {"encoder": "{}"}, {"encoder": "[1]"}]
)
def test_what_is_no_checkpoint_of_ours_is_named(tmp_path, content):
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(TrainerError, match=r"model\.pt: .*of (ours|an encoder)") as error:
        load_checkpoint(tmp_path / "model.pt")
    assert "\n" not in str(error.value)


def test_a_text_file_is_no_checkpoint(tmp_path):
    (tmp_path / "notes.pt").write_text("dear diary")
    with pytest.raises(TrainerError, match=r"notes\.pt"):
        load_encoder(tmp_path / "notes.pt")
