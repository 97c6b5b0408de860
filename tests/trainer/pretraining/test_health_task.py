from collections import Counter

import numpy as np
import pytest
import soundfile
import torch

from tests.band_encoders import write_tones
from tests.drawn import draw
from tests.shallow import shallow_settings
from trainer.errors import TrainerError
from trainer.pretraining import health_task
from trainer.pretraining.health_task import HealthTask
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    write_tones(folder)
    return folder


def settings(tones, run, **changes):
    asked = {"health_every": 2, "health_task": "csv", "health_root": str(tones), "image_size": 24}
    return shallow_settings(run.parent / "set", run, **asked | changes)


def test_features_that_tell_the_class_are_right_and_those_that_tell_nothing_are_at_chance(tones, tmp_path):
    task = HealthTask(settings(tones, tmp_path / "run"))
    classes = torch.from_numpy(task.task.targets)
    assert task.accuracy(lambda images: torch.eye(3)[classes]) == 1
    noise = torch.randn(400, len(classes), 8, generator=torch.Generator().manual_seed(0))
    chance = np.mean([task.accuracy(lambda images, told=told: told) for told in noise])
    assert chance == pytest.approx(1 / 3, abs=0.03)


def test_of_a_large_task_each_class_and_fold_gives_its_share(tones, tmp_path, monkeypatch):
    monkeypatch.setattr(health_task, "CLIPS", 12)
    task = HealthTask(settings(tones, tmp_path / "run"))
    assert len(task.images) == 12
    cells = Counter((clip.label, clip.fold) for clip in task.task.clips)
    assert cells == {(label, fold): 2 for label in "xyz" for fold in (1, 2)}


def test_a_run_tells_what_its_features_are_worth_and_goes_on_as_before(tones, tmp_path):
    draw(tmp_path / "set", count=24, size=24, seed=1)
    asked = settings(tones, tmp_path / "asked")
    rows = read_metrics(pretrain(asked))
    told = [row["knn"] for row in rows if "knn" in row]
    assert len(told) == asked.steps // 2
    assert all(0.4 < accuracy <= 1 for accuracy in told)  # tones of three pitches: a look tells them
    blind = settings(
        tones, tmp_path / "blind", health_every=0, health_task=None, health_root=None, log_every=1
    )
    losses = {row["step"]: row["loss"] for row in read_metrics(pretrain(blind))}
    assert all(losses[row["step"]] == row["loss"] for row in rows)
    assert (tmp_path / "asked/health.png").exists()


def test_what_cannot_be_asked_is_refused_before_the_first_step(tones, tmp_path):
    with pytest.raises(TrainerError, match=r"^--health-task and --health-root go together"):
        settings(tones, tmp_path / "run", health_root=None)
    with pytest.raises(TrainerError, match=r"say how often with --health-every$"):
        settings(tones, tmp_path / "run", health_every=0)
    several = tmp_path / "several"
    several.mkdir()
    for name in ("a", "b", "c", "d"):
        soundfile.write(several / f"{name}.wav", np.ones(4000) / 2, 16_000)
    lines = ["file_name,label,split", "a.wav,x;y,train", "b.wav,x,train", "c.wav,y,test", "d.wav,x;y,test"]
    (several / "metadata.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(TrainerError, match=r"^--health-task csv.*: its clips may have several labels"):
        Pretraining(settings(several, tmp_path / "run", health_task="csv"))
    assert not (tmp_path / "run").exists()
