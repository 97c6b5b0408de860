import math

import pytest
import torch

from trainer.model.contrast import info_nce


def test_the_loss_by_hand():
    one = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    other = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    similarity = [[0.6, 0.0], [0.8, 1.0]]  # cosines: rows of the one, columns of the other

    def cost(scores, partner):
        return -math.log(math.exp(scores[partner] / 0.5) / sum(math.exp(score / 0.5) for score in scores))

    rows = (cost(similarity[0], 0) + cost(similarity[1], 1)) / 2
    columns = (cost([0.6, 0.8], 0) + cost([0.0, 1.0], 1)) / 2
    assert info_nce(one, other, 0.5).item() == pytest.approx((rows + columns) / 2, rel=1e-6)


def test_vectors_that_tell_nothing_cost_the_logarithm_of_the_batch():
    same = torch.ones(7, 5)
    assert info_nce(same, same, 0.1).item() == pytest.approx(math.log(7))


def test_partners_that_are_alone_alike_cost_nothing():
    assert info_nce(torch.eye(6), torch.eye(6), 0.01).item() < 1e-6
