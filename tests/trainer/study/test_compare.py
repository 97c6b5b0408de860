import pytest

from trainer.errors import TrainerError
from trainer.results.rows import summarise
from trainer.study.compare import CompareConfig, compare, in_words


@pytest.fixture
def row(evaluated):
    def made(encoder, protocol, *scores):
        rows = evaluated([{"split": score} for score in scores], encoder=encoder, protocol=protocol)
        return summarise(rows)[0]

    return made


def test_a_sentence_says_what_encoders_gain_over_their_baselines(row):
    results = [
        row("floor", "linear", 0.64),
        row("random", "linear", 0.5),
        row("smooth", "linear", 0.53),
        row("scratch", "finetune (last)", 0.43),
        row("smooth", "finetune (last)", 0.59),
        row("rough", "finetune (last)", 0.41),
    ]
    assert in_words(results) == (
        "Linear probe on fsdd: smooth 53.0 % (+3.0) against 50.0 % for random weights; the best encoder does "
        "not beat the floor of 64.0 %. Fine-tuned on fsdd: smooth 59.0 % (+16.0), rough 41.0 % "
        "(-2.0) against 43.0 % for training from scratch."
    )


def test_the_best_of_several_baselines_is_compared_with(row):
    results = [row("random vit_tiny 8×8", "linear", 0.3), row("random vit_tiny 16×16", "linear", 0.4)]
    assert "a 50.0 % (+10.0) against 40.0 %" in in_words([*results, row("a", "linear", 0.5)])


def test_without_an_encoder_there_is_nothing_to_say(row):
    assert in_words([row("random", "linear", 0.3)]) == ""


def test_without_an_encoder_no_clip_is_read(tmp_path):
    with pytest.raises(TrainerError, match="give an encoder with --run"):
        compare(CompareConfig(task="tones", root=str(tmp_path / "nowhere"), out=str(tmp_path)))


def test_settings_are_checked_before_a_clip_is_read(tmp_path):
    with pytest.raises(Exception, match="epochs = 0"):
        compare(CompareConfig(task="tones", root=str(tmp_path / "nowhere"), out=str(tmp_path), epochs=0))
