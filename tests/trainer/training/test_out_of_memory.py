import pytest
import torch

from patterngen import RunFailedError
from tests.shallow import shallow_settings
from trainer.pretraining.loop import train
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics
from trainer.training.out_of_memory import fitting_batch, is_out_of_memory


def memory_for(pictures):
    def trial(count):
        if count > pictures:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")

    return trial


@pytest.mark.parametrize(("memory", "fits"), [(100, 32), (32, 32), (31, 16), (1, 1), (0, 0)])
def test_the_largest_of_the_halves_that_fits_is_found(memory, fits):
    assert fitting_batch(64, memory_for(memory)) == fits


def test_other_errors_are_not_taken_for_it():
    def broken(count):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        fitting_batch(8, broken)


def test_this_computers_own_shortage_is_recognised():
    with pytest.raises(RuntimeError) as error:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(error.value)
    assert not is_out_of_memory(ValueError("can't allocate memory"))


def run_with_memory_for(pictures, patterns, out, monkeypatch):
    training = Pretraining(shallow_settings(patterns, out, steps=3, batch_size=8, accumulate=2))
    memory = memory_for(pictures)
    forward = training.model.forward

    def limited(images, *others):
        if training.step == 1:
            memory(len(images))
        return forward(images, *others)

    monkeypatch.setattr(training.model, "forward", limited)
    train(training)


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        (5, r"out of memory with --batch-size 8 \(CUDA out.*\): 4 fits; --batch-size 4 --accumulate 4 takes"),
        (0, r"not even one picture fits; choose a smaller --model"),
    ],
)
def test_a_run_says_which_batch_would_fit(patterns, tmp_path, monkeypatch, memory, said):
    with pytest.raises(RunFailedError, match=said) as error:
        run_with_memory_for(memory, patterns, tmp_path / "run", monkeypatch)
    assert "\n" not in str(error.value)
    assert [row["step"] for row in read_metrics(tmp_path / "run")] == [1]  # and this step is kept
    assert (tmp_path / "run" / "checkpoints" / "step-000000001.pt").exists()
