from dataclasses import replace

import numpy as np
import pytest
import torch

from patterngen import RunFailedError
from trainer.errors import TrainerError
from trainer.tasks import Fold, Task
from trainer.transfer.finetune.classifier import predict
from trainer.transfer.finetune.config import FinetuneProtocol
from trainer.transfer.finetune.loop import finetune_fold

pytestmark = pytest.mark.numerical


def equal(one, other):
    """Tell whether two outcomes agree to the last bit, but for the time they took."""
    return torch.equal(one.outputs, other.outputs) and (one.score, one.history, one.epoch) == (
        other.score,
        other.history,
        other.epoch,
    )


def test_a_simple_task_is_learned_and_the_encoder_given_is_not_changed(small_encoder, training):
    before = {name: tensor.clone() for name, tensor in small_encoder.state_dict().items()}
    outcome = finetune_fold(training(epochs=6))
    assert outcome.score > 0.9
    assert outcome.epoch == len(outcome.history) == 6
    assert outcome.history[-1]["loss"] < outcome.history[0]["loss"]
    assert all(torch.equal(tensor, before[name]) for name, tensor in small_encoder.state_dict().items())
    assert not small_encoder.training


@pytest.mark.parametrize(
    "settings",
    [
        {"mixup": 0.3},
        {"crop_time": (0.6, 1.0), "crop_freq": (0.9, 1.0)},
        {"time_mask": 0.2, "freq_mask": 0.2},
        {"patch_mask": 0.5},
        {"drop_path": 0.2},
        {"ema": 0.8},
        {"balance": 1.0},
        {"optimizer": "sgd", "lr": 0.05},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_each_means_lets_the_task_be_learned(training, settings):
    assert finetune_fold(training(epochs=6, **settings)).score > 0.9


def test_equal_seeds_give_equal_models_to_the_last_bit(training, everything):
    first, again, other = (finetune_fold(training(seed, **everything)) for seed in (3, 3, 4))
    assert equal(first, again)
    assert not torch.equal(first.outputs, other.outputs)


def test_what_is_turned_on_matters(training, everything):
    plain = finetune_fold(training(epochs=1)).outputs
    for name, value in everything.items():
        assert not torch.equal(finetune_fold(training(epochs=1, **{name: value})).outputs, plain), name
    assert not torch.equal(finetune_fold(training(epochs=1, optimizer="sgd")).outputs, plain)


def test_a_training_sees_what_a_test_sees(training, low_or_high):
    """Without augmentation the features of the two ways through the encoder agree."""
    one = training(batch_size=24)
    clips = [
        clip[:, : 16 * (clip.shape[1] // 16)] for clip in low_or_high[0][:14]
    ]  # whole patches, to 48 frames
    one.clips = [torch.nn.functional.pad(clip, (0, 64 - clip.shape[1])) for clip in clips]  # so none is moved
    one.model.eval()
    inputs, _, kept = one.augmented(torch.arange(14))
    with torch.no_grad():
        torch.testing.assert_close(
            one.model(inputs, kept), predict(one.model, one.clips), atol=1e-5, rtol=1e-4
        )


def test_clips_of_different_lengths_do_not_disturb_one_another(training):
    """What fills up a batch is not looked at, whichever patches are kept."""
    one = training(patch_mask=0.3)
    one.model.eval()
    inputs, _, (index, own) = one.augmented(torch.tensor([2, 9]))
    assert not own.all()
    with torch.no_grad():
        together = one.model(inputs, (index, own))
        for i in range(2):
            kept = index[i : i + 1, :, : int(own[i, 0].sum())]
            alone = one.model(inputs[i : i + 1], (kept, torch.ones_like(kept, dtype=torch.bool)))
            torch.testing.assert_close(together[i : i + 1], alone, atol=1e-5, rtol=1e-4)


# No clip of a test fold is ever seen in training --------------------------------------------------------


def poisoned(clips, indices):
    return [torch.full_like(clip, torch.nan) if i in indices else clip for i, clip in enumerate(clips)]


@pytest.mark.parametrize("selection", ["last", "valid"])
def test_test_clips_are_never_learned_from(training, low_or_high, everything, selection):
    spectrograms, task = low_or_high
    fold = next(task.folds())
    weights = []
    for clips in (spectrograms, poisoned(spectrograms, set(fold.test.tolist()))):
        one = training(clips=clips, selection=selection, **everything)
        while not one.done:
            one.take_step()
        weights.append(one.best.get("model") or one.model.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert all(weight.isfinite().all() for weight in weights[1].values())


def test_the_poison_is_noticed_where_a_test_clip_is_learned_from(training, low_or_high, everything):
    """So the test above would fail."""
    spectrograms, task = low_or_high
    fold = next(task.folds())
    leaking = replace(fold, train=np.append(fold.train, fold.test[0]))
    clips = poisoned(spectrograms, set(fold.test.tolist()))
    with pytest.raises(RunFailedError, match="loss nan"):
        finetune_fold(training(clips=clips, fold=leaking, **everything | {"balance": 0.0}))


# Selection ----------------------------------------------------------------------------------------------


def test_the_last_epoch_is_tested_and_nothing_else_is_scored(training, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "trainer.transfer.finetune.training.predict",
        lambda model, clips, **_: asked.append(len(clips)) or torch.zeros(len(clips), 2),
    )
    finetune_fold(training(epochs=3))
    assert asked == [12]


def test_the_epoch_that_validates_best_is_tested(training, low_or_high, monkeypatch):
    _, task = low_or_high
    fold = next(task.folds())
    fold = replace(fold, train=fold.train[:8], valid=fold.train[8:])
    scores = iter([0.2, 0.7, 0.7, 0.1, 0.5])  # of four epochs, and of the test
    monkeypatch.setattr("trainer.transfer.finetune.training.score", lambda *_: next(scores))
    one = training(fold=fold, epochs=4, selection="valid")
    states = []
    while not one.done:
        epoch = one.epoch
        one.take_step()
        if one.epoch > epoch:
            states.append({name: tensor.clone() for name, tensor in one.model.state_dict().items()})
    outcome = one.test()
    assert (outcome.epoch, outcome.score) == (2, 0.5)
    assert all(torch.equal(one.best["model"][name], tensor) for name, tensor in states[1].items())
    assert [row["valid"] for row in outcome.history] == [0.2, 0.7, 0.7, 0.1]


def test_best_on_test_is_the_best_test_of_all_epochs(training):
    outcome = finetune_fold(training(epochs=4, selection="best-on-test"))
    assert outcome.score == max(row["test"] for row in outcome.history)
    assert outcome.history[outcome.epoch - 1]["test"] == outcome.score


def test_scoring_epochs_changes_nothing(training, everything):
    plain, scored = (finetune_fold(training(score_epochs=on, **everything)) for on in (False, True))
    assert torch.equal(plain.outputs, scored.outputs)
    assert [set(row) for row in plain.history] == [{"epoch", "loss", "lr"}] * 2
    assert scored.history[-1]["test"] == scored.score


def test_an_average_is_tested_in_place_of_the_last_weights(training):
    one = training(ema=0.5, epochs=1)
    while not one.done:
        one.take_step()
    averaged = one.scored_model()
    name, weight = next(iter(one.average.weights.items()))
    assert torch.equal(averaged.get_parameter(name), weight)
    assert not torch.equal(averaged.head.weight, one.model.head.weight)


# Stopping and going on ----------------------------------------------------------------------------------


class Kept:
    """Keeps states as bytes, as a file would, and interrupts after some steps."""

    def __init__(self, interrupt_at, path):
        self.steps, self.at, self.path = 0, interrupt_at, path

    @property
    def due(self):
        self.steps += 1
        return self.steps == self.at

    def save(self, state):
        torch.save(state, self.path)
        if self.steps == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("selection", ["last", "valid"])
@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_interrupted_and_gone_on_with_is_undisturbed(training, everything, tmp_path, steps, selection):
    settings = everything | {"selection": selection}
    undisturbed = finetune_fold(training(**settings))
    with pytest.raises(KeyboardInterrupt):
        finetune_fold(training(**settings), saver=Kept(steps, tmp_path / "state.pt"))
    torch.manual_seed(99)  # another process draws other numbers
    again = training(**settings)
    again.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    assert again.step == steps
    assert equal(finetune_fold(again), undisturbed)


# What goes wrong ----------------------------------------------------------------------------------------


def test_a_training_that_diverges_ends_as_a_failed_run(training, low_or_high):
    clips = [torch.full_like(clip, torch.nan) for clip in low_or_high[0]]
    with pytest.raises(RunFailedError, match=r"loss nan .* at step 1"):
        finetune_fold(training(clips=clips))


def test_memory_that_runs_out_is_said_with_the_batch(training, monkeypatch):
    one = training()

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")

    monkeypatch.setattr(one, "take_step", full)
    with pytest.raises(RunFailedError, match=r"out of memory with --batch-size 6 .*: try half"):
        finetune_fold(one)


def test_a_batch_larger_than_the_set_is_the_set(training):
    one = training(batch_size=1000, epochs=1)
    assert one.take_step() == 12
    assert one.done


def test_one_clip_a_class_can_be_learned_from(training):
    fold = Fold("tiny", np.array([12, 13]), None, np.array([0, 1]))
    assert finetune_fold(training(fold=fold, mixup=0.3)).outputs.shape == (2, 2)
    with pytest.raises(
        TrainerError, match=r"made: no class of tiny has two training clips.*--selection last"
    ):
        training(fold=fold, selection="valid")


def test_several_labels_a_clip_are_learned(training, low_or_high, everything):
    _, task = low_or_high
    clips = tuple(
        replace(clip, label=("noise", clip.label) if i % 4 < 3 else ("noise",))
        for i, clip in enumerate(task.clips)
    )
    task = Task("several", clips, 1.0)
    outcome = finetune_fold(training(task=task, **everything | {"epochs": 6}))
    assert outcome.outputs.shape == (12, 3)
    assert outcome.score > 0.7  # mAP


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"lr": -1},
        {"warmup": 1.5},
        {"mixup": -0.1},
        {"patch_mask": 1.0},
        {"drop_path": 1.0},
        {"ema": 1.0},
        {"time_mask": 1.1},
        {"freq_mask": float("nan")},
        {"masks": 0},
        {"balance": 2},
        {"crop_time": (0.0, 1.0)},
        {"crop_time": (1.0, 0.5)},
        {"crop_freq": (1.0, 5.0)},
        {"valid_share": 0},
        {"valid_share": 1},
    ],
)
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        FinetuneProtocol(**wrong)
