import pytest
import torch

from trainer.errors import TrainerError
from trainer.transfer.command_line import command_line
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.finetune.store import Store
from trainer.transfer.finetune.training import Outcome


class Made:
    """As much of a `TaskFeatures` as a store looks at."""

    precision, data_sha256 = "float32 on cpu", "0a" * 32


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path, FinetuneConfig(task="csv", root="."), Made)


@pytest.mark.parametrize(
    "name",
    ["smooth", "a b", "a-b", "../up", "..", ".", "a/b", "<i>", "settings.json", "curves.png", "tiny 16×16"],
)
def test_every_name_of_an_encoder_has_a_folder_of_its_own(store, name):
    folder = store.folder(name)
    assert folder.parent == store.finetunings
    assert folder != store.curves
    assert folder.name not in ("settings.json", ".", "..")
    others = {"smooth", "a b", "a-b", "a/b", "-", "--up"} - {name}
    assert folder not in {store.folder(other) for other in others}


def test_ranges_are_one_flag_of_two_numbers_in_a_command():
    config = FinetuneConfig(task="csv", root=".", crop_time=(0.6, 1.5), fold=(1, 2))
    line = command_line(config.command, config)
    assert line.startswith("trainer transfer finetune --")
    assert "--fold 1 --fold 2" in line
    assert "--crop-time 0.6 1.5" in line


def test_a_folder_takes_what_has_its_settings(store, tmp_path):
    again = FinetuneConfig(task="csv", root="elsewhere", fold=(1,), seeds=5, save_minutes=0, device="cpu")
    Store(tmp_path, again, Made)


def flip(path, part):
    data = bytearray(path.read_bytes())
    data[data.index(part) + 100] ^= 1
    path.write_bytes(data)


def test_a_flipped_bit_of_what_is_kept_is_found(store, evaluated):
    place = store.place("smooth", "0a" * 32, "fold 1", 0)
    numbers = torch.arange(100, dtype=torch.float32)
    place.save({"model": numbers})
    (state,) = store.folder("smooth").iterdir()
    flip(state, numbers.numpy().tobytes())
    with pytest.raises(
        TrainerError, match=r"state\.pt: cannot be gone on from \(it is damaged: the checksum of"
    ):
        place.resume(None)
    outcome = Outcome(score=0.5, outputs=numbers, history=(), epoch=1, seconds=1.0)
    place.finish(outcome, *evaluated([{"fold 1": 0.5}]))
    (done,) = store.folder("smooth").iterdir()
    assert torch.equal(place.finished()[0].outputs, numbers)
    flip(done, numbers.numpy().tobytes())
    with pytest.raises(TrainerError, match=r"\.safetensors: cannot be read \(it is damaged: its SHA-256"):
        place.finished()
