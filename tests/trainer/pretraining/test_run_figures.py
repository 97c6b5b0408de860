from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.shallow import shallow_settings
from tests.trainer.pretraining.test_run import losses
from trainer.errors import TrainerError
from trainer.model.patches import patchify
from trainer.pretraining.build import build_model
from trainer.pretraining.facts import loss_of_the_mean, read_facts
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.pretraining.run_figures import RunFigures

RATE = 16_000


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Tones of 1 kHz with silence after them."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(2):
        tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 2) / RATE)
        soundfile.write(folder / f"{number}.wav", tone, RATE)
    return folder


@pytest.fixture(scope="module")
def run(patterns, clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("figures") / "run"
    return pretrain(
        shallow_settings(patterns, out, show_every=2, show_audio=str(clips), tensorboard=True, stop_at=5)
    )


def test_figures_are_kept_and_the_newest_is_at_hand(run):
    names = [f"step-{step:09d}{kind}.png" for step in (2, 4, 5) for kind in ("-sound", "")]
    assert sorted(path.name for path in (run / "images").iterdir()) == names
    for kind in ("", "-sound"):
        newest = (run / f"reconstructions{kind}.png").read_bytes()
        assert newest == (run / "images" / f"step-000000005{kind}.png").read_bytes()


def test_tensorboard_shows_them_too(run):
    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    with Image.open(run / "reconstructions.png") as picture:
        shown = events.Images("reconstructions")
        assert ([event.step for event in shown], shown[-1].width) == ([2, 4, 5], picture.width)
    assert len(events.Images("reconstructions-sound")) == 3


def test_drawing_changes_no_number(run, patterns, tmp_path):
    plain = pretrain(shallow_settings(patterns, tmp_path / "run", show_every=0, stop_at=5))
    assert losses(plain) == losses(run)
    assert [path.name for path in (plain / "images").iterdir()] == ["step-000000005.png"]


@pytest.mark.parametrize("target", [{}, {"norm_pix": True}, {"norm_pix": True, "keep_mean": True}])
def test_a_model_that_says_the_truth_shows_the_original(patterns, tmp_path, monkeypatch, target):
    training = Pretraining(shallow_settings(patterns, tmp_path / "run", norm_pix_eps=1e-6, **target))
    model = training.model

    def truth(_encoded, order, _asked):
        return model.pixel_target(patchify(inputs.images, model.patch_size))

    monkeypatch.setattr(model.decoder, "forward", truth)
    figures = RunFigures(training)
    inputs = figures.shown[""]
    rows = figures.reconstructed(model, inputs)
    assert list(rows) == ["original", "masked", "reconstructed", "with visible"]
    assert rows["original"].min() >= -1e-6  # standardisation is undone
    assert rows["original"].max() <= 1 + 1e-6
    for title in ("reconstructed", "with visible"):
        torch.testing.assert_close(rows[title], rows["original"], rtol=0, atol=1e-4)
    hidden = rows["masked"].isnan()
    assert hidden.float().mean() == 0.75
    assert torch.equal(rows["masked"][~hidden], rows["original"][~hidden])
    assert model.training


def test_the_cross_decoder_is_not_shown_where_it_was_not_asked(patterns, tmp_path):
    training = Pretraining(shallow_settings(patterns, tmp_path / "run", decoder="cross", predict_share=0.5))
    figures = RunFigures(training)
    rows = figures.reconstructed(training.model, figures.shown[""])
    assert torch.equal(rows["reconstructed"].isnan(), ~rows["masked"].isnan())
    assert not rows["with visible"].isnan().any()


def test_clips_are_shown_as_spectrograms(patterns, clips, tmp_path):
    config = shallow_settings(patterns, tmp_path / "run", show_audio=str(clips))
    inputs = RunFigures(Pretraining(config)).shown["-sound"]
    assert inputs.spectrograms
    assert len(inputs.images) == 2
    nothing = replace(config, show_audio=str(patterns))
    with pytest.raises(TrainerError, match="no audio file"):
        _ = RunFigures(Pretraining(nothing)).shown


@pytest.mark.parametrize("target", ["teacher", "random-projection", "classes"])
def test_a_run_that_predicts_no_pixels_shows_its_loss_alone(patterns, tmp_path, target):
    run = pretrain(shallow_settings(patterns, tmp_path / "run", steps=1, target=target))
    assert (run / "loss.png").exists()
    assert not (run / "images").exists()
    assert read_facts(run).floor is None


@pytest.mark.parametrize("target", [{}, {"norm_pix": True}, {"norm_pix": True, "keep_mean": True}])
def test_the_floor_is_the_loss_of_the_best_constant(patterns, tmp_path, target):
    model = build_model(shallow_settings(patterns, tmp_path, **target), 1)
    images = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 + 0.5
    targets = model.pixel_target(patchify(images, (8, 8)))
    by_constant = [(targets - constant).square().mean().item() for constant in torch.linspace(-1, 2, 301)]
    assert loss_of_the_mean(model, images) == pytest.approx(min(by_constant), rel=1e-3)


def test_the_facts_of_a_run(run):
    facts = read_facts(run)
    assert (facts.pictures, facts.steps, facts.batch) == (36, 6, 4)
    assert 0.5 < facts.floor < 1.5  # standardised pixels, of pictures that are not all alike
