import pytest
import torch
from torch import nn

from trainer.training.average import Average
from trainer.training.ranks import Ranks

ALONE = Ranks(torch.device("cpu"))


@pytest.fixture
def model():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    layers[0].bias.requires_grad_(False)
    return layers


def test_the_average_is_that_of_the_formula(model):
    average = Average(model, decay=0.5)
    expected = model[0].weight.detach().clone()
    for step in range(1, 30):
        model[0].weight.data += 0.1 * step
        average.update(model, step)
        keep = min(0.5, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * model[0].weight.detach()
    torch.testing.assert_close(average.weights["0.weight"], expected)


def test_weights_that_stand_still_are_their_own_average(model):
    average = Average(model, decay=0.999)
    for step in range(1, 100):
        average.update(model, step)
    assert all(torch.equal(average.weights[name], model.state_dict()[name]) for name in average.weights)


def test_what_is_not_learned_comes_from_the_model(model):
    average = Average(model, decay=0.9)
    model[0].weight.data += 1
    model[0].bias.data += 1
    part = average.state_dict(model, "0.")
    assert part.keys() == {"weight", "bias"}
    assert torch.equal(part["bias"], model[0].bias)
    torch.testing.assert_close(part["weight"], model[0].weight - 1)


def test_a_saved_average_is_taken_over_or_refused(model):
    one, other = Average(model, decay=0.9), Average(model, decay=0.9)
    model[0].weight.data += 1
    one.update(model, 1)
    other.load(one.weights, ALONE)
    assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
    with pytest.raises(KeyError):
        other.load({}, ALONE)
