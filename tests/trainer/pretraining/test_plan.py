import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.plan import plan


def planned(pictures=1000, ranks=1, **changes):
    return plan(PretrainConfig(data=("data",), out="run", **changes), pictures=pictures, ranks=ranks)


def test_the_published_recipe():
    found = planned(
        1_281_167, 8, batch_size=64, accumulate=8, epochs=800, warmup_epochs=40, blr=1.5e-4
    )  # He et al.: batch 4096, learning rate 2.4e-3
    assert found.batch == 4096
    assert found.lr == pytest.approx(2.4e-3)
    assert found.steps == 250_228  # 800 × 1 281 167 / 4096, rounded up
    assert found.warmup / found.steps == pytest.approx(40 / 800, rel=1e-5)


@given(st.integers(1, 64), st.integers(1, 8), st.integers(1, 8), st.integers(1, 10_000))
def test_a_run_sees_what_was_asked_for_and_less_than_a_step_more(batch_size, accumulate, ranks, images):
    found = planned(ranks=ranks, batch_size=batch_size, accumulate=accumulate, images=images)
    assert 0 <= found.steps * found.batch - images < found.batch
    assert found == planned(images, ranks, batch_size=batch_size, accumulate=accumulate, epochs=1.0)


def test_steps_are_steps_and_defaults_are_told():
    assert planned(steps=40, ranks=3, accumulate=2).steps == 40
    assert planned(steps=40).lr == 5e-4
    assert planned(steps=40).warmup == 2  # 5 %
    assert planned(steps=40, warmup_steps=7).warmup == 7
    assert planned(steps=40, warmup_epochs=1.0, batch_size=50).warmup == 20


def test_a_warm_up_must_end_before_the_run():
    assert planned(steps=5, warmup_steps=5).warmup == 5
    with pytest.raises(TrainerError, match=r"a warm-up of 6\.25 steps is longer than the run of 6"):
        planned(steps=6, warmup_epochs=1.0, batch_size=160)
