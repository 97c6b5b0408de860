from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from trainer.tasks import Clip, Task
from trainer.transfer.finetune import plots
from trainer.transfer.finetune.mistakes import mistakes_page, picture, sound
from trainer.transfer.finetune.report import (
    Finished,
    class_precisions,
    clip_chances,
    confusion,
    worst_mistakes,
)
from trainer.transfer.finetune.training import Outcome
from trainer.transfer.scores import score


@pytest.fixture(scope="module")
def task():
    """Six clips of the classes a, b and c, in folds 1 and 2."""
    return Task("made", tuple(Clip(Path(f"{i}.wav"), "abc"[i % 3], fold=i // 3 + 1) for i in range(6)), 1.0)


def finished(task, logits, seed=0):
    """Make the evaluations of all folds from logits [6, C]."""
    return [
        Finished(fold, seed, Outcome(0.5, torch.tensor(logits)[fold.test].float(), (), 1, 1.0), None)
        for fold in task.folds()
    ]


# Columns: a, b, c. Clip 1 (b) is surely called c, clip 5 (c) hardly called a, all others are right.
LOGITS = [[5, 0, 0], [0, 0, 9], [0, 0, 4], [3, 0, 0], [0, 2, 0], [0.2, 0, 0.1]]


def test_confusions_are_counted_over_folds_and_seeds(task):
    right = [[9 * (column == i % 3) for column in range(3)] for i in range(6)]
    counts = confusion(task, [*finished(task, LOGITS), *finished(task, right, seed=1)])
    assert counts.tolist() == [[4, 0, 0], [0, 3, 1], [1, 0, 3]]


def test_the_surest_mistakes_come_first(task):
    indices, chances = clip_chances(task, finished(task, LOGITS))
    assert indices.tolist() == list(range(6))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    first, second = worst_mistakes(task, indices, chances, 24)
    assert (first.clip, first.called[0], first.labels[0][0], first.part) == (1, "c", "b", "fold 1")
    assert (second.clip, second.called[0], second.labels[0][0]) == (5, "a", "c")
    assert first.called[1] == pytest.approx(np.exp(9) / (np.exp(9) + 2))
    assert first.likeliest[0][0] == "c"
    assert [mistake.clip for mistake in worst_mistakes(task, indices, chances, 1)] == [1]


def test_seeds_are_heard_together(task):
    sure = [[0, 0, 9] if i == 1 else row for i, row in enumerate(LOGITS)]
    unsure = [[0, 9, 0] if i == 1 else row for i, row in enumerate(LOGITS)]
    _, one = clip_chances(task, finished(task, sure))
    _, both = clip_chances(task, [*finished(task, sure), *finished(task, unsure, seed=1)])
    assert both[1, 2] == pytest.approx(one[1, 2] / 2, abs=1e-3)


def test_of_several_labels_a_mistake_is_an_absent_one_before_a_present_one(task):
    labels = (("a",), ("a", "b"), ("c",), ("a",), ("b", "c"), ("c",))
    several = Task(
        "several",
        tuple(replace(clip, label=label) for clip, label in zip(task.clips, labels, strict=True)),
        1.0,
    )
    logits = [[3, -3, -3], [3, -3, 2], [-3, -3, -2], [3, -3, -3], [-3, 3, 3], [4, -3, 3]]
    indices, chances = clip_chances(several, finished(several, logits))
    found = worst_mistakes(several, indices, chances, 24)
    assert [(mistake.clip, mistake.called[0]) for mistake in found] == [(5, "a"), (1, "c")]
    assert [name for name, _ in found[1].labels] == ["a", "b"]
    precisions = class_precisions(several, indices, chances)
    assert precisions.mean() == pytest.approx(score(chances, several.targets))


def test_a_class_that_no_tested_clip_has_has_no_precision():
    task = Task("t", (Clip(Path("0"), ("a", "b"), split="train"), Clip(Path("1"), ("a",), split="test")), 1.0)
    found = class_precisions(task, np.array([1]), np.array([[0.2, 0.4]]))
    assert found[0] == 1
    assert np.isnan(found[1])


# Pictures -----------------------------------------------------------------------------------------------


def size(path):
    with Image.open(path) as image:
        return image.size


@pytest.mark.parametrize("classes", [2, 12, 50, 1251])
def test_a_confusion_matrix_of_any_size_is_drawn(tmp_path, classes):
    names = [f"${i}_<{i}" * (1 + 9 * (i % 2)) for i in range(classes)]
    plots.confusion(tmp_path / "c.png", names, np.eye(classes, dtype=int), title="t $ \x00")
    width, height = size(tmp_path / "c.png")
    assert min(width, height) > 250
    assert max(width, height) < 3000
    if 12 < classes < 100:  # a name a row, in letters of 7 points
        assert height > classes * 14


@pytest.mark.parametrize("scored", [False, True])
@pytest.mark.parametrize("epochs", [1, 5])
def test_curves_are_drawn(tmp_path, scored, epochs):
    extra = {"test": 0.5, "valid": 0.4} if scored else {}
    history = [{"epoch": i + 1, "loss": 1 / (i + 1), "lr": 0.1} | extra for i in range(epochs)]
    histories, scores = {"scratch": [history] * 2, "a": [history]}, {"scratch": [0.2, 0.3], "a": [0.5]}
    plots.curves(tmp_path / "c.png", histories, scores, metric="mAP")
    assert size(tmp_path / "c.png")[0] > 800


def test_of_very_many_classes_the_best_and_the_worst_have_bars(tmp_path):
    for count, name in ((5, "few.png"), (527, "many.png")):
        precisions = np.linspace(0, 1, count)
        precisions[0] = np.nan
        plots.class_bars(tmp_path / name, [f"class {i}" for i in range(count)], precisions, title="t")
    assert size(tmp_path / "few.png")[1] < size(tmp_path / "many.png")[1] < 2000


# The page -----------------------------------------------------------------------------------------------


def test_what_a_page_holds_of_a_clip_is_bounded(tmp_path):
    soundfile.write(tmp_path / "hour.wav", np.random.default_rng(0).uniform(-1, 1, 400_000), 8000)
    assert len(sound(tmp_path / "hour.wav", 10.0)) < 10 * 16_000 * 2 * 4 / 3 + 1000
    assert len(picture(torch.randn(128, 100_000))) < 1_000_000


def test_a_silent_clip_and_a_flat_spectrogram_are_shown(tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(800), 8000)
    assert sound(tmp_path / "silent.wav", 1.0).startswith("data:audio/flac;base64,")
    assert picture(torch.zeros(80, 3)).startswith("data:image/png;base64,")


def test_without_a_mistake_the_page_says_so():
    page = mistakes_page([], [], title="t", root=".", clip_seconds=1.0, tested=7)
    assert "No mistake among 7 tested clips." in page
    assert "<li>" not in page
